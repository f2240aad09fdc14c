#include "reports/references.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/model_names.h"
#include "reports/run_table.h"
#include "reports/same_settings.h"
#include "reports/table.h"
#include "reports/words.h"

namespace assay::reports {
namespace {

using datasets::PublishedNumber;

bool is_model(const SystemName& model, const PublishedNumber& number) {
  if (system_name(number.system).words != model.words) return false;
  return number.variant == "vendor" || (number.variant == "instruct") == model.instruct;
}

// gsm8k_cot is the same benchmark with other examples.
bool is_task(const std::string& task, const PublishedNumber& number) {
  return number.task == task || (task == "gsm8k_cot" && number.task == "gsm8k");
}

const SameSetting* same_setting(const Measured& measured, const PublishedNumber& number) {
  for (const SameSetting& row : same_settings()) {
    const bool ours = row.task == measured.task && row.protocol == measured.protocol && row.shots == measured.shots &&
                      row.samples == measured.samples && row.max_tokens == measured.max_tokens &&
                      row.chat == measured.chat;
    const bool theirs = row.task == number.task && row.variant == number.variant &&
                        row.reported_by == number.reported_by && row.source_date == number.source_date &&
                        row.published_metric == number.metric && row.published_shots == number.shots &&
                        row.setting == number.setting;
    if (ours && theirs) return &row;
  }
  return nullptr;
}

const scorers::Metric* find_metric(const Measured& measured, const SameSetting& setting) {
  for (const scorers::Metric& metric : measured.metrics) {
    if (metric.subset.empty() && metric.name == setting.metric && metric.average == setting.average) return &metric;
  }
  return nullptr;
}

std::string setting_of(const PublishedNumber& number) {
  std::string text = number.shots.empty() ? "shots not stated" : number.shots + "-shot";
  if (number.metric == "accuracy_macro" && number.setting.find("macro") == std::string::npos) text += "; macro average";
  if (!number.setting.empty()) text += "; " + number.setting;
  return text;
}

Reference refer(const Measured& measured, const PublishedNumber& number) {
  Reference reference;
  reference.number = number;
  const SameSetting* setting = same_setting(measured, number);
  const scorers::Metric* metric = setting != nullptr ? find_metric(measured, *setting) : nullptr;
  if (metric == nullptr) {
    reference.sentence = fmt::format("measured with another setting ({})", setting_of(number));
    return reference;
  }
  reference.same_setting = true;
  reference.agrees = number.value >= 100 * metric->low && number.value <= 100 * metric->high;
  reference.sentence = fmt::format("{} the interval ({} .. {})", *reference.agrees ? "agrees within" : "lies outside",
                                   format_score(*metric, metric->low), format_score(*metric, metric->high));
  return reference;
}

// Of the manifest's decoding, which is null where nothing is generated.
int max_tokens_of(const store::Json& decoding) {
  if (decoding.is_null()) return 0;
  const bool greedy = decoding.is_object() && decoding.contains("temperature") && decoding.at("temperature") == 0 &&
                      decoding.value("samples", store::Json()) == 1;
  const store::Json limit = greedy ? decoding.value("max_tokens", store::Json()) : store::Json();
  return limit.is_number_integer() ? limit.get<int>() : -1;
}

}  // namespace

Measured measured_by(const store::Run& run, const std::map<std::string, std::string>& tags) {
  Measured measured;
  measured.task = run.info.task;
  measured.protocol = run.info.protocol;
  measured.metrics = run.metrics;
  if (const auto tag = tags.find("system"); tag != tags.end()) measured.system = tag->second;
  const auto text = [](const store::Json& object, const char* key) {
    return object.is_object() && object.contains(key) && object.at(key).is_string() ? object.at(key).get<std::string>()
                                                                                    : std::string();
  };
  measured.model = text(run.manifest, "model_name");
  const store::Json asked = run.manifest.value("asked", store::Json::object());
  if (!asked.is_object()) return measured;
  if (asked.contains("shots") && asked.at("shots").is_number_integer()) measured.shots = asked.at("shots").get<int>();
  if (asked.contains("samples") && asked.at("samples").is_number_integer()) {
    measured.samples = asked.at("samples").get<int>();
  }
  measured.max_tokens = max_tokens_of(asked.value("decoding", store::Json()));
  measured.chat = asked.contains("chat") && asked.at("chat") == true;
  return measured;
}

std::vector<Reference> references_for(const Measured& measured, const std::vector<PublishedNumber>& numbers) {
  const SystemName model = system_name(measured.system.empty() ? measured.model : measured.system);
  std::vector<Reference> references;
  if (model.words.empty()) return references;
  for (const PublishedNumber& number : numbers) {
    // Numbers that were only recalled wait until somebody has verified them.
    if (number.confidence == "memory") continue;
    if (is_task(measured.task, number) && is_model(model, number)) references.push_back(refer(measured, number));
  }
  std::stable_sort(references.begin(), references.end(), [](const Reference& a, const Reference& b) {
    if (a.same_setting != b.same_setting) return a.same_setting;
    return a.number.source_date < b.number.source_date;
  });
  return references;
}

std::string references_text(const std::vector<Reference>& references, const TextStyle& style, const std::string& side) {
  if (references.empty()) return "";
  const PublishedNumber& first = references.front().number;
  Table table({"published", "metric", "reported by", "date"}, {0, 1, 2, 3});
  for (const size_t column : {2, 1, 0, 3}) table.may_shorten(column, 20);
  for (const Reference& reference : references) {
    const PublishedNumber& number = reference.number;
    table.add({number.printed, number.metric, number.reported_by, number.source_date});
    std::string sentence = wrapped(reference.sentence, "  ");
    sentence.pop_back();  // the newline
    table.add_line(std::move(sentence));
  }
  return wrapped(fmt::format("{}published numbers of {}, {} (sources: assay reference list)", side, first.system,
                             first.variant)) +
         table.text(style);
}

store::Json references_json(const std::vector<Reference>& references) {
  store::Json list = store::Json::array();
  for (const Reference& reference : references) {
    const PublishedNumber& number = reference.number;
    list.push_back({{"system", number.system},
                    {"variant", number.variant},
                    {"metric", number.metric},
                    {"value", number.value},
                    {"unit", number.unit},
                    {"shots", number.shots},
                    {"setting", number.setting},
                    {"reported_by", number.reported_by},
                    {"source", number.source},
                    {"source_date", number.source_date},
                    {"confidence", number.confidence},
                    {"same_setting", reference.same_setting},
                    {"agrees", reference.agrees ? store::Json(*reference.agrees) : store::Json()},
                    {"sentence", reference.sentence}});
  }
  return list;
}

}  // namespace assay::reports

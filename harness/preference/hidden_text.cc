#include "harness/preference/hidden_text.h"

#include "base/error.h"
#include "base/text.h"

namespace assay::harness {
namespace {

constexpr const char* kTextPurpose = "assay sealed set: responses and comments";
constexpr const char* kMarkPurpose = "assay sealed set: marks of prompts";
constexpr std::string_view kSealedWord = "sealed:";

}  // namespace

HiddenTexts::HiddenTexts(const datasets::OpenedSet& set)
    : set_(set.file.set),
      key_(derive_key(set.data_key, kTextPurpose)),
      mark_key_(derive_key(set.data_key, kMarkPurpose)) {}

std::string HiddenTexts::seal(std::string_view place, std::string_view text) const {
  return fmt::format("{}{}", kSealedWord, to_base64(encrypt(key_, text, fmt::format("{} {}", set_, place))));
}

std::string HiddenTexts::open(std::string_view place, std::string_view sealed) const {
  std::optional<std::string> box;
  if (sealed.starts_with(kSealedWord)) box = from_base64(sealed.substr(kSealedWord.size()));
  std::optional<Secret> text;
  if (box) text = decrypt(key_, *box, fmt::format("{} {}", set_, place));
  if (!text) fail_input("{}: the stored text was changed, or is of another hidden set", printable(place));
  return std::string(text->view());
}

std::string HiddenTexts::mark(std::string_view text) const {
  return authenticate(mark_key_, text);
}

std::string response_place(const std::string& id, int sample) {
  return fmt::format("response {} {}", id, sample);
}

std::map<std::string, std::string> open_responses(const store::Store& store, const store::RunInfo& run,
                                                  const datasets::OpenedSet& set) {
  const store::Run stored = store.load_run(run.number);
  const store::Json& asked = stored.manifest.at("asked");
  if (!asked.contains("hidden_set")) {
    fail(ExitCode::kUsage, "run {}/{}: is no run of `assay preference run`", run.batch, run.task);
  }
  if (asked.at("hidden_set") != set.file.set) {
    fail(ExitCode::kUsage, "run {}/{}: its prompts are of another hidden set than {}", run.batch, run.task,
         set.file.origin);
  }
  const HiddenTexts texts(set);
  std::map<std::string, std::string> responses;
  for (const store::StoredSample& sample : store.load_samples(run.number)) {
    if (!sample.response || sample.plan.sample != 0) continue;
    const auto& generated = std::get<engine::GenerateResponse>(sample.response->body);
    responses[sample.plan.id] = texts.open(response_place(sample.plan.id, 0), generated.text);
  }
  return responses;
}

}  // namespace assay::harness

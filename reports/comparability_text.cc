// How far two runs were alike, in words and as JSON.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "reports/comparison_text.h"
#include "reports/shorten.h"
#include "reports/words.h"

namespace assay::reports {
namespace {

std::string last_name(const std::string& path) {
  return path.substr(path.find('.') == std::string::npos ? 0 : path.find('.') + 1);
}

// A fact is known by its beginning, a path to a model by its end.
std::string fact_text(const store::Json& value, const TextStyle& style) {
  constexpr size_t kLongest = 60;
  if (!value.is_string() || is_hash(value.get<std::string>()))
    return shortened(show_value(value), kLongest, Cut::kEnd, style);
  return shortened_model(value.get<std::string>(), kLongest, style);
}

void add_once(std::vector<std::string>& lines, const std::string& line) {
  if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(line);
}

store::Json difference_json(const FieldDifference& difference) {
  return {{"field", difference.path}, {"a", difference.a}, {"b", difference.b}};
}

}  // namespace

std::string comparability_text(const std::vector<const Comparability*>& tasks, const TextStyle& style) {
  std::vector<std::string> facts;
  std::vector<std::string> unknown_facts;
  std::vector<std::string> unknown;
  std::vector<std::string> allowed;
  for (const Comparability* task : tasks) {
    for (const FieldDifference& fact : task->facts) {
      if (fact.unknown()) {
        add_once(unknown_facts, last_name(fact.path));
      } else {
        add_once(facts,
                 fmt::format("{} {} | {}", last_name(fact.path), fact_text(fact.a, style), fact_text(fact.b, style)));
      }
    }
    for (const FieldDifference& field : task->unknown) add_once(unknown, last_name(field.path));
    for (const Obstacle& obstacle : task->allowed) add_once(allowed, obstacle.says);
  }
  std::string text;
  if (!facts.empty()) text += wrapped("differ (facts, not in the way): " + join(facts, "; "));
  if (!unknown_facts.empty()) text += wrapped("facts not known of one side: " + join(unknown_facts, ", "));
  if (!unknown.empty()) text += wrapped("not known of one side, taken as equal: " + join(unknown, ", "));
  for (const std::string& line : allowed) text += wrapped("COMPARED ALL THE SAME, by --allow: " + line);
  return text;
}

store::Json comparability_json(const Comparability& comparability) {
  store::Json json = {
      {"facts", store::Json::array()}, {"unknown", store::Json::array()}, {"allowed", store::Json::array()}};
  for (const FieldDifference& fact : comparability.facts) json["facts"].push_back(difference_json(fact));
  for (const FieldDifference& field : comparability.unknown) json["unknown"].push_back(difference_json(field));
  for (const Obstacle& obstacle : comparability.allowed) {
    json["allowed"].push_back({{"field", obstacle.field}, {"says", obstacle.says}});
  }
  return json;
}

}  // namespace assay::reports

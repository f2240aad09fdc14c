#include "reports/selection.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/text.h"

namespace assay::reports {
namespace {

// '0' stands for a digit, anything else for itself.
bool has_form(const std::string& text, std::string_view form) {
  return text.size() == form.size() && std::equal(text.begin(), text.end(), form.begin(), [](char c, char wanted) {
           return wanted == '0' ? c >= '0' && c <= '9' : c == wanted;
         });
}

void check_date(const std::string& date) {
  const bool formed = has_form(date, "0000-00-00") || has_form(date, "0000-00-00T00:00:00Z");
  const int month = formed ? std::stoi(date.substr(5, 2)) : 0;
  const int day = formed ? std::stoi(date.substr(8, 2)) : 0;
  if (month >= 1 && month <= 12 && day >= 1 && day <= 31) return;
  fail(ExitCode::kUsage, "--since '{}': give a day as 2026-11-25, or a time as 2026-11-25T14:03:07Z (UTC)",
       printable(date));
}

std::vector<store::RunInfo> named_runs(const store::Store& store, const std::vector<std::string>& names) {
  if (names.empty()) return store.runs();
  std::vector<store::RunInfo> runs;
  std::set<int64_t> seen;
  for (const std::string& name : names) {
    for (store::RunInfo& run : store.resolve(name)) {
      if (seen.insert(run.number).second) runs.push_back(std::move(run));
    }
  }
  return runs;
}

bool is_selected(const store::Batch& batch, const Selection& selection) {
  const bool tagged = std::all_of(selection.tags.begin(), selection.tags.end(), [&](const auto& tag) {
    const auto found = batch.tags.find(tag.first);
    return found != batch.tags.end() && found->second == tag.second;
  });
  // Times in UTC of one form: their order is that of their letters, and a day comes before its own times.
  return tagged && batch.started >= selection.since;
}

std::string words_of(const Selection& selection) {
  std::vector<std::string> words;
  for (const auto& [key, value] : selection.tags) words.push_back(fmt::format("--tag {}={}", key, value));
  if (!selection.since.empty()) words.push_back("--since " + selection.since);
  return printable(join(words, " and "));
}

}  // namespace

std::pair<std::string, std::string> parse_tag(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    fail(ExitCode::kUsage, "--tag '{}': give KEY=VALUE", printable(text));
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

std::vector<store::RunInfo> select_runs(const store::Store& store, const Selection& selection) {
  if (selection.runs.empty() && selection.tags.empty() && selection.since.empty()) {
    fail(ExitCode::kUsage, "say which runs: a RUN, latest, --tag KEY=VALUE or --since DATE; `assay runs` lists them");
  }
  if (!selection.since.empty()) check_date(selection.since);
  std::vector<store::RunInfo> runs = named_runs(store, selection.runs);
  if (runs.empty()) {
    fail(ExitCode::kUsage, "{} holds no run yet; make one with `assay run`", store.path().string());
  }
  std::set<int64_t> batches;
  for (const store::Batch& batch : store.batches()) {
    if (is_selected(batch, selection)) batches.insert(batch.id);
  }
  std::erase_if(runs, [&](const store::RunInfo& run) { return !batches.contains(run.batch_id); });
  if (runs.empty()) {
    fail(ExitCode::kUsage, "{}: no run fits {}; `assay runs` lists them", store.path().string(), words_of(selection));
  }
  return runs;
}

}  // namespace assay::reports

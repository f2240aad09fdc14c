#include "harness/rating/round.h"

#include <algorithm>

#include "base/entropy.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "harness/rating/session.h"
#include "tasks/hidden_prompts.h"

namespace assay::harness {
namespace {

using store::Json;

void check(const AssignRules& rules) {
  const auto in = [](double value, double low, double high) { return value >= low && value <= high; };
  if (!in(rules.overlap, 1, 1000)) fail(ExitCode::kUsage, "--overlap {}: is not 1 to 1000", rules.overlap);
  if (!in(rules.repeats, 0, 0.5)) fail(ExitCode::kUsage, "--repeats {}: is no share from 0 to 0.5", rules.repeats);
  if (!in(rules.gold, 0, 0.4)) fail(ExitCode::kUsage, "--gold {}: is no share from 0 to 0.4", rules.gold);
  if (rules.items < 0) fail(ExitCode::kUsage, "--items {}: is negative", rules.items);
  if (!in(static_cast<double>(rules.lease_s), 1, 1e9)) {
    fail(ExitCode::kUsage, "--lease {}: is not a number of seconds from 1", rules.lease_s);
  }
}

AssignRules rules_asked(const RoundRequest& request, AssignRules rules) {
  rules.overlap = request.overlap.value_or(rules.overlap);
  rules.items = request.items.value_or(rules.items);
  rules.repeats = request.repeats.value_or(rules.repeats);
  rules.gold = request.gold.value_or(rules.gold);
  rules.seed = request.seed.value_or(rules.seed);
  rules.lease_s = request.lease_s.value_or(rules.lease_s);
  check(rules);
  return rules;
}

std::vector<store::RunInfo> runs_named(const store::Store& database, const std::vector<std::string>& names) {
  std::vector<store::RunInfo> runs;
  for (const std::string& name : names) {
    std::vector<store::RunInfo> found = database.resolve(name);
    // A batch may hold benchmarks beside.
    std::erase_if(found,
                  [&](const store::RunInfo& run) { return found.size() > 1 && run.task != tasks::kPreferenceTask; });
    if (found.size() != 1) fail(ExitCode::kUsage, "--runs {}: is not one run of `assay preference run`", name);
    for (const store::RunInfo& run : runs) {
      if (run.number == found[0].number) fail(ExitCode::kUsage, "--runs: run {} is named twice", run.number);
    }
    runs.push_back(std::move(found[0]));
  }
  return runs;
}

void check_same(const OpenedRound& opened, const RoundRequest& request, const std::vector<store::RunInfo>& runs,
                const datasets::OpenedSet& set) {
  const store::Round& round = opened.round;
  const auto differs = [&](std::string_view what) {
    fail(ExitCode::kUsage,
         "round {} was begun with other {}; continue it without naming them, or choose another --name", round.name,
         what);
  };
  if (round.hidden_set != set.file.set) differs("prompts (--set)");
  std::vector<int64_t> numbers;
  for (const store::RunInfo& run : runs) numbers.push_back(run.number);
  std::vector<int64_t> before = round.runs;
  std::sort(numbers.begin(), numbers.end());
  std::sort(before.begin(), before.end());
  if (!request.runs.empty() && numbers != before) differs("runs");
  if (!(rules_asked(request, opened.rules) == opened.rules)) differs("options");
  const Json categories = request.categories;
  if (!request.categories.empty() && round.options.value("categories", Json::array()) != categories) {
    differs("categories");
  }
}

std::vector<store::RoundItem> all_pairs(const Material& material, const std::vector<std::string>& prompts) {
  std::vector<store::RoundItem> items;
  const int runs = static_cast<int>(material.responses.size());
  for (const std::string& prompt : prompts) {
    for (int first = 0; first < runs; ++first) {
      for (int second = first + 1; second < runs; ++second) {
        items.push_back({prompt, material.prompts.at(prompt).category, first, second});
      }
    }
  }
  return items;
}

void check_categories(const RoundRequest& request, const datasets::OpenedSet& set) {
  std::vector<std::string> names;
  for (const auto& [name, count] : set.file.categories) names.push_back(name);
  for (const std::string& category : request.categories) {
    if (!set.file.categories.contains(category)) {
      fail(ExitCode::kUsage, "--categories {}: the set has {}", printable(category), join(names, ", "));
    }
  }
}

}  // namespace

Json to_json(const AssignRules& rules) {
  return {{"overlap", rules.overlap}, {"repeats", rules.repeats}, {"gold", rules.gold},
          {"items", rules.items},     {"seed", rules.seed},       {"lease_s", rules.lease_s}};
}

AssignRules rules_of(const store::Round& round) {
  const Json& options = round.options;
  try {
    return {.overlap = options.at("overlap").get<int>(),
            .repeats = options.at("repeats").get<double>(),
            .gold = options.at("gold").get<double>(),
            .items = options.at("items").get<int>(),
            .seed = options.at("seed").get<uint64_t>(),
            .lease_s = options.at("lease_s").get<int64_t>()};
  } catch (const Json::exception&) {
    fail_input("round {}: its options cannot be read; restore a copy of the database", round.name);
  }
}

OpenedRound open_round(const std::filesystem::path& database, const RoundRequest& request,
                       const datasets::OpenedSet& set) {
  const store::Store runs_store(database, store::Store::Mode::kWrite);
  store::Ratings ratings(database, store::Store::Mode::kWrite);
  std::vector<store::RunInfo> runs = runs_named(runs_store, request.runs);
  OpenedRound opened;
  if (std::optional<store::Round> found = ratings.round_named(request.name)) {
    opened.round = std::move(*found);
    opened.rules = rules_of(opened.round);
    check_same(opened, request, runs, set);
    runs.clear();
    for (const int64_t number : opened.round.runs) runs.push_back(runs_store.load_run(number).info);
    opened.material = open_material(runs_store, runs, set);
    return opened;
  }
  if (runs.size() < 2) fail(ExitCode::kUsage, "--runs: a round compares two runs or more");
  check_categories(request, set);
  AssignRules fresh;
  fresh.seed = random_seed();
  opened.rules = rules_asked(request, fresh);
  opened.material = open_material(runs_store, runs, set);
  const std::vector<std::string> prompts = opened.material.answered(set, request.categories, opened.left_out);
  if (prompts.empty()) fail(ExitCode::kUsage, "--runs: no prompt has an answer in every run; nothing can be rated");
  store::NewRound round;
  round.name = request.name;
  round.hidden_set = set.file.set;
  round.options = to_json(opened.rules);
  round.options["categories"] = request.categories;
  round.secret = new_session_secret();
  for (const store::RunInfo& run : runs) round.runs.push_back(run.number);
  round.items = all_pairs(opened.material, prompts);
  opened.round = ratings.create_round(round);
  opened.begun = true;
  return opened;
}

std::vector<std::string> read_raters(const std::filesystem::path& file) {
  const std::string text = read_file(file);
  std::vector<std::string> names;
  for (const std::string_view line : split_lines(text)) {
    const std::string name(python_strip(line));
    if (name.empty() || name.starts_with('#')) continue;
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      fail(ExitCode::kUsage, "--raters {}: {} is there twice", file.string(), printable(name));
    }
    names.push_back(name);
  }
  if (names.empty()) fail(ExitCode::kUsage, "--raters {}: has no name; one a line", file.string());
  return names;
}

}  // namespace assay::harness

#include "scorers/repeats.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "scorers/statistics/pass_at_k.h"

namespace assay::scorers {
namespace {

constexpr char kPassAt1[] = "pass@1";

struct Tally {
  double sum = 0;
  int64_t answers = 0;
};

struct Item {
  ScoredSample sample;  // its values are filled at the end
  std::map<std::string, Tally> tallies;
};

std::vector<Item> group(const std::vector<ScoredSample>& samples) {
  std::vector<Item> items;
  std::map<std::pair<std::string, std::string>, size_t> places;
  for (const ScoredSample& sample : samples) {
    size_t place = items.size();
    if (!sample.id.empty()) place = places.emplace(std::pair(sample.subset, sample.id), place).first->second;
    if (place == items.size()) items.push_back({{sample.subset, sample.cluster, {}, sample.id}, {}});
    for (const auto& [score, value] : sample.values) {
      Tally& tally = items[place].tallies[score];
      tally.sum += value;
      ++tally.answers;
    }
  }
  return items;
}

// The fewest answers that any item has with this score; 0 where none has it.
int64_t fewest_answers(const std::vector<Item>& items, const std::string& score) {
  int64_t fewest = 0;
  for (const Item& item : items) {
    const auto found = item.tallies.find(score);
    if (found != item.tallies.end() && (fewest == 0 || found->second.answers < fewest)) fewest = found->second.answers;
  }
  return fewest;
}

void estimate(std::vector<Item>& items, const std::string& score, int64_t k, const std::string& name) {
  for (Item& item : items) {
    const auto found = item.tallies.find(score);
    if (found == item.tallies.end()) continue;
    item.sample.values[name] = pass_at_k(found->second.answers, std::llround(found->second.sum), k);
  }
}

}  // namespace

std::vector<int64_t> reported_k(int64_t answers) {
  std::vector<int64_t> all;
  for (const int64_t k : {1, 10, 100}) {
    if (k < answers) all.push_back(k);
  }
  if (answers > 0) all.push_back(answers);
  return all;
}

std::pair<std::vector<Scorer::ScoreName>, std::vector<ScoredSample>> join_repeats(
    const std::vector<Scorer::ScoreName>& names, const std::vector<ScoredSample>& samples) {
  std::vector<Item> items = group(samples);
  std::vector<Scorer::ScoreName> all_names;
  for (const Scorer::ScoreName& name : names) {
    all_names.push_back(name);
    if (name.metric != kPassAt1) continue;
    for (const int64_t k : reported_k(fewest_answers(items, name.score))) {
      if (k == 1) continue;  // the mean itself
      const std::string metric = fmt::format("pass@{}", k);
      estimate(items, name.score, k, metric);
      all_names.push_back({metric, metric, name.filter});
    }
  }
  std::vector<ScoredSample> joined;
  joined.reserve(items.size());
  for (Item& item : items) {
    for (const auto& [score, tally] : item.tallies) {
      item.sample.values[score] = tally.sum / static_cast<double>(tally.answers);
    }
    joined.push_back(std::move(item.sample));
  }
  return {std::move(all_names), std::move(joined)};
}

}  // namespace assay::scorers

#include "reports/score_columns.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "base/text.h"

namespace assay::reports {
namespace {

using Items = std::vector<const PairedItem*>;

// Below so many clusters an interval from clustered errors is too narrow (docs/statistics.md).
constexpr int kFewClusters = 20;

// The scores that both sides have, in the order of the run's metrics. A score is called like its filter or its metric;
// the one score of programs, "passed", has the metric pass@1.
std::vector<ScoreName> score_names(const Pairing& pairing, const store::Run& run) {
  std::set<std::string> keys;
  for (const PairedItem& item : pairing.items) {
    for (const auto& [key, value] : item.a.scores) {
      if (item.b.scores.contains(key)) keys.insert(key);
    }
  }
  std::vector<ScoreName> names;
  const bool only_one = keys.size() == 1;
  for (const scorers::Metric& metric : run.metrics) {
    for (auto key = keys.begin(); key != keys.end();) {
      const bool fits = only_one || *key == metric.filter || *key == metric.name;
      if (fits) names.push_back({*key, *key == kBitsPerByte ? kBitsPerByte : metric.name, metric.filter});
      key = fits ? keys.erase(key) : std::next(key);
    }
  }
  for (const std::string& key : keys) names.push_back({key, key, ""});
  return names;
}

void put_first(std::vector<ScoreName>& names, const std::string& wanted, const store::Run& run) {
  if (names.empty()) {
    fail_input("run {} ({}/{}) has no score in common with the other; score both alike with `assay rescore`",
               run.info.number, run.info.batch, run.info.task);
  }
  if (wanted.empty()) return;
  const auto is_wanted = [&](const ScoreName& name) {
    return wanted == name.metric || wanted == name.filter || wanted == name.key;
  };
  const auto first = std::find_if(names.begin(), names.end(), is_wanted);
  if (first != names.end()) {
    std::rotate(names.begin(), first, first + 1);
    return;
  }
  std::vector<std::string> known;
  for (const ScoreName& name : names) known.push_back(name.filter.empty() ? name.metric : name.filter);
  fail(ExitCode::kUsage, "--metric {}: {} has {}", wanted, run.info.task, join(known, ", "));
}

struct Headline {
  bool macro = false;
  std::vector<std::string> subsets;  // that count; empty: all
};

Headline headline_of(const store::Run& run) {
  Headline headline;
  if (!run.manifest.contains("scored")) return headline;
  const store::Json& scored = run.manifest.at("scored");
  headline.macro = scored.contains("headline") && scored.at("headline") == "macro";
  if (scored.contains("averaged_subsets") && scored.at("averaged_subsets").is_array()) {
    headline.subsets = scored.at("averaged_subsets").get<std::vector<std::string>>();
  }
  return headline;
}

Items items_that_count(const Pairing& pairing, const Headline& headline) {
  Items items;
  for (const PairedItem& item : pairing.items) {
    const std::vector<std::string>& counted = headline.subsets;
    if (counted.empty() || std::find(counted.begin(), counted.end(), item.subset) != counted.end()) {
      items.push_back(&item);
    }
  }
  return items;
}

// Numbers for the clusters; empty where no two samples share one. Where all share one they are independent given that
// cluster, which is all that can be said.
std::vector<int> number_clusters(const Items& items, std::vector<std::string>& warnings) {
  std::map<std::pair<std::string, std::string>, int> numbers;
  std::vector<int> cluster;
  int next = 0;
  for (const PairedItem* item : items) {
    if (item->cluster.empty()) {
      cluster.push_back(next++);
      continue;
    }
    const auto [found, is_new] = numbers.emplace(std::pair(item->subset, item->cluster), next);
    if (is_new) ++next;
    cluster.push_back(found->second);
  }
  if (next == static_cast<int>(items.size())) return {};
  if (next == 1) {
    warnings.emplace_back(
        "all samples are of one cluster: taken as independent, what is said holds for that one alone");
    return {};
  }
  if (next < kFewClusters) {
    warnings.push_back(
        fmt::format("only {} clusters: below {} neither interval nor p can be trusted", next, kFewClusters));
  }
  return cluster;
}

// Every subset counts the same: one of n_s samples among N in k subsets gives each of them the weight N / (k·n_s).
std::vector<double> macro_weights(const Items& items) {
  std::map<std::string, double> sizes;
  for (const PairedItem* item : items) ++sizes[item->subset];
  if (sizes.size() < 2) return {};
  const double share = static_cast<double>(items.size()) / static_cast<double>(sizes.size());
  std::vector<double> weights;
  for (const PairedItem* item : items) weights.push_back(share / sizes[item->subset]);
  return weights;
}

// `read` gives an item side's number, or nothing.
template <typename Read>
ScoreColumns columns_of(const ScoreName& name, const Items& items, Read read, bool clusters, bool macro) {
  ScoreColumns columns;
  columns.name = name;
  columns.lower_is_better = name.key == kBitsPerByte;
  Items& used = columns.items;
  for (const PairedItem* item : items) {
    const std::optional<double> a = read(item->a);
    const std::optional<double> b = read(item->b);
    if (!a || !b) continue;
    columns.a.push_back(*a);
    columns.b.push_back(*b);
    used.push_back(item);
  }
  if (clusters) columns.cluster = number_clusters(used, columns.warnings);
  if (macro) columns.weight = macro_weights(used);
  if (used.size() == 1) columns.warnings.emplace_back("one sample: next to nothing can be said");
  return columns;
}

auto score_reader(const std::string& key) {
  return [key](const ItemSide& side) {
    const auto found = side.scores.find(key);
    return found == side.scores.end() ? std::nullopt : std::optional(found->second);
  };
}

}  // namespace

std::vector<ScoreColumns> score_columns(const Pairing& pairing, const store::Run& a, const ColumnOptions& options) {
  std::vector<ScoreName> names = score_names(pairing, a);
  put_first(names, options.metric, a);
  const Headline headline = headline_of(a);
  const Items items = items_that_count(pairing, headline);
  std::vector<ScoreColumns> all;
  for (const ScoreName& name : names) {
    ScoreColumns columns = columns_of(name, items, score_reader(name.key), options.clusters, headline.macro);
    if (!columns.a.empty()) {
      all.push_back(std::move(columns));
    } else if (all.empty()) {
      fail_input("{}: none of the subsets that count in its average has a sample scored in both runs", a.info.task);
    }
  }
  return all;
}

PairsSoFar pairs_so_far(const Pairing& pairing, const store::Run& a, const ColumnOptions& options) {
  Pairing whole;
  whole.items = pairing.items;
  whole.items.insert(whole.items.end(), pairing.pending.begin(), pairing.pending.end());
  const ScoreColumns all = score_columns(whole, a, options).front();
  const auto is_pending = [&](size_t row) { return all.items[row] >= whole.items.data() + pairing.items.size(); };
  const auto weight_of = [&](size_t row) { return all.weight.empty() ? 1.0 : all.weight[row]; };
  const auto cluster_of = [&](size_t row) { return all.cluster.empty() ? static_cast<int>(row) : all.cluster[row]; };

  std::map<int, double> weights;
  std::set<int> begun;
  for (size_t row = 0; row < all.a.size(); ++row) {
    weights[cluster_of(row)] += weight_of(row);
    if (is_pending(row)) begun.insert(cluster_of(row));
  }
  PairsSoFar pairs;
  pairs.columns.name = all.name;
  pairs.columns.lower_is_better = all.lower_is_better;
  pairs.columns.warnings = all.warnings;
  for (const auto& [cluster, weight] : weights) pairs.largest_cluster = std::max(pairs.largest_cluster, weight);
  for (size_t row = 0; row < all.a.size(); ++row) {
    if (begun.contains(cluster_of(row))) continue;
    pairs.columns.a.push_back(all.a[row]);
    pairs.columns.b.push_back(all.b[row]);
    if (!all.cluster.empty()) pairs.columns.cluster.push_back(all.cluster[row]);
    if (!all.weight.empty()) pairs.columns.weight.push_back(all.weight[row]);
  }
  return pairs;
}

std::optional<ScoreColumns> margin_columns(const Pairing& pairing, const store::Run& a, const ColumnOptions& options) {
  const Headline headline = headline_of(a);
  ScoreColumns columns = columns_of(
      {"margin", "margin", ""}, items_that_count(pairing, headline), [](const ItemSide& side) { return side.margin; },
      options.clusters, headline.macro);
  if (columns.a.empty()) return std::nullopt;
  return columns;
}

std::vector<std::pair<std::string, ScoreColumns>> subset_columns(const Pairing& pairing, const store::Run& a,
                                                                 const ColumnOptions& options) {
  std::vector<ScoreName> names = score_names(pairing, a);
  put_first(names, options.metric, a);
  std::map<std::string, Items> subsets;
  for (const PairedItem& item : pairing.items) subsets[item.subset].push_back(&item);
  std::vector<std::pair<std::string, ScoreColumns>> all;
  for (const auto& [subset, items] : subsets) {
    ScoreColumns columns =
        columns_of(names.front(), items, score_reader(names.front().key), options.clusters, /*macro=*/false);
    if (!columns.a.empty()) all.emplace_back(subset, std::move(columns));
  }
  return all;
}

}  // namespace assay::reports

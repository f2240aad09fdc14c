#include "harness/spread.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "scorers/statistics/clustered_mean.h"
#include "store/store.h"

namespace assay::harness {
namespace {

constexpr size_t kNewestRuns = 4;
constexpr size_t kFewestSamples = 20;

struct ItemScore {
  double sum = 0;
  int answers = 0;
  std::string cluster;
};

struct ScoredRun {
  std::string name;
  std::map<std::string, ItemScore> items;  // by id
};

// What tells two models apart: the weights, the server and its model, or the file that the answers came from.
std::string model_of(const store::Json& manifest) {
  const store::Json computed = manifest.value("computed", store::Json::object());
  if (computed.contains("responses_sha256")) return computed.at("responses_sha256").dump();
  if (computed.contains("endpoint")) {
    return computed.at("endpoint").dump() + computed.value("model", store::Json()).dump() +
           computed.value("answered_as", store::Json()).dump();
  }
  return computed.value("weights_sha256", store::Json()).dump();
}

ScoredRun load(const store::Store& store, const store::RunInfo& info, const std::string& score) {
  ScoredRun run{fmt::format("{}/{}", info.batch, info.task), {}};
  for (const store::StoredSample& sample : store.load_samples(info.number)) {
    if (!sample.score || !sample.score->values.contains(score)) continue;
    ItemScore& item = run.items[sample.plan.id];
    item.sum += sample.score->values.at(score);
    ++item.answers;
    item.cluster = sample.plan.cluster;
  }
  return run;
}

std::optional<Spread> spread_between(const ScoredRun& a, const ScoredRun& b) {
  std::vector<double> differences;
  std::vector<int> clusters;
  std::map<std::string, int> numbers;
  bool has_clusters = false;
  Spread spread;
  size_t discordant = 0;
  for (const auto& [id, of_a] : a.items) {
    const auto found = b.items.find(id);
    if (found == b.items.end()) continue;
    const double score_a = of_a.sum / of_a.answers;
    const double score_b = found->second.sum / found->second.answers;
    if (!std::isfinite(score_a) || !std::isfinite(score_b)) continue;
    for (const double score : {score_a, score_b}) spread.binary = spread.binary && (score == 0 || score == 1);
    differences.push_back(score_b - score_a);
    discordant += score_a == score_b ? 0 : 1;
    has_clusters = has_clusters || !of_a.cluster.empty();
    const std::string name = of_a.cluster.empty() ? "\n" + id : of_a.cluster;
    clusters.push_back(numbers.try_emplace(name, static_cast<int>(numbers.size())).first->second);
  }
  const size_t n = differences.size();
  if (n < kFewestSamples) return std::nullopt;
  const scorers::ClusteredMean alone = scorers::clustered_mean(differences);
  spread.discordance = static_cast<double>(discordant) / static_cast<double>(n);
  spread.deviation = alone.stderr_ * std::sqrt(static_cast<double>(n));
  const scorers::ClusteredMean clustered = scorers::clustered_mean(differences, clusters);
  const double size = static_cast<double>(n) / clustered.ones;
  if (has_clusters && clustered.clusters > 1 && size > 1 && alone.stderr_ > 0) {
    const double effect = std::pow(clustered.stderr_ / alone.stderr_, 2);
    spread.correlation = std::clamp((effect - 1) / (size - 1), 0.0, 1.0);
  }
  spread.source = "seen";
  spread.pairs = {fmt::format("{} and {}", a.name, b.name)};
  return spread;
}

}  // namespace

Spread spread_of_discordance(double discordance, const std::string& source) {
  return {true, discordance, std::sqrt(discordance), 0, source, {}};
}

std::optional<Spread> seen_spread(const std::filesystem::path& database, const std::string& task,
                                  const std::string& protocol, const std::string& score) {
  if (!std::filesystem::exists(database)) return std::nullopt;
  const store::Store store(database, store::Store::Mode::kRead);
  std::vector<store::RunInfo> infos = store.runs();
  std::reverse(infos.begin(), infos.end());
  std::vector<ScoredRun> runs;
  std::vector<std::string> models;
  for (const store::RunInfo& info : infos) {
    if (info.task != task || info.protocol != protocol || info.state != store::State::kDone) continue;
    const std::string model = model_of(store.load_run(info.number).manifest);
    if (std::find(models.begin(), models.end(), model) != models.end()) continue;
    models.push_back(model);
    runs.push_back(load(store, info, score));
    if (runs.size() == kNewestRuns) break;
  }
  std::vector<Spread> spreads;
  for (size_t i = 0; i < runs.size(); ++i) {
    for (size_t j = i + 1; j < runs.size(); ++j) {
      if (auto spread = spread_between(runs[j], runs[i])) spreads.push_back(std::move(*spread));
    }
  }
  if (spreads.empty()) return std::nullopt;
  std::sort(spreads.begin(), spreads.end(),
            [](const Spread& x, const Spread& y) { return x.discordance < y.discordance; });
  // Of an even number the larger middle one: a plan should rather ask for too many samples.
  Spread median = spreads[spreads.size() / 2];
  median.pairs.clear();
  for (const Spread& spread : spreads) median.pairs.push_back(spread.pairs[0]);
  std::sort(median.pairs.begin(), median.pairs.end());
  return median;
}

}  // namespace assay::harness

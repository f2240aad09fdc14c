#include "reports/pairing.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <tuple>

#include "base/text.h"

namespace assay::reports {
namespace {

using store::StoredSample;

// One run's answers to one item.
struct Item {
  const StoredSample* first = nullptr;
  std::vector<const StoredSample*> answers;  // all that are planned
};

using Key = std::pair<std::string, std::string>;  // subset, id

std::map<Key, Item> items_of(const std::vector<StoredSample>& samples) {
  std::map<Key, Item> items;
  for (const StoredSample& sample : samples) {
    Item& item = items[{sample.plan.subset, sample.plan.id}];
    if (item.first == nullptr || sample.plan.sample < item.first->plan.sample) item.first = &sample;
    item.answers.push_back(&sample);
  }
  return items;
}

bool is_scored(const StoredSample& sample) {
  return sample.response && sample.score && !sample.score->values.empty();
}

bool is_finished(const Item& item) {
  return std::all_of(item.answers.begin(), item.answers.end(), [](const auto* sample) { return is_scored(*sample); });
}

ItemSide side_of(const Item& item) {
  ItemSide side;
  std::map<std::string, int> counts;
  for (const StoredSample* sample : item.answers) {
    for (const auto& [name, value] : sample->score->values) {
      side.scores[name] += value;
      ++counts[name];
    }
  }
  for (auto& [name, sum] : side.scores) sum /= counts[name];
  add_rate(side.scores);
  side.margin = margin_of(*item.first);
  side.answer = answer_of(*item.first);
  return side;
}

bool same_request(const store::PlannedSample& a, const store::PlannedSample& b) {
  return a.prompt_sha256 == b.prompt_sha256 && a.continuations == b.continuations;
}

}  // namespace

void add_rate(std::map<std::string, double>& scores) {
  const auto logprob = scores.find("logprob");
  const auto bytes = scores.find("bytes");
  if (logprob == scores.end() || bytes == scores.end() || !(bytes->second > 0)) return;
  const double bits = -logprob->second / (std::numbers::ln2 * bytes->second);
  scores = {{kBitsPerByte, bits}};
}

std::optional<double> margin_of(const StoredSample& sample) {
  const auto* body = std::get_if<engine::LogLikelihoodResponse>(&sample.response->body);
  if (body == nullptr) return std::nullopt;
  double right = -std::numeric_limits<double>::infinity();
  double wrong = right;
  for (size_t i = 0; i < body->logprobs.size(); ++i) {
    const std::vector<int>& gold = sample.plan.gold.choices;
    const bool is_right = std::find(gold.begin(), gold.end(), static_cast<int>(i)) != gold.end();
    double& best = is_right ? right : wrong;
    best = std::max(best, body->logprobs[i]);
  }
  const double margin = right - wrong;
  return std::isfinite(margin) ? std::optional(margin) : std::nullopt;
}

std::string answer_of(const StoredSample& sample) {
  const scorers::Score& score = *sample.score;
  if (score.prediction) {
    const auto choice = static_cast<size_t>(*score.prediction);
    const std::vector<std::string>& options = sample.plan.continuations;
    return choice < options.size() ? std::string(python_strip(options[choice])) : std::to_string(choice);
  }
  if (score.execution) return score.execution->outcome;
  std::vector<std::string> read;
  for (const auto& [filter, text] : score.extracted) {
    if (std::find(read.begin(), read.end(), text) == read.end()) read.push_back(text);
  }
  return join(read, " | ");
}

std::string gold_of(const store::PlannedSample& plan) {
  std::vector<std::string> options;
  for (const int choice : plan.gold.choices) {
    if (choice >= 0 && static_cast<size_t>(choice) < plan.continuations.size()) {
      options.emplace_back(python_strip(plan.continuations[static_cast<size_t>(choice)]));
    }
  }
  return options.empty() ? plan.gold.text : join(options, " | ");
}

Pairing pair_runs(const store::Store& store, const store::Run& a, const store::Run& b) {
  const std::vector<StoredSample> samples_a = store.load_samples(a.info.number);
  const std::vector<StoredSample> samples_b = store.load_samples(b.info.number);
  const std::map<Key, Item> items_a = items_of(samples_a);
  const std::map<Key, Item> items_b = items_of(samples_b);
  Pairing pairing;
  std::vector<std::pair<const Item*, const Item*>> both;
  for (const auto& [key, item] : items_a) {
    const auto other = items_b.find(key);
    if (other == items_b.end()) {
      pairing.only_a.push_back(key.second);
      continue;
    }
    both.emplace_back(&item, &other->second);
  }
  for (const auto& [key, item] : items_b) {
    if (!items_a.contains(key)) pairing.only_b.push_back(key.second);
  }
  const auto place = [](const auto& pair) {
    const store::PlannedSample& plan = pair.first->first->plan;
    return std::tie(plan.subset, plan.index);
  };
  std::sort(both.begin(), both.end(), [&](const auto& x, const auto& y) { return place(x) < place(y); });
  for (const auto& [of_a, of_b] : both) {
    const store::PlannedSample& plan = of_a->first->plan;
    if (!same_request(plan, of_b->first->plan)) pairing.other_prompts.push_back(plan.id);
    const bool finished_a = is_finished(*of_a);
    const bool finished_b = is_finished(*of_b);
    if (!finished_a) pairing.unfinished_a.push_back(plan.id);
    if (!finished_b) pairing.unfinished_b.push_back(plan.id);
    if (!finished_a) continue;
    // Only one of the two may know the clusters: an import without the data does not.
    const std::string& cluster = plan.cluster.empty() ? of_b->first->plan.cluster : plan.cluster;
    const ItemSide side_a = side_of(*of_a);
    (finished_b ? pairing.items : pairing.pending)
        .push_back({plan.subset, plan.id, cluster, gold_of(plan), side_a, finished_b ? side_of(*of_b) : side_a});
  }
  return pairing;
}

}  // namespace assay::reports

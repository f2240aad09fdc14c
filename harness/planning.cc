#include "harness/planning.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "scorers/statistics/mcnemar_power.h"
#include "scorers/statistics/paired_mean_power.h"

namespace assay::harness {
namespace {

double design_effect(const Spread& spread, const SampleSet& samples) {
  return 1 + (samples.cluster_size - 1) * spread.correlation;
}

// At least one sample must differ somewhere, and as many as the difference itself.
double discordance_for(const Spread& spread, const SampleSet& samples, double delta) {
  return std::max({spread.discordance, delta, 1 / static_cast<double>(samples.n)});
}

}  // namespace

double power_to_detect(const Spread& spread, const SampleSet& samples, double delta, double alpha) {
  const double effective = static_cast<double>(samples.n) / design_effect(spread, samples);
  const int64_t n = std::max<int64_t>(1, static_cast<int64_t>(std::floor(effective)));
  if (!spread.binary) return scorers::paired_mean_power({spread.deviation, alpha}, n, delta);
  return scorers::mcnemar_power_exact({discordance_for(spread, samples, delta), alpha}, n, delta,
                                      scorers::McNemarKind::kExact);
}

std::optional<double> detectable(const Spread& spread, const SampleSet& samples, const Wish& wish) {
  double low = 0;
  double high = 1;
  if (power_to_detect(spread, samples, high, wish.alpha) < wish.power) return std::nullopt;
  while (high - low > 1e-5) {
    const double middle = (low + high) / 2;
    (power_to_detect(spread, samples, middle, wish.alpha) < wish.power ? low : high) = middle;
  }
  return high;
}

double samples_needed(const Spread& spread, const SampleSet& samples, const Wish& wish) {
  const double alone = spread.binary
                           ? scorers::mcnemar_samples({discordance_for(spread, samples, wish.detect), wish.alpha},
                                                      wish.detect, wish.power)
                           : scorers::paired_mean_samples({spread.deviation, wish.alpha}, wish.detect, wish.power);
  return std::ceil(alone * design_effect(spread, samples));
}

std::vector<size_t> first_of_every_subset(const std::vector<SamplePlace>& places, int limit) {
  std::vector<size_t> chosen;
  std::map<std::string, int> taken;
  for (size_t i = 0; i < places.size(); ++i) {
    if (limit == 0 || taken[places[i].subset]++ < limit) chosen.push_back(i);
  }
  return chosen;
}

SampleSet sample_set(const std::vector<SamplePlace>& places, const std::vector<size_t>& chosen) {
  SampleSet set;
  set.n = static_cast<int64_t>(chosen.size());
  std::map<std::string, double> sizes;
  double alone = 0;
  for (const size_t i : chosen) {
    if (places[i].cluster.empty()) {
      ++alone;
    } else {
      ++sizes[places[i].cluster];
    }
  }
  if (sizes.empty()) return set;
  set.clusters = static_cast<int>(sizes.size()) + static_cast<int>(alone);
  double squares = alone;
  for (const auto& [name, size] : sizes) squares += size * size;
  set.cluster_size = squares / static_cast<double>(set.n);
  return set;
}

std::optional<int> enough_limit(const Spread& spread, const std::vector<SamplePlace>& places, const Wish& wish) {
  const auto is_enough = [&](int limit) {
    return power_to_detect(spread, sample_set(places, first_of_every_subset(places, limit)), wish.detect, wish.alpha) >=
           wish.power;
  };
  std::map<std::string, int> sizes;
  int largest = 0;
  for (const SamplePlace& place : places) largest = std::max(largest, ++sizes[place.subset]);
  if (!is_enough(largest)) return std::nullopt;
  int too_few = 0;
  int enough = largest;
  while (enough - too_few > 1) {
    const int middle = std::midpoint(too_few, enough);
    (is_enough(middle) ? enough : too_few) = middle;
  }
  return enough;
}

}  // namespace assay::harness

// `assay plan`: what a comparison of two runs can see with the samples that there are, and how many are enough.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/spread.h"

namespace assay::harness {

// The wish: a true difference of `detect` (a share, not points) is found with probability `power` by a two-sided test
// of level `alpha`.
struct Wish {
  double detect = 0;
  double power = 0.8;
  double alpha = 0.05;
};

// How many samples, and how large the cluster of one is on average (Σ size²/n; 1 where they are independent).
struct SampleSet {
  int64_t n = 0;
  int clusters = 0;  // 0: independent
  double cluster_size = 1;
};

// Power of compare's test for a difference of `delta`. Clusters count as n/(1 + (size−1)·correlation) samples. 0/1
// scores: McNemar's exact test (mcnemar_power_exact); if fewer samples differ than `delta` needs, as many as it needs.
// Others: paired_mean_power with the seen deviation.
double power_to_detect(const Spread& spread, const SampleSet& samples, double delta, double alpha);

// The smallest difference that is found with that power, to about 1e-5; none where even 1 is not.
std::optional<double> detectable(const Spread& spread, const SampleSet& samples, const Wish& wish);

// About how many samples are enough, by the normal law: for where there are not so many.
double samples_needed(const Spread& spread, const SampleSet& samples, const Wish& wish);

// A sample's part of the benchmark, as --limit counts: its subset and its cluster (empty: its own).
struct SamplePlace {
  std::string subset;
  std::string cluster;
};

// The first `limit` samples of every subset (0: all) of samples in the order of the benchmark.
std::vector<size_t> first_of_every_subset(const std::vector<SamplePlace>& places, int limit);
SampleSet sample_set(const std::vector<SamplePlace>& places, const std::vector<size_t>& chosen);

// The smallest --limit whose samples find the wished difference; none where all samples do not.
std::optional<int> enough_limit(const Spread& spread, const std::vector<SamplePlace>& places, const Wish& wish);

}  // namespace assay::harness

// Scores of two runs over the same samples, drawn from laws whose difference is known.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "scorers/statistics/paired_comparison.h"

namespace assay::simulate {

// What the samples are. Sizes of clusters are fixed: all the same, or in a geometric progression from 1 to 9 times the
// smallest, so that the largest of 40 holds about a fifteenth of all samples.
struct Design {
  int samples = 300;       // about: unequal sizes are rounded
  int clusters = 0;        // 0: independent samples
  double correlation = 0;  // of the differences of two samples of one cluster
  bool unequal = false;
  bool macro = false;  // every cluster counts the same; without clusters every one of 10 subsets of unequal sizes
};

enum class Law {
  kBinary,   // 0/1: `spread` is the share of samples that differ
  kRepeats,  // shares of four answers to a question that are right; `spread` has no meaning
  kNormal,   // `spread` is the standard deviation of the differences
  kSkewed,   // the same, exponential with its long tail below
};

struct Truth {
  Law law = Law::kBinary;
  double difference = 0;  // B − A
  double spread = 0.1;
};

struct Scores {
  std::vector<double> a;
  std::vector<double> b;
  std::vector<int> cluster;
  std::vector<double> weight;

  scorers::PairedScores view() const { return {a, b, cluster, weight}; }
  // The first n samples; whole clusters are the caller's to choose.
  scorers::PairedScores first(size_t n) const;
};

using Random = std::mt19937_64;

// Sizes of the clusters (subsets) of a design.
std::vector<int> sizes_of(const Design& design);

// Variance of a mean over its variance if the samples were independent and counted the same.
double design_effect(const Design& design);

// Each sample has the law of `truth`, and the differences of two samples of one cluster correlate by `correlation`:
// 0/1 scores have shares drawn by cluster from Dirichlet's law (the beta-binomial model), repeated answers may be those
// of the whole cluster, and the others have an effect of the cluster beside their own.
Scores draw(const Design& design, const Truth& truth, Random& random);

// "binary, 40 clusters of 8, correlation 0.2, macro"
std::string describe(const Design& design);
std::string describe(const Truth& truth);

}  // namespace assay::simulate

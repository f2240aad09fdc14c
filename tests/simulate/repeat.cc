#include "tests/simulate/repeat.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <thread>

#include "scorers/statistics/paired_evidence.h"

namespace assay::simulate {

std::vector<double> shares(const Size& size, const std::string& what, size_t outcomes, const Trial& trial) {
  const uint32_t key = static_cast<uint32_t>(
      std::accumulate(what.begin(), what.end(), uint64_t{14695981039346656037u},
                      [](uint64_t hash, char c) { return (hash ^ static_cast<unsigned char>(c)) * 1099511628211u; }));
  const int threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  std::vector<std::vector<int>> counts(static_cast<size_t>(threads), std::vector<int>(outcomes));
  std::vector<std::thread> pool;
  for (int t = 0; t < threads; ++t) {
    pool.emplace_back([&, t] {
      std::vector<bool> happened(outcomes);
      for (int repetition = t; repetition < size.repetitions; repetition += threads) {
        std::seed_seq seed{static_cast<uint32_t>(size.seed), key, static_cast<uint32_t>(repetition)};
        Random random(seed);
        std::fill(happened.begin(), happened.end(), false);
        trial(random, happened);
        for (size_t i = 0; i < outcomes; ++i) counts[static_cast<size_t>(t)][i] += happened[i] ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : pool) thread.join();
  std::vector<double> result(outcomes);
  for (const std::vector<int>& of_thread : counts) {
    for (size_t i = 0; i < outcomes; ++i) result[i] += of_thread[i];
  }
  for (double& share : result) share /= size.repetitions;
  return result;
}

GateP gate_p(const scorers::PairedScores& scores, double margin) {
  const scorers::PairedEvidence evidence = scorers::paired_evidence(scores);
  if (!evidence.has_error) return {};
  const scorers::PairedScoreTails tails = scorers::tails_at(evidence, -margin);
  return {tails.below, tails.above};
}

Row make_row(const Size& size, std::string table, std::string what, double share, double low, double high,
             std::string note) {
  // A share of 0 or 1 has an error too: that of one repetition more.
  const double n = size.repetitions;
  const double inner = std::clamp(share, 1 / (n + 1), n / (n + 1));
  return {std::move(table), std::move(what), share, std::sqrt(inner * (1 - inner) / n), low, high, std::move(note)};
}

}  // namespace assay::simulate

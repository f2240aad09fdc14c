// Two runs over the same samples, brought together item by item.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/store.h"

namespace assay::reports {

// What one run says of an item. Several answers to one item count once, with the mean of their scores.
struct ItemSide {
  std::map<std::string, double> scores;  // by score name; those of a text of perplexity: see kBitsPerByte
  std::optional<double> margin;  // of a likelihood question, natural logarithm: log-probability of the best right
                                 // option − that of the best wrong one; none where it is not finite
  std::string answer;            // what was read out of the (first) response, for people
};

struct PairedItem {
  std::string subset;
  std::string id;
  std::string cluster;  // empty: its own
  std::string gold;     // for people
  ItemSide a;
  ItemSide b;
};

// A text's score in a pairing: −logprob / (ln 2 · bytes), lower is better.
inline constexpr char kBitsPerByte[] = "bits_per_byte";

struct Pairing {
  std::vector<PairedItem> items;          // scored in both runs, ordered by subset and index
  std::vector<PairedItem> pending;        // scored in A, not yet in B: side b repeats side a
  std::vector<std::string> only_a;        // ids that B does not ask
  std::vector<std::string> only_b;        // ids that A does not ask
  std::vector<std::string> unfinished_a;  // asked in both, without a score in A (not answered or not executed yet)
  std::vector<std::string> unfinished_b;
  std::vector<std::string> other_prompts;  // ids whose prompt or continuations are not the same in both
};

// Puts the rate of a text of perplexity, which keeps sums alone (scorers/perplexity.h), in their place.
void add_rate(std::map<std::string, double>& scores);

// Of one answer or question, as in ItemSide and PairedItem. margin_of needs a response, answer_of a score too.
std::optional<double> margin_of(const store::StoredSample& sample);
std::string answer_of(const store::StoredSample& sample);
std::string gold_of(const store::PlannedSample& plan);

// Reads both runs; `items` compares nothing yet.
Pairing pair_runs(const store::Store& store, const store::Run& a, const store::Run& b);

}  // namespace assay::reports

// What people preferred in a round of blind rating: win, tie and loss of each pair of models, strengths of all, flags,
// and how far the raters can be relied on. Aggregates alone: nothing here holds a prompt, its id, a response or a
// comment, and no row stands for fewer than `min_count` votes (reports/small_cells.h).
//
// What counts: votes on a pair asked for the first time (store::Rating::kPair), of raters who are not left out, on
// pairs of models with `min_count` votes or more. Repeats and gold say how good a rater is, and are in no result.
// Prompts and raters are clusters, see docs/statistics.md, "Ratings".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scorers/statistics/davidson_clustered.h"
#include "scorers/statistics/two_way_clustered_share.h"
#include "store/ratings.h"

namespace assay::reports {

// A round as the store has it.
struct PreferenceRound {
  store::Round round;
  std::vector<std::string> models;  // the name of the model of each of round.runs
  std::vector<store::RoundItem> items;
  std::vector<store::Rater> raters;
  std::vector<store::Rating> ratings;
};

struct PreferenceOptions {
  std::vector<std::string> without;  // raters whose votes are left out; their quality is shown
  int64_t min_count = 5;
};

struct PreferenceCount {
  int64_t count = 0;
  scorers::TwoWayShare share;  // of the votes of the same row
};

// The votes on one pair: all, or those of one category. A hidden one has nothing but its category.
struct PreferenceRow {
  std::string category;  // empty: all
  bool hidden = false;
  int64_t votes = 0;
  int prompts = 0;
  int raters = 0;
  PreferenceCount win, tie, loss;        // of the first model
  PreferenceCount much_win, much_loss;   // among win and loss
  scorers::TwoWayShare score;            // a win is 1, a tie 1/2, a loss 0
  double p = 1;                          // of a true score of 1/2; NaN where all votes are on one prompt
  double p_holm = 1;                     // corrected over the pairs, or over all categories of all pairs
  std::optional<double> detectable;      // distance of a score from 1/2 that is found with a power of 80 %
  std::optional<int64_t> prompts_for_5;  // prompts that find a score of 0.55 so; none: more prompts do not help
};

struct PairPreference {
  size_t a = 0;  // places in PreferenceRound::models, a < b
  size_t b = 1;
  PreferenceRow all;
  std::vector<PreferenceRow> categories;  // in alphabetical order; empty where `all` is hidden
  PreferenceCount both_bad;
};

// How often a model's answers were flagged, among the votes on pairs that have one of them.
struct ModelFlags {
  int64_t votes = 0;  // 0: none that counts
  PreferenceCount refuses_wrongly, unsafe, broken;
};

struct Strengths {
  std::vector<size_t> models;                     // those with a vote that counts, in their order
  std::optional<scorers::ClusteredDavidson> fit;  // in that order
  std::string reason;                             // a sentence where there is no fit
};

// Over items (prompt and pair) that several raters judged. Hidden: fewer than min_count votes on such items.
struct Agreement {
  bool hidden = true;
  int64_t items = 0;
  int64_t votes = 0;
  double alpha_steps = 0;    // Krippendorff's alpha, ordinal, of the five steps; NaN where nothing varies
  double alpha_verdict = 0;  // nominal, of win, tie, loss
};

// A part of a row that has a count of its own: hidden where that is too small.
struct RaterPart {
  bool hidden = true;
  int64_t asked = 0;    // decided votes; repeats; gold
  int64_t counted = 0;  // left side chosen; the same direction as before; the right answer preferred
};

// A rater, or all together. A hidden one has nothing but the name.
struct RaterQuality {
  std::string name;
  bool left_out = false;
  bool hidden = false;
  int64_t votes = 0;
  int64_t ties = 0;
  double median_seconds = 0;
  RaterPart left;
  scorers::Interval left_interval;  // Wilson's
  double left_p = 1;                // exact binomial, of one half
  double left_p_holm = 1;           // corrected over the raters
  RaterPart repeats;
  double kappa = 0;  // of a vote and its repeat on the five steps, with quadratic weights; NaN where nothing varies
  RaterPart gold;
};

// An item is rated when as many raters as the round wants have a vote on it that counts.
struct Coverage {
  std::string category;  // empty: all
  bool hidden = false;
  int64_t rated = 0;
  int64_t items = 0;
};

struct PreferenceReport {
  PreferenceOptions options;
  std::string round;
  std::string started;
  std::vector<int64_t> runs;
  std::vector<std::string> models;  // fit to be printed
  int64_t overlap = 1;
  int64_t votes = 0;  // that count
  std::vector<PairPreference> pairs;
  Strengths strengths;
  std::vector<ModelFlags> flags;  // one for each of models
  Agreement agreement;
  std::vector<RaterQuality> raters;
  RaterQuality all_raters;  // who are not left out
  Coverage covered;         // of the pairs that are not hidden, as the next
  std::vector<Coverage> coverage;
};

// Error(kUsage): min_count below 1, and a rater in `without` whom the round lacks. Error(kBadInput): a rating of a run
// or a choice that the round does not have.
PreferenceReport preference_report(const PreferenceRound& round, const PreferenceOptions& options = {});

}  // namespace assay::reports

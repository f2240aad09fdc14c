#include "reports/preference.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/error.h"
#include "base/text.h"
#include "reports/preference_pairs.h"
#include "reports/preference_raters.h"
#include "reports/preference_strengths.h"
#include "reports/preference_votes.h"

namespace assay::reports {
namespace {

using PairKey = std::pair<size_t, size_t>;

std::map<PairKey, std::vector<PairVote>> votes_by_pair(size_t models, const std::vector<PairVote>& counting) {
  std::map<PairKey, std::vector<PairVote>> by_pair;
  for (size_t a = 0; a < models; ++a) {
    for (size_t b = a + 1; b < models; ++b) by_pair[{a, b}];
  }
  for (const PairVote& vote : counting) by_pair.at({vote.a, vote.b}).push_back(vote);
  return by_pair;
}

// Of a hidden pair nothing may go into a number that another one could be taken from.
void drop_hidden_pairs(std::vector<PairVote>& votes, const std::vector<PairPreference>& pairs) {
  std::set<PairKey> hidden;
  for (const PairPreference& pair : pairs) {
    if (pair.all.hidden) hidden.insert({pair.a, pair.b});
  }
  std::erase_if(votes, [&](const PairVote& vote) { return hidden.contains({vote.a, vote.b}); });
}

// Items of the pairs that are shown, and how many have their votes.
void count_coverage(PreferenceReport& report, const PreferenceRound& round, const std::vector<PairVote>& counting) {
  std::set<PairKey> shown;
  std::set<std::string> hidden;
  for (const PairPreference& pair : report.pairs) {
    if (!pair.all.hidden) shown.insert({pair.a, pair.b});
    for (const PreferenceRow& row : pair.categories) {
      if (row.hidden) hidden.insert(row.category);
    }
  }
  std::map<std::tuple<std::string, size_t, size_t>, int64_t> votes;
  for (const PairVote& vote : counting) ++votes[{vote.rating->prompt, vote.a, vote.b}];
  std::map<std::string, Coverage> categories;
  for (const store::RoundItem& item : round.items) {
    const size_t a = static_cast<size_t>(std::min(item.first, item.second));
    const size_t b = static_cast<size_t>(std::max(item.first, item.second));
    if (!shown.contains({a, b})) continue;
    const auto found = votes.find({item.prompt, a, b});
    const bool rated = found != votes.end() && found->second >= report.overlap;
    for (Coverage* coverage : {&categories[item.category], &report.covered}) {
      ++coverage->items;
      coverage->rated += rated ? 1 : 0;
    }
  }
  for (auto& [category, coverage] : categories) {
    coverage.category = category;
    coverage.hidden = hidden.contains(category);
    if (coverage.hidden) coverage.rated = 0;
    report.coverage.push_back(coverage);
  }
}

PreferenceReport report_head(const PreferenceRound& round, const PreferenceOptions& options) {
  if (options.min_count < 1) fail(ExitCode::kUsage, "--min-count {}: give 1 or more", options.min_count);
  PreferenceReport report;
  report.options = options;
  for (std::string& name : report.options.without) name = printable(name);
  report.round = printable(round.round.name);
  report.started = round.round.started;
  report.runs = round.round.runs;
  for (size_t i = 0; i < report.runs.size(); ++i) {
    report.models.push_back(i < round.models.size() ? printable(round.models[i]) : "unknown");
  }
  report.overlap = round.round.options.value("overlap", int64_t{1});
  return report;
}

}  // namespace

PreferenceReport preference_report(const PreferenceRound& round, const PreferenceOptions& options) {
  PreferenceReport report = report_head(round, options);
  std::vector<PairVote> votes = pair_votes(round, options);
  for (const auto& [pair, of_pair] : votes_by_pair(report.models.size(), counting_votes(votes))) {
    report.pairs.push_back(pair_preference(pair.first, pair.second, of_pair, options.min_count));
  }
  correct_over_pairs(report.pairs);
  drop_hidden_pairs(votes, report.pairs);
  const std::vector<PairVote> counting = counting_votes(votes);
  report.votes = std::ssize(counting);
  report.strengths = strengths_of(report.models.size(), counting);
  report.flags = model_flags(report.models.size(), counting);
  report.agreement = agreement_of(counting, options.min_count);
  report.raters = rater_qualities(rater_names(round), votes, options);
  report.all_raters = all_raters_quality(votes, options);
  count_coverage(report, round, counting);
  return report;
}

}  // namespace assay::reports

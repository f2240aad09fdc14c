#include "reports/preference_votes.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace assay::reports {
namespace {

bool has_flag(const store::Rating& rating, const std::string& flag) {
  return std::find(rating.flags.begin(), rating.flags.end(), flag) != rating.flags.end();
}

// Numbers from 0 in the order in which they come.
int numbered(std::map<std::string, int>& numbers, const std::string& name) {
  return numbers.try_emplace(name, static_cast<int>(numbers.size())).first->second;
}

size_t place_of(const store::Round& round, int64_t run) {
  const auto found = std::find(round.runs.begin(), round.runs.end(), run);
  if (found == round.runs.end()) fail_input("round {}: a vote is on run {}, which is not in it", round.name, run);
  return static_cast<size_t>(found - round.runs.begin());
}

PairVote pair_vote(const store::Round& round, const store::Rating& rating) {
  PairVote vote;
  vote.rating = &rating;
  vote.a = place_of(round, rating.first_run);
  vote.b = place_of(round, rating.second_run);
  vote.choice = rating.choice;
  vote.a_is_left = rating.first_is_left;
  if (vote.a == vote.b || rating.choice < -2 || rating.choice > 2) {
    fail_input("round {}: a vote says {} of runs {} and {}", round.name, rating.choice, rating.first_run,
               rating.second_run);
  }
  if (vote.a > vote.b) {
    std::swap(vote.a, vote.b);
    vote.choice = -vote.choice;
    vote.a_is_left = !vote.a_is_left;
    vote.turned = true;
  }
  return vote;
}

void check_without(const std::vector<std::string>& without, const std::vector<std::string>& names,
                   const std::string& round) {
  for (const std::string& name : without) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    const std::string near = nearest(name, names);
    fail(ExitCode::kUsage, "--without {}: no rater of round {} is called so{}", printable(name), printable(round),
         near.empty() ? "" : fmt::format(" (did you mean '{}'?)", printable(near)));
  }
}

}  // namespace

bool PairVote::flagged(const std::string& flag) const {
  return has_flag(*rating, flag);
}

bool PairVote::flagged(size_t model, const std::string& flag) const {
  const bool first = (model == a) != turned;
  return has_flag(*rating, (first ? "first_" : "second_") + flag);
}

std::vector<std::string> rater_names(const PreferenceRound& round) {
  std::vector<std::string> names;
  for (const store::Rater& rater : round.raters) names.push_back(rater.name);
  for (const store::Rating& rating : round.ratings) {
    if (std::find(names.begin(), names.end(), rating.rater) == names.end()) names.push_back(rating.rater);
  }
  return names;
}

std::vector<PairVote> pair_votes(const PreferenceRound& round, const PreferenceOptions& options) {
  const std::vector<std::string> names = rater_names(round);
  check_without(options.without, names, round.round.name);
  std::map<std::string, int> raters;
  for (const std::string& name : names) numbered(raters, name);
  std::map<std::string, int> prompts;
  std::vector<PairVote> votes;
  for (const store::Rating& rating : round.ratings) {
    PairVote vote = pair_vote(round.round, rating);
    vote.prompt = numbered(prompts, rating.prompt);
    vote.rater = numbered(raters, rating.rater);
    const std::vector<std::string>& without = options.without;
    vote.left_out = std::find(without.begin(), without.end(), rating.rater) != without.end();
    votes.push_back(vote);
  }
  return votes;
}

std::vector<PairVote> counting_votes(const std::vector<PairVote>& votes) {
  std::vector<PairVote> counting;
  std::copy_if(votes.begin(), votes.end(), std::back_inserter(counting),
               [](const PairVote& vote) { return vote.rating->kind == store::Rating::kPair && !vote.left_out; });
  return counting;
}

void ShareColumns::add(double value, const PairVote& vote) {
  values_.push_back(value);
  prompts_.push_back(vote.prompt);
  raters_.push_back(vote.rater);
}

PreferenceCount ShareColumns::counted() const {
  return {std::count(values_.begin(), values_.end(), 1.0), share()};
}

scorers::TwoWayShare ShareColumns::share() const {
  return scorers::two_way_clustered_share(values_, prompts_, raters_);
}

}  // namespace assay::reports

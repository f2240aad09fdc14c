#include "tests/reports/made_round.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

namespace assay::reports::testing {
namespace {

bool has_rater(const PreferenceRound& round, const std::string& name) {
  return std::any_of(round.raters.begin(), round.raters.end(), [&](const auto& rater) { return rater.name == name; });
}

// In [0, 1), the same on every machine.
double drawn(std::mt19937& random) {
  return static_cast<double>(random()) / 4294967296.0;
}

// Davidson's law for a difference in log strength; a third of what is decided is "much".
int drawn_choice(double difference, std::mt19937& random) {
  const double win = std::exp(difference / 2);
  const double loss = std::exp(-difference / 2);
  const double u = drawn(random) * (win + 0.8 + loss);
  const int much = drawn(random) < 1.0 / 3 ? 2 : 1;
  if (u < win) return much;
  return u < win + loss ? -much : 0;
}

std::vector<std::string> drawn_flags(std::mt19937& random) {
  std::vector<std::string> flags;
  if (drawn(random) < 0.04) flags.emplace_back("both_bad");
  if (drawn(random) < 0.03) flags.emplace_back("first_refuses_wrongly");
  if (drawn(random) < 0.1) flags.emplace_back("second_refuses_wrongly");
  if (drawn(random) < 0.02) flags.emplace_back("first_broken");
  return flags;
}

size_t item_of(const store::Rating& rating, const PreferenceRound& round) {
  const auto is_item = [&](const store::RoundItem& item) {
    return item.prompt == rating.prompt && 10 + item.first == rating.first_run && 10 + item.second == rating.second_run;
  };
  const auto found = std::find_if(round.items.begin(), round.items.end(), is_item);
  return static_cast<size_t>(found - round.items.begin());
}

// As the rater saw it.
store::NewVote vote_of(const store::Rating& rating) {
  store::NewVote vote{fmt::format("key-{}", rating.assignment),
                      rating.first_is_left ? rating.choice : -rating.choice,
                      {},
                      rating.comment,
                      rating.active_ms};
  for (const std::string& flag : rating.flags) {
    const size_t place = flag.find('_') + 1;
    const std::string side = flag.substr(0, place);
    const bool left = (side == "first_") == rating.first_is_left;
    vote.flags.push_back(side == "both_" ? flag : (left ? "left_" : "right_") + flag.substr(place));
  }
  return vote;
}

}  // namespace

MadeRound::MadeRound(int models, int overlap) {
  round_.round.name = "spring";
  round_.round.started = "2026-05-02T10:00:00Z";
  round_.round.options = {{"overlap", overlap}};
  for (int i = 0; i < models; ++i) {
    round_.round.runs.push_back(10 + i);
    round_.models.push_back(fmt::format("model-{}", static_cast<char>('a' + i)));
  }
}

void MadeRound::add_rater(const std::string& name) {
  round_.raters.push_back({static_cast<int64_t>(round_.raters.size()) + 1, name, false, 0, 0});
}

int64_t MadeRound::add(const MadeVote& vote) {
  if (!has_rater(round_, vote.rater)) add_rater(vote.rater);
  const auto is_item = [&](const store::RoundItem& item) {
    return item.prompt == vote.prompt && item.first == vote.first && item.second == vote.second;
  };
  if (std::none_of(round_.items.begin(), round_.items.end(), is_item)) {
    round_.items.push_back({vote.prompt, vote.category, vote.first, vote.second});
  }
  store::Rating rating;
  rating.assignment = static_cast<int64_t>(round_.ratings.size()) + 1;
  rating.prompt = vote.prompt;
  rating.category = vote.category;
  rating.rater = vote.rater;
  rating.first_run = 10 + vote.first;
  rating.second_run = 10 + vote.second;
  rating.kind = vote.kind;
  rating.first_is_left = vote.first_is_left;
  rating.choice = vote.choice;
  rating.flags = vote.flags;
  rating.comment = "a secret comment";
  rating.active_ms = vote.active_ms;
  if (vote.repeats > 0) rating.repeats = vote.repeats;
  round_.ratings.push_back(rating);
  return rating.assignment;
}

MadeRound drawn_round(const DrawnRound& drawn_as) {
  std::mt19937 random(static_cast<std::mt19937::result_type>(drawn_as.seed));
  MadeRound made(drawn_as.models, drawn_as.overlap);
  for (const std::string& rater : drawn_as.raters) made.add_rater(rater);
  std::vector<int> had(drawn_as.raters.size(), 0);
  size_t turn = 0;
  for (int p = 0; p < drawn_as.prompts; ++p) {
    const double of_prompt = 2 * drawn(random) - 1;
    for (int first = 0; first < drawn_as.models; ++first) {
      for (int second = first + 1; second < drawn_as.models; ++second) {
        for (int k = 0; k < drawn_as.overlap; ++k, ++turn) {
          const size_t rater = turn % drawn_as.raters.size();
          const bool leans = rater + 1 == drawn_as.raters.size();
          MadeVote vote;
          vote.prompt = fmt::format("prompt-{}", p);
          vote.category = drawn_as.categories[static_cast<size_t>(p) % drawn_as.categories.size()];
          vote.rater = drawn_as.raters[rater];
          vote.first = first;
          vote.second = second;
          vote.first_is_left = drawn(random) < 0.5;
          const double side = leans ? (vote.first_is_left ? 1 : -1) * drawn_as.left_leaning : 0;
          const double lead = drawn_as.lead * (second - first) + of_prompt + side;
          vote.choice = drawn_choice(lead, random);
          vote.flags = drawn_flags(random);
          vote.active_ms = 5000 + static_cast<int64_t>(60000 * drawn(random));
          const int64_t assignment = made.add(vote);
          const int count = ++had[rater];
          if (count % 10 == 0) {
            vote.kind = store::Rating::kRepeat;
            vote.repeats = assignment;
            vote.first_is_left = !vote.first_is_left;
            if (drawn(random) < 0.4) vote.choice = drawn_choice(lead, random);
            made.add(vote);
          }
          if (count % 20 == 5) {
            vote.kind = store::Rating::kGold;
            vote.repeats = 0;
            vote.choice = drawn(random) < 0.9 ? 2 : -1;
            made.add(vote);
          }
        }
      }
    }
  }
  return made;
}

store::Round store_round(const PreferenceRound& round, store::Store& store, const std::vector<int64_t>& runs) {
  store::Ratings ratings(store.path(), store::Store::Mode::kWrite);
  const std::string& name = round.round.name;
  const store::Round stored =
      ratings.create_round({name, "a hidden set", round.round.options, "a secret", runs, round.items});
  std::map<std::string, int64_t> raters;
  for (const store::Rater& rater : round.raters) {
    raters[rater.name] = ratings.add_rater(stored.id, rater.name, "hash of " + name + rater.name).id;
  }
  std::map<int64_t, int64_t> assignments;
  for (const store::Rating& rating : round.ratings) {
    store::NewAssignment what{raters.at(rating.rater), static_cast<int64_t>(item_of(rating, round)), rating.kind,
                              rating.first_is_left};
    if (rating.repeats) what.repeats = assignments.at(*rating.repeats);
    if (rating.kind == store::Rating::kGold) what.decoy = "another prompt";
    assignments[rating.assignment] = ratings.assign(stored.id, what).value().id;
    ratings.vote(what.rater, assignments.at(rating.assignment), vote_of(rating));
  }
  return ratings.find_round(name);
}

}  // namespace assay::reports::testing

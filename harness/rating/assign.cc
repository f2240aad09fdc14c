#include "harness/rating/assign.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/hash.h"
#include "base/random.h"

namespace assay::harness {
namespace {

using store::Assignment;
using store::NewAssignment;
using store::Rating;

// What a draw is for: one stream of random numbers each.
enum class Draw : uint32_t { kOrder, kSide, kKind, kWhich };

class Picker {
 public:
  Picker(const AssignState& state, const store::Rater& rater, int64_t now)
      : state_(state), rater_(rater), stream_(sha256_number(rater.name)), counted_(state.items.size(), 0) {
    std::set<int64_t> revoked;
    for (const store::Rater& each : state.raters) {
      if (each.revoked) revoked.insert(each.id);
    }
    had_.assign(state.items.size(), false);
    for (const Assignment& each : state.given) {
      if (each.what.rater == rater.id) {
        own_.push_back(&each);
        if (each.what.kind != Rating::kRepeat) had_[static_cast<size_t>(each.what.item)] = true;
      }
      const bool held = each.given + state.rules.lease_s > now && !revoked.contains(each.what.rater);
      if (each.what.kind == Rating::kPair && (each.voted || held)) ++counted_[static_cast<size_t>(each.what.item)];
    }
  }

  // Votes that the pairs still want, whoever gives them.
  int64_t wanted() const {
    int64_t sum = 0;
    for (const int count : counted_) sum += std::max(0, state_.rules.overlap - count);
    return sum;
  }

  bool may_have_more() const { return state_.rules.items == 0 || std::ssize(own_) < state_.rules.items; }
  int64_t had() const { return std::ssize(own_); }

  // The pair to be asked next, without regard to repeats and gold.
  std::optional<NewAssignment> pair() const {
    std::optional<size_t> best;
    for (size_t item = 0; item < counted_.size(); ++item) {
      if (had_[item] || counted_[item] >= state_.rules.overlap) continue;
      if (!best || counted_[item] < counted_[*best] ||
          (counted_[item] == counted_[*best] && order(item) < order(*best))) {
        best = item;
      }
    }
    if (!best) return std::nullopt;
    return assignment(*best, Rating::kPair);
  }

  std::optional<NewAssignment> repeat() const {
    std::set<int64_t> repeated;
    for (const Assignment* each : own_) {
      if (each->what.repeats) repeated.insert(*each->what.repeats);
    }
    std::vector<const Assignment*> candidates;
    for (const Assignment* each : own_) {
      const bool early = each->ordinal + kRepeatAfter <= std::ssize(own_);
      if (each->what.kind == Rating::kPair && each->voted && early && !repeated.contains(each->id)) {
        candidates.push_back(each);
      }
    }
    if (candidates.empty()) return std::nullopt;
    const Assignment& chosen = *candidates[below(candidates.size())];
    NewAssignment again = chosen.what;
    again.kind = Rating::kRepeat;
    again.first_is_left = !chosen.what.first_is_left;
    again.repeats = chosen.id;
    return again;
  }

  std::optional<NewAssignment> gold() const {
    std::optional<size_t> best;
    for (size_t item = 0; item < counted_.size(); ++item) {
      if (had_[item] || !can_spare(item)) continue;
      if (!best || order(item) < order(*best)) best = item;
    }
    if (!best) return std::nullopt;
    const std::vector<std::string> decoys = decoys_of(*best);
    if (decoys.empty()) return std::nullopt;
    NewAssignment golden = assignment(*best, Rating::kGold);
    golden.decoy = decoys[below(decoys.size())];
    return golden;
  }

  // In [0, 1), of the rater's next item.
  double draw(Draw what) const {
    return uniform_at(state_.rules.seed, stream_, static_cast<uint32_t>(what), static_cast<uint32_t>(own_.size()));
  }

 private:
  double order(size_t item) const {
    return uniform_at(state_.rules.seed, stream_, static_cast<uint32_t>(Draw::kOrder), static_cast<uint32_t>(item));
  }

  size_t below(size_t n) const {
    return std::min(n - 1, static_cast<size_t>(draw(Draw::kWhich) * static_cast<double>(n)));
  }

  NewAssignment assignment(size_t item, Rating::Kind kind) const {
    NewAssignment what;
    what.rater = rater_.id;
    what.item = static_cast<int64_t>(item);
    what.kind = kind;
    what.first_is_left = draw(Draw::kSide) < 0.5;
    return what;
  }

  // Whether the pair gets its raters though this one will never be one of them.
  bool can_spare(size_t item) const {
    std::set<int64_t> used = {rater_.id};
    for (const Assignment& each : state_.given) {
      if (each.what.item == static_cast<int64_t>(item) && each.what.kind != Rating::kRepeat)
        used.insert(each.what.rater);
    }
    int others = 0;
    for (const store::Rater& each : state_.raters) others += !each.revoked && !used.contains(each.id) ? 1 : 0;
    return counted_[item] + others >= state_.rules.overlap;
  }

  std::vector<std::string> decoys_of(size_t item) const {
    const store::RoundItem& wanted = state_.items[item];
    std::set<std::string> prompts;
    for (const store::RoundItem& other : state_.items) {
      if (other.category == wanted.category && other.prompt != wanted.prompt) prompts.insert(other.prompt);
    }
    std::vector<std::string> decoys;
    for (const std::string& prompt : prompts) {
      if (!state_.is_decoy || state_.is_decoy(wanted, prompt)) decoys.push_back(prompt);
    }
    return decoys;
  }

  const AssignState& state_;
  const store::Rater& rater_;
  uint64_t stream_;                     // by the name, so that it does not hang on who else there is
  std::vector<int> counted_;            // raters of a pair that count
  std::vector<bool> had_;               // by this rater, as a pair or gold
  std::vector<const Assignment*> own_;  // in their order
};

}  // namespace

std::optional<store::NewAssignment> next_assignment(const AssignState& state, const store::Rater& rater, int64_t now) {
  const Picker picker(state, rater, now);
  if (rater.revoked || !picker.may_have_more()) return std::nullopt;
  // The rater's work ends with the last pair: a repeat or gold alone would tell itself.
  std::optional<store::NewAssignment> pair = picker.pair();
  if (!pair) return std::nullopt;
  const double kind = picker.draw(Draw::kKind);
  std::optional<store::NewAssignment> other;
  if (kind < state.rules.repeats) {
    other = picker.repeat();
  } else if (kind < state.rules.repeats + state.rules.gold) {
    other = picker.gold();
  }
  return other ? other : pair;
}

int64_t expected_items(const AssignState& state, const store::Rater& rater, int64_t now) {
  const Picker picker(state, rater, now);
  int64_t active = 0;
  for (const store::Rater& each : state.raters) active += each.revoked ? 0 : 1;
  int64_t more = 0;
  if (picker.pair() && active > 0) {
    const double pairs = 1 - state.rules.repeats - state.rules.gold;
    more = static_cast<int64_t>((static_cast<double>(picker.wanted()) / static_cast<double>(active)) / pairs + 0.999);
    more = std::max<int64_t>(more, 1);
  }
  const int64_t all = picker.had() + more;
  return state.rules.items == 0 ? all : std::min<int64_t>(all, std::max<int64_t>(state.rules.items, picker.had()));
}

}  // namespace assay::harness

#include "harness/rating/desk.h"

#include <chrono>

#include "base/error.h"

namespace assay::harness {
namespace {

using store::Assignment;
using store::Json;
using store::Rater;
using store::Rating;
using store::VoteOutcome;

// A rater waits for this; thirty seconds as for a run would be too many.
constexpr int kBusyWaitMs = 5000;

}  // namespace

DeskAnswer refusal(int status, const std::string& sentence) {
  return {status, {{"error", sentence}}};
}

Desk::Desk(const std::filesystem::path& database, DeskParts parts)
    : parts_(std::move(parts)),
      ratings_(database, store::Store::Mode::kWrite, {.busy_wait_ms = kBusyWaitMs, .filesystem_type = {}}) {
  state_.rules = parts_.rules;
  state_.items = ratings_.items(parts_.round.id);
  state_.is_decoy = [this](const store::RoundItem& item, const std::string& decoy) {
    const auto& first = parts_.material.responses[static_cast<size_t>(item.first)];
    const auto& second = parts_.material.responses[static_cast<size_t>(item.second)];
    const std::string& text = second.at(decoy);
    return text != first.at(item.prompt) && text != second.at(item.prompt);
  };
  check_material();
}

void Desk::check_material() const {
  for (const store::RoundItem& item : state_.items) {
    bool there = parts_.material.prompts.contains(item.prompt);
    for (const int run : {item.first, item.second}) {
      there = there && static_cast<size_t>(run) < parts_.material.responses.size() &&
              parts_.material.responses[static_cast<size_t>(run)].contains(item.prompt);
    }
    if (!there) {
      fail_input("round {}: prompt {} is not in the set, or a run has lost its response", parts_.round.name,
                 item.prompt);
    }
  }
}

int64_t Desk::now() const {
  if (parts_.now) return parts_.now();
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::seconds>(system_clock::now().time_since_epoch()).count();
}

std::string Desk::secret() {
  const std::scoped_lock lock(mutex_);
  return ratings_.secret(parts_.round.id);
}

std::optional<Rater> Desk::rater_with_token(const std::string& token_hash) {
  const std::scoped_lock lock(mutex_);
  std::optional<Rater> found = ratings_.rater_with_token(parts_.round.id, token_hash);
  return found && !found->revoked ? found : std::nullopt;
}

std::optional<std::pair<Rater, std::string>> Desk::rater(int64_t id) {
  const std::scoped_lock lock(mutex_);
  std::optional<Rater> found = ratings_.rater(id);
  if (!found || found->revoked) return std::nullopt;
  return std::pair{*found, ratings_.token_hash(id)};
}

void Desk::refresh() {
  const int64_t version = ratings_.foreign_changes();
  if (version == seen_) return;
  seen_ = -1;  // until all of it is read
  state_.raters = ratings_.raters(parts_.round.id);
  state_.given = ratings_.assignments(parts_.round.id);
  seen_ = version;
}

// A session stands for a rater of this round, and the round may have been deleted since.
Rater Desk::known_rater(int64_t id) {
  std::optional<Rater> found = ratings_.rater(id);
  if (!found) fail(ExitCode::kUsage, "the round was deleted");
  return *found;
}

std::optional<Assignment> Desk::open_or_next(const Rater& rater) {
  if (std::optional<Assignment> open = ratings_.open_assignment(rater.id)) return open;
  refresh();
  const std::optional<store::NewAssignment> next = next_assignment(state_, rater, now());
  if (!next) return std::nullopt;
  std::optional<Assignment> given = ratings_.assign(parts_.round.id, *next);
  if (!given) return ratings_.open_assignment(rater.id);  // another process was faster
  state_.given.push_back(*given);
  return given;
}

Json Desk::shown(const Assignment& assignment) const {
  const store::RoundItem& item = state_.items[static_cast<size_t>(assignment.what.item)];
  const ShownPrompt& prompt = parts_.material.prompts.at(item.prompt);
  const auto text = [&](int run, const std::string& id) -> const std::string& {
    return parts_.material.responses[static_cast<size_t>(run)].at(id);
  };
  const std::string& first = text(item.first, item.prompt);
  const std::string& second =
      text(item.second, assignment.what.kind == Rating::kGold ? assignment.what.decoy : item.prompt);
  return {{"assignment", assignment.id},
          {"number", assignment.ordinal + 1},
          {"category", prompt.category},
          {"prompt", prompt.text},
          {"left", assignment.what.first_is_left ? first : second},
          {"right", assignment.what.first_is_left ? second : first},
          {"note", prompt.note}};
}

Json Desk::shown_vote(const Assignment& assignment) {
  const std::optional<store::NewVote> vote = ratings_.last_vote(assignment.id);
  if (!vote) return nullptr;
  const std::string comment =
      vote->comment.empty() ? "" : parts_.texts.open(comment_place(parts_.round.uid, assignment.id), vote->comment);
  return {{"choice", vote->choice}, {"flags", vote->flags}, {"comment", comment}};
}

DeskAnswer Desk::item(int64_t rater) {
  const std::scoped_lock lock(mutex_);
  return item_locked(rater);
}

DeskAnswer Desk::item_locked(int64_t id) {
  const Rater rater = known_rater(id);
  const std::optional<Assignment> open = open_or_next(rater);
  refresh();
  DeskAnswer answer;
  if (open) {
    answer.body = shown(*open);
    answer.body["vote"] = shown_vote(*open);
  } else {
    answer.body["finished"] = true;
  }
  answer.body["done"] = rater.votes;
  answer.body["total"] = open ? expected_items(state_, rater, now()) : rater.votes;
  answer.body["can_undo"] = rater.votes > 0;
  return answer;
}

DeskAnswer Desk::vote(int64_t id, const VoteBody& body) {
  store::NewVote vote = body.vote;
  if (!vote.comment.empty()) {
    vote.comment = parts_.texts.seal(comment_place(parts_.round.uid, body.assignment), vote.comment);
  }
  const std::scoped_lock lock(mutex_);
  const VoteOutcome outcome = ratings_.vote(id, body.assignment, vote);
  if (outcome == VoteOutcome::kConflict) {
    return refusal(409, "this pair was rated already, perhaps in another tab; go on with the one that is open");
  }
  for (Assignment& each : state_.given) {
    if (outcome == VoteOutcome::kStored && each.id == body.assignment) each.voted = true;
  }
  refresh();
  const Rater rater = known_rater(id);
  return {200, {{"stored", true}, {"done", rater.votes}, {"total", expected_items(state_, rater, now())}}};
}

DeskAnswer Desk::undo(int64_t id, const std::string& key) {
  const std::scoped_lock lock(mutex_);
  const VoteOutcome outcome = ratings_.withdraw(id, key);
  if (outcome == VoteOutcome::kConflict) return refusal(409, "there is no vote to take back");
  if (outcome == VoteOutcome::kStored) seen_ = -1;
  return item_locked(id);
}

}  // namespace assay::harness

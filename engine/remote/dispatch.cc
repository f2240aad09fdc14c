#include "engine/remote/dispatch.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>

#include "base/entropy.h"
#include "base/error.h"
#include "base/random.h"
#include "base/text.h"

namespace assay::engine {
namespace {

constexpr int kMostRedirects = 3;
constexpr int kLongestLook = 200;  // milliseconds, so that a stop is seen soon

}  // namespace

Dispatcher::Dispatcher(EndpointAddress address, const HttpOptions& http, const BudgetLimits& limits,
                       DispatchOptions options)
    : address_(std::move(address)),
      key_(http.key),
      pool_(http),
      ledger_(limits),
      options_(options),
      chance_seed_(random_seed()) {}

DispatchEnd Dispatcher::run(const Work& work) {
  next_ = 0;
  waiting_.clear();
  std::exception_ptr failed;
  std::optional<DispatchEnd> end;
  std::optional<Clock::time_point> drained_by;
  while (true) {
    if (!end && !failed && !send_what_may_be(work)) end = DispatchEnd::kBudgetSpent;
    if (sent_.empty() && waiting_.empty()) break;
    if ((end || failed) && !drained_by) {
      drained_by = Clock::now() + std::chrono::milliseconds(static_cast<int64_t>(1000 * options_.drain_seconds));
      waiting_.clear();
    }
    if (drained_by && (sent_.empty() || Clock::now() > *drained_by)) break;
    for (HttpReply& reply : pool_.wait(milliseconds_to_wait())) {
      try {
        handle(work, std::move(reply));
      } catch (...) {
        if (!failed) failed = std::current_exception();
      }
    }
    work.pass();
    if (!end && work.stop != nullptr && work.stop->load()) end = DispatchEnd::kStopped;
  }
  if (failed) std::rethrow_exception(failed);
  return end.value_or(DispatchEnd::kDone);
}

// False where the budget lets nothing be sent, now or ever.
bool Dispatcher::send_what_may_be(const Work& work) {
  for (auto task = waiting_.begin(); task != waiting_.end();) {
    if (task->second.due > Clock::now()) {
      ++task;
      continue;
    }
    if (!send(work, task->first, task->second)) return !sent_.empty();
    task = waiting_.erase(task);
  }
  while (next_ < work.count && sent_.size() + waiting_.size() < options_.concurrency) {
    // What is in flight may turn out cheaper than the worst that was set aside for it.
    if (!send(work, next_, {})) return !sent_.empty() || !waiting_.empty();
    ++next_;
  }
  return true;
}

bool Dispatcher::send(const Work& work, size_t call, Task task) {
  Call made = work.make(call);
  task.worst = made.worst;
  if (!ledger_.reserve(task.worst)) return false;
  if (task.url.empty()) task.url = address_.base + made.path;
  pool_.post(call, task.url, std::move(made.body));
  sent_[call] = std::move(task);
  return true;
}

namespace {

// What decides stays: a spent quota is told by its name.
void drop_words(HttpReply& reply) {
  if (reply.status >= 200 && reply.status < 300) return;
  const bool quota = reply.body.find("insufficient_quota") != std::string::npos;
  reply.body = fmt::format(R"({{"error": {{"message": "{}"}}}})",
                           quota ? "insufficient_quota" : "the server's words are not shown: they may quote a prompt");
}

}  // namespace

void Dispatcher::handle(const Work& work, HttpReply reply) {
  const size_t call = reply.id;
  Task task = std::move(sent_.at(call));
  sent_.erase(call);
  if (!options_.quotes_server) drop_words(reply);
  const Verdict verdict = judge(reply, address_, key_, std::time(nullptr));
  if (verdict.kind == Verdict::Kind::kAnswer) {
    Cost actual;
    if (read_usage(verdict.answer, actual)) {
      ledger_.settle(task.worst, actual);
    } else {
      ledger_.settle_unknown(task.worst);
    }
    ++answers_;
    work.take(call, verdict.answer);
    return;
  }
  if (verdict.computed) {
    ledger_.settle_unknown(task.worst);
  } else {
    ledger_.settle_refused(task.worst);
  }
  switch (verdict.kind) {
    case Verdict::Kind::kRedirect:
      return redirect(call, std::move(task), reply);
    case Verdict::Kind::kTryAgain:
      return try_again(call, std::move(task), verdict);
    default:
      if (work.refused && work.refused(call, reply.status)) return;
      fail(ExitCode::kUnavailable, "{}: {}", address_.base, key_.redact(verdict.why));
  }
}

void Dispatcher::try_again(size_t call, Task task, const Verdict& verdict) {
  // A server that is busy with our other requests has not failed.
  const bool others_get_on = verdict.busy && answers_ > task.answers_then;
  if (!others_get_on || task.failures == 0) ++task.failures;
  task.answers_then = answers_;
  if (task.failures >= options_.tries) {
    fail(ExitCode::kUnavailable, "{} failed {} times in a row to answer a request: {}; check that the server is up",
         address_.base, task.failures, key_.redact(verdict.why));
  }
  if (verdict.wait_seconds.value_or(0) > options_.longest_wait) {
    fail(ExitCode::kUnavailable, "{} asks to wait {:.0f} seconds (Retry-After): {}; continue later", address_.base,
         *verdict.wait_seconds, key_.redact(verdict.why));
  }
  const double chance = uniform_at(chance_seed_, call, static_cast<uint32_t>(task.failures), 0);
  const double wait = verdict.wait_seconds ? back_off(task.failures, verdict.wait_seconds, chance)
                                           : options_.back_off * back_off(task.failures, std::nullopt, chance);
  task.due = Clock::now() + std::chrono::milliseconds(static_cast<int64_t>(1000 * wait));
  waiting_[call] = std::move(task);
  ++tries_again_;
}

void Dispatcher::redirect(size_t call, Task task, const HttpReply& reply) {
  const std::string target = redirect_on_same_host(task.url, reply.location);
  // Only these two say that the request is to be made again as it was.
  const bool as_it_was = reply.status == 307 || reply.status == 308;
  if (target.empty() || !as_it_was || ++task.redirects > kMostRedirects) {
    fail(ExitCode::kUnavailable,
         "{} redirects ({}) to {}, which is not followed, because key and prompts would go along; give the address "
         "that is meant in --model",
         address_.base, reply.status, reply.location.empty() ? "nowhere" : printable(reply.location));
  }
  task.url = target;
  task.due = Clock::now();
  waiting_[call] = std::move(task);
}

int Dispatcher::milliseconds_to_wait() const {
  int longest = kLongestLook;
  for (const auto& [call, task] : waiting_) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(task.due - Clock::now()).count() + 1;
    longest = static_cast<int>(std::clamp<int64_t>(left, 0, longest));
  }
  return longest;
}

}  // namespace assay::engine

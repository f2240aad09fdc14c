#include "harness/session.h"

#include <fmt/format.h>

#include <cmath>
#include <map>

#include "harness/preference/hidden_text.h"

namespace assay::harness {
namespace {

constexpr size_t kAnswersATransaction = 1000;

// Token ids would tell the text.
void hide(const HiddenTexts& texts, const std::string& id, const Ask& ask, engine::Response& response) {
  auto& generated = std::get<engine::GenerateResponse>(response.body);
  generated.text = texts.seal(response_place(id, ask.repeat), generated.text);
  generated.token_ids.clear();
}

}  // namespace

Session::Session(store::Store& store, const std::vector<PreparedRun>& runs, std::vector<int64_t> numbers,
                 sandbox::Jail* jail)
    : store_(store), runs_(runs), numbers_(std::move(numbers)), jail_(jail), running_(runs.size()) {
  for (size_t run = 0; run < runs_.size(); ++run) {
    for (size_t position : store_.missing(numbers_[run])) {
      open_.push_back({run, position});
      requests_.push_back(runs_[run].asks.at(position).request);
    }
    if (jail_ != nullptr && runs_[run].scorer.needs_execution()) execute_unscored(run);
  }
}

void Session::take(std::vector<engine::Response> responses) {
  std::vector<store::NewResponse> batch;
  batch.reserve(responses.size());
  for (engine::Response& response : responses) {
    const Open& open = open_.at(response.request);
    const PreparedRun& run = runs_[open.run];
    const Ask& ask = run.asks[open.position];
    const tasks::Item& item = run.rendered.items[ask.item];
    std::optional<scorers::Score> score;
    if (!execute(open.run, open.position, response)) {
      score = run.scorer.score(item.sample, item.gold, ask.request, response);
      count(open.run, *score);
    }
    if (run.hidden) hide(*run.hidden, item.sample.id, ask, response);
    batch.push_back({numbers_[open.run], open.position, std::move(response), std::move(score)});
  }
  store_.add_responses(batch);
  collect(std::chrono::milliseconds(0));
}

bool Session::execute(size_t run, size_t position, const engine::Response& response) {
  if (jail_ == nullptr) return false;
  const PreparedRun& of = runs_[run];
  const Ask& ask = of.asks.at(position);
  const tasks::Item& item = of.rendered.items[ask.item];
  std::optional<sandbox::GradeJob> program = of.scorer.program(item.sample, item.gold, ask.request, response);
  if (!program) return false;
  std::future<sandbox::Grade> grade = jail_->grade(*program);
  executing_.push_back({run, position, std::move(*program), std::move(grade)});
  ++programs_;
  return true;
}

void Session::execute_unscored(size_t run) {
  for (const store::StoredSample& sample : store_.load_samples(numbers_[run], runs_[run].scorer.version())) {
    if (sample.response && !sample.score) execute(run, sample.position, *sample.response);
  }
}

void Session::collect(std::chrono::milliseconds patience) {
  // Durable scores cost a transaction, so those of a while go into one; until then their programs would run again.
  constexpr std::chrono::milliseconds kGather{200};
  const std::chrono::milliseconds gather = std::min(patience, kGather);
  auto until = std::chrono::steady_clock::now() + patience;
  std::map<size_t, std::vector<store::NewScore>> scores;  // by run
  size_t ended = 0;
  // The jail begins them in their order, so whatever has ended is at the front, but for a few.
  while (ended < executing_.size() && executing_[ended].grade.wait_until(until) == std::future_status::ready) {
    Executing& done = executing_[ended++];
    scores[done.run].push_back({done.position, runs_[done.run].scorer.score(done.program, done.grade.get())});
    if (ended == 1) until = std::chrono::steady_clock::now() + gather;
  }
  for (const auto& [run, of_run] : scores) {
    store_.add_scores(numbers_[run], runs_[run].scorer.version(), of_run);
    for (const store::NewScore& entry : of_run) count(run, entry.score);
  }
  executing_.erase(executing_.begin(), executing_.begin() + static_cast<ptrdiff_t>(ended));
}

std::vector<std::string> Session::take_all(const AnswerFile& file) {
  std::vector<std::string> lacking;
  std::vector<engine::Response> responses;
  for (size_t i = 0; i < open_.size(); ++i) {
    const PreparedRun& run = runs_[open_[i].run];
    const Ask& ask = run.asks[open_[i].position];
    const std::string& id = run.rendered.items[ask.item].sample.id;
    const auto* generate = std::get_if<engine::GenerateRequest>(&ask.request);
    const size_t repeat = generate != nullptr ? generate->sampling.repeat : 0;
    std::optional<engine::Response> answer = file.answer(id, repeat, ask.request);
    if (!answer) {
      lacking.push_back(run.rendered.task + ": " + id);
      continue;
    }
    answer->request = i;
    responses.push_back(std::move(*answer));
    if (responses.size() == kAnswersATransaction) take(std::exchange(responses, {}));
  }
  if (!responses.empty()) take(std::move(responses));
  return lacking;
}

void Session::count(size_t run, const scorers::Score& score) {
  const auto& names = runs_[run].scorer.names();
  if (names.empty()) return;
  const auto value = score.values.find(names.front().score);
  if (value == score.values.end()) return;
  Running& running = running_[run];
  running.sum += value->second;
  running.sum_of_squares += value->second * value->second;
  ++running.n;
  last_run_ = run;
}

std::string Session::running_score() const {
  const Running& running = running_[last_run_];
  if (running.n == 0) return "";
  const auto& name = runs_[last_run_].scorer.names().front();
  const double mean = running.sum / running.n;
  const double variance = std::max(0.0, running.sum_of_squares / running.n - mean * mean);
  return fmt::format("{} {} {:.1f} +/- {:.1f}", runs_[last_run_].rendered.task, name.metric, 100 * mean,
                     196 * std::sqrt(variance / std::max(1, running.n - 1)));
}

}  // namespace assay::harness

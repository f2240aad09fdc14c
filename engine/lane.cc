#include "engine/lane.h"

#include <utility>

#include "base/error.h"
#include "engine/memory.h"
#include "engine/open_devices.h"
#include "engine/scheduler/scheduler.h"

namespace assay::engine {
namespace {

constexpr int kMostStepTokens = 1 << 16;
// Of the memory that is free. The rest is for activations, logits, the requests and everybody else.
constexpr double kShareOfMemory = 0.8;

int choose_step_tokens(int asked, const Device& device) {
  if (asked < 0 || asked > kMostStepTokens) {
    fail(ExitCode::kUsage, "--step-tokens {} is not between 1 and {}", asked, kMostStepTokens);
  }
  return asked == 0 ? device.step_tokens() : asked;
}

int64_t memory_budget(double asked_gib, const Device& device) {
  if (!(asked_gib >= 0) || asked_gib > 1 << 20) fail(ExitCode::kUsage, "--memory {} is not a size in GiB", asked_gib);
  if (asked_gib > 0) return static_cast<int64_t>(asked_gib * (1 << 30));
  return static_cast<int64_t>(kShareOfMemory * static_cast<double>(device.own_memory().value_or(available_memory())));
}

Progress progress_of(const Scheduler& scheduler) {
  return {scheduler.prompt_tokens_done(), scheduler.prompt_tokens(), scheduler.generated_tokens_done(),
          scheduler.generated_tokens_left()};
}

}  // namespace

Lane::Lane(const LaneModel& model, std::unique_ptr<Device> device, int step_tokens, double memory_gib)
    : shared_(model),
      device_(std::move(device)),
      step_tokens_(choose_step_tokens(step_tokens, *device_)),
      budget_(memory_budget(memory_gib, *device_)) {
  check_weights_fit();
  model_ = std::make_unique<Model>(shared_.checkpoint, *device_, shared_.type, step_tokens_);
}

// The embedding stays in the checkpoint's file unless the device has a memory of its own.
int64_t Lane::weights_in_memory() const {
  const Architecture& architecture = shared_.checkpoint.architecture();
  const int64_t table = int64_t{architecture.vocab} * architecture.dim * static_cast<int64_t>(bytes_of(shared_.type));
  return weight_bytes(architecture, shared_.type) + (device_->own_memory() ? table : 0);
}

void Lane::check_weights_fit() const {
  const int64_t needed = weights_in_memory();
  if (needed <= budget_) return;
  fail(ExitCode::kUnavailable, "the weights of {} take {} as {}, but only {} of memory may be used; see --memory",
       shared_.name, format_gib(needed), name_of(shared_.type), format_gib(budget_));
}

// Moves the sequences away.
Scheduler Lane::schedule(Sequences& sequences) const {
  SchedulerLimits limits;
  limits.step_tokens = step_tokens_;
  limits.pages = (budget_ - weights_in_memory()) / page_bytes(shared_.checkpoint.architecture(), *device_);
  return {std::move(sequences.scored), std::move(sequences.generated), limits};
}

Plan Lane::plan(LaneShare share) const {
  Plan result;
  for (const EncodedRequest& request : share.encoded) result.truncated += request.truncated ? 1 : 0;
  result.requests = static_cast<int64_t>(share.encoded.size());
  Sequences sequences = take_sequences(share.encoded);
  const Scheduler scheduler = schedule(sequences);
  result.unshared_tokens = scheduler.unshared_tokens();
  result.prompt_tokens = scheduler.prompt_tokens();
  result.generated_tokens = scheduler.generated_tokens_left();
  result.weight_bytes = weights_in_memory();
  result.cache_bytes = scheduler.peak_pages() * page_bytes(shared_.checkpoint.architecture(), *device_);
  return result;
}

bool Lane::run(std::span<const Request> all, LaneShare share, const LaneCallbacks& callbacks) {
  Sequences sequences = take_sequences(share.encoded);
  Scheduler scheduler = schedule(sequences);
  Answers answers(all, std::move(share.which), std::move(share.encoded), sequences, shared_.loaded.tokenizer,
                  shared_.end);
  const auto hand_out = [&] {
    std::vector<Response> finished = answers.take_finished();
    if (!finished.empty()) callbacks.on_responses(std::move(finished));
  };
  hand_out();
  if (!scheduler.done()) model_->make_cache(static_cast<int>(scheduler.peak_pages()));
  // A device that computes elsewhere does so while the answers of the step before are stored and executed.
  const bool computes_elsewhere = device_->own_memory().has_value();
  bool behind = false;  // a step was absorbed and not yet told of
  const auto tell = [&] {
    if (!behind) return;
    hand_out();
    callbacks.on_step(progress_of(scheduler));
    behind = false;
  };
  try {
    while (!scheduler.done() && !callbacks.stopped()) {
      model_->start(scheduler.next_step());
      tell();
      scheduler.absorb(model_->finish(), answers.sink());
      behind = true;
      if (!computes_elsewhere) tell();
    }
  } catch (const NanFound& found) {
    tell();
    report_nan(found, answers.request_of(scheduler.owner_of_row(found.row)));
  } catch (...) {
    tell();
    throw;
  }
  tell();
  return scheduler.done();
}

void Lane::report_nan(const NanFound& found, size_t request) const {
  const int layers = shared_.checkpoint.architecture().layers;
  const std::string where = found.layer < 0        ? "the embedding"
                            : found.layer < layers ? fmt::format("layer {}", found.layer)
                                                   : "the output matrix";
  fail_input(
      "{}: {} gives a NaN for request {}; the run stops, and nothing that depends on it "
      "is scored",
      shared_.name, where, request);
}

}  // namespace assay::engine

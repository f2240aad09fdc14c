#include "scorers/rule.h"

#include "base/error.h"

namespace assay::scorers {
namespace {

template <typename Wanted, typename Variant>
const Wanted& need(const Answer& answer, const Variant& value, const char* what) {
  const Wanted* found = std::get_if<Wanted>(&value);
  if (found == nullptr) {
    fail_input("sample {}: the scorer needs {}; give the task a scorer that fits its request", answer.sample.id, what);
  }
  return *found;
}

}  // namespace

const engine::GenerateResponse& generated(const Answer& answer) {
  return need<engine::GenerateResponse>(answer, answer.response.body, "a generated text");
}

const engine::LogLikelihoodRequest& asked_options(const Answer& answer) {
  return need<engine::LogLikelihoodRequest>(answer, answer.request, "a request with continuations");
}

const engine::LogLikelihoodResponse& weighed_options(const Answer& answer) {
  return need<engine::LogLikelihoodResponse>(answer, answer.response.body, "log-probabilities of continuations");
}

const engine::TextRequest& asked_text(const Answer& answer) {
  return need<engine::TextRequest>(answer, answer.request, "a request for a text's log-probability");
}

const engine::TextResponse& weighed_text(const Answer& answer) {
  return need<engine::TextResponse>(answer, answer.response.body, "the log-probability of a text");
}

}  // namespace assay::scorers

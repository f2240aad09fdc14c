#include "engine/remote/budget.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay::engine {
namespace {

void add(Cost& to, const Cost& cost, int64_t times = 1) {
  to.prompt_tokens += times * cost.prompt_tokens;
  to.generated_tokens += times * cost.generated_tokens;
}

std::string with_commas(int64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

}  // namespace

double Ledger::price_of(const Cost& cost) const {
  return (static_cast<double>(cost.prompt_tokens) * limits_.price_in +
          static_cast<double>(cost.generated_tokens) * limits_.price_out) /
         1e6;
}

bool Ledger::reserve(const Cost& worst) {
  Cost total = spent_;
  add(total, reserved_);
  add(total, worst);
  add(total, surplus_, in_flight_ + 1);
  if (limits_.requests > 0 && requests_ + 1 > limits_.requests) {
    spent_limit_ = fmt::format("--max-requests {}", limits_.requests);
  } else if (limits_.tokens > 0 && total.prompt_tokens + total.generated_tokens > limits_.tokens) {
    spent_limit_ = fmt::format("--max-cost-tokens {}", limits_.tokens);
  } else if (limits_.money > 0 && price_of(total) > limits_.money) {
    spent_limit_ = fmt::format("--max-money {}", limits_.money);
  } else {
    ++requests_;
    ++in_flight_;
    add(reserved_, worst);
    return true;
  }
  return false;
}

void Ledger::release(const Cost& worst) {
  add(reserved_, worst, -1);
  --in_flight_;
}

void Ledger::settle(const Cost& worst, const Cost& actual) {
  release(worst);
  add(spent_, actual);
  surplus_.prompt_tokens = std::max(surplus_.prompt_tokens, actual.prompt_tokens - worst.prompt_tokens);
  surplus_.generated_tokens = std::max(surplus_.generated_tokens, actual.generated_tokens - worst.generated_tokens);
}

void Ledger::settle_unknown(const Cost& worst) {
  release(worst);
  add(spent_, worst);
  uncertain_ = true;
}

void Ledger::settle_refused(const Cost& worst) {
  release(worst);
}

std::string Ledger::text() const {
  std::string text = fmt::format("{} request{}, {}{} prompt and {} generated tokens", with_commas(requests_),
                                 requests_ == 1 ? "" : "s", uncertain_ ? "at most " : "",
                                 with_commas(spent_.prompt_tokens), with_commas(spent_.generated_tokens));
  if (limits_.price_in > 0 || limits_.price_out > 0) text += fmt::format(", {:.4f} at the prices given", money());
  return text;
}

}  // namespace assay::engine

#include "engine/chat/arithmetic.h"

#include <cmath>

#include "engine/chat/compare.h"
#include "engine/chat/format.h"

namespace assay::engine::chat {
namespace {

[[noreturn]] void fail_overflow() {
  fail_template("an integer leaves 64 bits");
}

// Python rounds down, and the remainder has the divisor's sign.
int64_t floor_divide(int64_t a, int64_t b) {
  if (b == -1) {
    if (a == INT64_MIN) fail_overflow();
    return -a;
  }
  const int64_t quotient = a / b;
  return quotient - ((a % b != 0 && (a < 0) != (b < 0)) ? 1 : 0);
}

double floor_modulo(double a, double b) {
  const double remainder = std::fmod(a, b);
  if (remainder == 0) return std::copysign(0.0, b);
  return (remainder < 0) != (b < 0) ? remainder + b : remainder;
}

Value power(int64_t base, int64_t exponent) {
  if (exponent < 0) {
    if (base == 0) fail_template("0 is raised to a negative power");
    return Value(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
  }
  int64_t result = 1;
  bool overflow = false;
  for (int64_t square = base; exponent > 0 && !overflow; exponent /= 2) {
    if (exponent % 2 == 1) overflow = __builtin_mul_overflow(result, square, &result);
    if (exponent > 1) overflow = overflow || __builtin_mul_overflow(square, square, &square);
  }
  if (overflow) fail_overflow();
  return Value(result);
}

Value integers(std::string_view sign, int64_t a, int64_t b) {
  if (sign == "+" || sign == "-" || sign == "*") {
    int64_t result = 0;
    const bool overflow = sign == "+"   ? __builtin_add_overflow(a, b, &result)
                          : sign == "-" ? __builtin_sub_overflow(a, b, &result)
                                        : __builtin_mul_overflow(a, b, &result);
    if (overflow) fail_overflow();
    return Value(result);
  }
  if (sign == "**") return power(a, b);
  if (b == 0) fail_template("a number is divided by zero");
  if (sign == "/") return Value(static_cast<double>(a) / static_cast<double>(b));
  const int64_t quotient = floor_divide(a, b);
  return Value(sign == "//" ? quotient : a - quotient * b);
}

Value reals(std::string_view sign, double a, double b) {
  if (sign == "+") return Value(a + b);
  if (sign == "-") return Value(a - b);
  if (sign == "*") return Value(a * b);
  if (sign == "**") {
    if (a < 0 && b != std::floor(b)) fail_template("a negative number is raised to a fraction");
    if (a == 0 && b < 0) fail_template("0 is raised to a negative power");
    return Value(std::pow(a, b));
  }
  if (b == 0) fail_template("a number is divided by zero");
  if (sign == "/") return Value(a / b);
  if (sign == "%") return Value(floor_modulo(a, b));
  return Value(std::floor((a - floor_modulo(a, b)) / b + 0.5));
}

Value joined(Runtime& runtime, const Value& a, const Value& b) {
  if (a.is_text()) {
    MarkedText text = a.text();
    text.append(b.text());
    return runtime.text(std::move(text));
  }
  std::vector<Value> items = a.as<List*>()->items;
  const std::vector<Value>& more = b.as<List*>()->items;
  items.insert(items.end(), more.begin(), more.end());
  return runtime.list(std::move(items), a.as<List*>()->kind);
}

Value repeated(Runtime& runtime, const Value& what, int64_t count) {
  const size_t times = count < 0 ? 0 : static_cast<size_t>(count);
  const size_t one = what.is_text() ? what.text().size() : what.as<List*>()->items.size() * sizeof(Value);
  constexpr size_t kMost = size_t{1} << 32U;
  if (one > 0 && times > kMost / one) fail_template("a {} is repeated {} times", type_name(what), count);
  // Before the copies are made, not after.
  runtime.work(one * times);
  runtime.allocate(one * times);
  if (what.is_text()) {
    MarkedText text;
    for (size_t i = 0; one > 0 && i < times; ++i) text.append(what.text());
    return runtime.text(std::move(text));
  }
  std::vector<Value> items;
  const List& list = *what.as<List*>();
  for (size_t i = 0; one > 0 && i < times; ++i) items.insert(items.end(), list.items.begin(), list.items.end());
  return runtime.list(std::move(items), list.kind);
}

bool is_sequence(const Value& value) {
  return value.is_text() || (value.is<List*>() && value.as<List*>()->kind != List::Kind::kGenerator);
}

bool same_sequence(const Value& a, const Value& b) {
  return is_sequence(a) && type_name(a) == type_name(b);
}

}  // namespace

Value arithmetic(Runtime& runtime, std::string_view sign, const Value& a, const Value& b) {
  runtime.work();
  for (const Value* one : {&a, &b}) {
    if (one->is_undefined() && !(sign == "%" && a.is_text())) fail_undefined(*one);
  }
  if (is_integer(a) && is_integer(b)) return integers(sign, integer_of(a), integer_of(b));
  if (is_number(a) && is_number(b)) return reals(sign, real_of(a), real_of(b));
  if (sign == "+" && same_sequence(a, b)) return joined(runtime, a, b);
  if (sign == "*" && is_sequence(a) && is_integer(b)) return repeated(runtime, a, integer_of(b));
  if (sign == "*" && is_integer(a) && is_sequence(b)) return repeated(runtime, b, integer_of(a));
  if (sign == "%" && a.is_text()) {
    const bool several = b.is<List*>() && b.as<List*>()->kind == List::Kind::kTuple;
    return percent_format(runtime, a.text(), several ? b.as<List*>()->items : std::vector<Value>{b});
  }
  fail_template("{} {} {} means nothing", type_name(a), sign, type_name(b));
}

Value negative(const Value& value) {
  if (value.is_undefined()) fail_undefined(value);
  if (value.is<double>()) return Value(-value.as<double>());
  if (!is_integer(value)) fail_template("a {} has no negative", type_name(value));
  if (integer_of(value) == INT64_MIN) fail_overflow();
  return Value(-integer_of(value));
}

Value positive(const Value& value) {
  if (value.is_undefined()) fail_undefined(value);
  if (value.is<double>()) return value;
  if (!is_integer(value)) fail_template("a {} has no sign", type_name(value));
  return Value(integer_of(value));
}

}  // namespace assay::engine::chat

// Elementary functions of sixteen floats, over any vector type V of vec_scalar.h's kind. Each lane is a function of
// that lane alone, the same bits in every set.
//
// Included by the files of one instruction set each: nothing here but templates over V, and no library function that a
// linker might merge with another file's copy.
#pragma once

#include "engine/device/cpu/vec_scalar.h"

namespace assay::engine {

// x = n ln 2 + r with |r| <= ln 2 / 2. n is rounded by adding 1.5 * 2^23, with 127 more so that the low bits of
// `shifted` are the exponent of 2^n.
template <typename V>
struct ReducedExponent {
  V shifted;
  V r;
};
template <typename V>
ReducedExponent<V> reduce_exponent(V x) {
  const V shifter = V::broadcast(12582912.0F + 127.0F);
  const V shifted = fma(x, V::broadcast(0x1.715476p+0F), shifter);
  const V n = shifted - shifter;
  const V r = fma(n, V::broadcast(-0x1.62e43p-1F), x);
  return {shifted, fma(n, V::broadcast(0x1.05c61p-29F), r)};
}

// q of exp(r) = 1 + r + r^2 q(r) for such r: degree 4 by Remez' algorithm, relative error of exp 2^-28.3.
template <typename V>
V exp_tail(V r) {
  V p = V::broadcast(0.0013814528937845163F);
  p = fma(p, r, V::broadcast(0.008368750489274615F));
  p = fma(p, r, V::broadcast(0.04166839130767938F));
  p = fma(p, r, V::broadcast(0.16666520354680522F));
  return fma(p, r, V::broadcast(0.49999993429130435F));
}

template <typename V>
V exp_of_reduced(V x, ReducedExponent<V> reduced) {
  V p = fma(exp_tail(reduced.r), reduced.r, V::broadcast(1.0F));
  p = fma(p, reduced.r, V::broadcast(1.0F));
  return zero_where_less(p * power_of_two(reduced.shifted), x, V::broadcast(-87.3365402F));
}

// exp(x) for x <= 0 within 1 ulp, 0 where the result would be subnormal, exactly 1 at 0; NaN stays NaN.
template <typename V>
V exp_of_nonpositive(V x) {
  return exp_of_reduced(x, reduce_exponent(x));
}
// exp(x + low) of two floats of which the second is a rounding error of the first.
template <typename V>
V exp_of_nonpositive(V x, V low) {
  ReducedExponent<V> reduced = reduce_exponent(x);
  reduced.r = reduced.r + low;
  return exp_of_reduced(x, reduced);
}

// g / (1 + exp(-g)) * u, by the exponential of -|g| alone, which cannot overflow.
template <typename V>
V silu_times(V g, V u) {
  const V one = V::broadcast(1);
  const V e = exp_of_nonpositive(negative_magnitude(g));
  return g * where_negative(g, e, one) / (one + e) * u;
}

// g / 2 * (1 + tanh(y)) * u with y = sqrt(2 / pi) (g + 0.044715 g^3), which is g / (1 + exp(-2 y)) * u: no difference
// of nearly equal numbers, and e = exp(-2 |y|) cannot overflow. An error of the argument is one of e, relative, so the
// argument is kept in two floats: m (a + b m^2) with a, b = 2 sqrt(2 / pi) * (1, 0.044715). The first part of a has 21
// bits, which makes a - sum exact.
template <typename V>
V gelu_times(V g, V u) {
  const V one = V::broadcast(1);
  const V zero = V::broadcast(0);
  const V a = V::broadcast(0x1.98845p+0F);
  const V b = V::broadcast(0x1.2444f2p-4F);
  // Where |g| is larger, e is 0 already. The bound stands second, so that a NaN becomes it; g itself brings it back.
  const V m = max(negative_magnitude(g), V::broadcast(-12.0F));
  const V square = m * m;
  const V square_low = fma(m, m, zero - square);
  const V sum = fma(b, square, a);
  V low = fma(V::broadcast(0x1.49b16ap-29F), square, V::broadcast(0x1.9ea1b2p-23F));
  low = fma(b, square_low, low) + fma(b, square, a - sum);
  const V product = m * sum;
  const V e = exp_of_nonpositive(product, fma(m, low, fma(m, sum, zero - product)));
  return g * where_negative(g, e, one) / (one + e) * u;
}

// cap * tanh(x / cap) within a few ulp. tanh|z| = -d / (2 + d) with d = exp(-2 |z|) - 1 = 2^n (r + r^2 q(r)) + (2^n -
// 1), which loses nothing where z is small.
template <typename V>
struct SoftCap {
  V cap;
  V scale;  // 2 / cap

  explicit SoftCap(float limit) : cap(V::broadcast(limit)), scale(V::broadcast(2 / limit)) {}

  V operator()(V x) const {
    // The bound stands first, so that a NaN stays one.
    const V z = max(V::broadcast(-64.0F), negative_magnitude(x) * scale);
    const ReducedExponent<V> reduced = reduce_exponent(z);
    const V power = power_of_two(reduced.shifted);
    const V d = fma(power, fma(exp_tail(reduced.r) * reduced.r, reduced.r, reduced.r), power - V::broadcast(1));
    const V below = cap * d / (V::broadcast(2) + d);
    return where_negative(x, below, V::broadcast(0) - below);
  }
};

}  // namespace assay::engine

// Norm, rotation, activation and softmax of one row, over any vector type V of vec_scalar.h's kind.
//
// Included by the files of one instruction set each: nothing here but templates over V, and no library function that a
// linker might merge with another file's copy.
#pragma once

#include "engine/device/cpu/vec_math.h"
#include "engine/device/cpu/vec_ops.h"

namespace assay::engine {

inline constexpr float kMinusInfinity = -__builtin_inff();
inline constexpr float kLowest = -0x1.fffffep+127F;

// The end of a row: n < kLanes floats, then `fill`.
template <typename V>
V load_first(const float* p, int n, float fill = 0) {
  float lanes[kLanes];
  for (int i = 0; i < kLanes; ++i) lanes[i] = i < n ? p[i] : fill;
  return V::load(lanes);
}
template <typename V>
void store_first(const V& v, float* p, int n) {
  float lanes[kLanes];
  v.store(lanes);
  for (int i = 0; i < n; ++i) p[i] = lanes[i];
}

template <typename V>
float sum_of_squares(const float* x, int n) {
  V even = V::broadcast(0);
  V odd = V::broadcast(0);
  int i = 0;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    const V a = V::load(x + i);
    const V b = V::load(x + i + kLanes);
    even = fma(a, a, even);
    odd = fma(b, b, odd);
  }
  if (i + kLanes <= n) {
    const V a = V::load(x + i);
    even = fma(a, a, even);
    i += kLanes;
  }
  if (i < n) {
    const V b = load_first<V>(x + i, n - i);
    odd = fma(b, b, odd);
  }
  return reduce_add(even + odd);
}

template <typename V>
void scale_and_weigh(const float* x, int n, float factor, const float* weight, float* out) {
  const V f = V::broadcast(factor);
  int i = 0;
  for (; i + kLanes <= n; i += kLanes) (V::load(x + i) * f * V::load(weight + i)).store(out + i);
  if (i < n) store_first(load_first<V>(x + i, n - i) * f * load_first<V>(weight + i, n - i), out + i, n - i);
}

template <typename V>
void scale_weigh_and_add(const float* x, int n, float factor, const float* weight, float* out) {
  const V f = V::broadcast(factor);
  int i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    (V::load(out + i) + V::load(x + i) * f * V::load(weight + i)).store(out + i);
  }
  if (i < n) {
    const int rest = n - i;
    const V added = load_first<V>(x + i, rest) * f * load_first<V>(weight + i, rest);
    store_first(load_first<V>(out + i, rest) + added, out + i, rest);
  }
}

template <typename V>
void rotate(float* x, int half, const float* cosines, const float* sines) {
  float* y = x + half;
  int i = 0;
  for (; i + kLanes <= half; i += kLanes) {
    const V a = V::load(x + i);
    const V b = V::load(y + i);
    const V c = V::load(cosines + i);
    const V s = V::load(sines + i);
    (a * c - b * s).store(x + i);
    (b * c + a * s).store(y + i);
  }
  if (i < half) {
    const int rest = half - i;
    const V a = load_first<V>(x + i, rest);
    const V b = load_first<V>(y + i, rest);
    const V c = load_first<V>(cosines + i, rest);
    const V s = load_first<V>(sines + i, rest);
    store_first(a * c - b * s, x + i, rest);
    store_first(b * c + a * s, y + i, rest);
  }
}

// out = f(gate, up) per element
template <typename V, typename F>
void multiply_by_activated(const float* gate, const float* up, int n, float* out, const F& f) {
  int i = 0;
  for (; i + kLanes <= n; i += kLanes) f(V::load(gate + i), V::load(up + i)).store(out + i);
  if (i < n) store_first(f(load_first<V>(gate + i, n - i), load_first<V>(up + i, n - i)), out + i, n - i);
}
template <typename V>
void silu_and_multiply(const float* gate, const float* up, int n, float* out) {
  multiply_by_activated<V>(gate, up, n, out, [](V g, V u) { return silu_times(g, u); });
}
template <typename V>
void gelu_and_multiply(const float* gate, const float* up, int n, float* out) {
  multiply_by_activated<V>(gate, up, n, out, [](V g, V u) { return gelu_times(g, u); });
}

template <typename V>
void soft_cap(float* x, int n, float cap) {
  const SoftCap<V> capped(cap);
  int i = 0;
  for (; i + kLanes <= n; i += kLanes) capped(V::load(x + i)).store(x + i);
  if (i < n) store_first(capped(load_first<V>(x + i, n - i)), x + i, n - i);
}

template <typename V>
RowMaximum maximum(const float* x, int n) {
  const V least = V::broadcast(kMinusInfinity);
  V even = least;
  V odd = least;
  bool nan = false;
  int i = 0;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    const V a = V::load(x + i);
    const V b = V::load(x + i + kLanes);
    nan |= any_nan(a + b) && (any_nan(a) || any_nan(b));  // the sum is also NaN for infinities of both signs
    even = max(a, even);
    odd = max(b, odd);
  }
  for (; i < n; i += kLanes) {
    const V a = n - i >= kLanes ? V::load(x + i) : load_first<V>(x + i, n - i, kMinusInfinity);
    nan |= any_nan(a);
    even = max(a, even);
  }
  return {reduce_max(max(even, odd)), nan};
}

template <typename V>
double sum_of_exp(const float* x, int n, float max, float factor, float* terms) {
  constexpr int kBlock = 1024;
  const V top = V::broadcast(max);
  const V f = V::broadcast(factor);
  double sum = 0;
  for (int block = 0; block < n; block += kBlock) {
    const int end = n - block < kBlock ? n : block + kBlock;
    V even = V::broadcast(0);
    V odd = V::broadcast(0);
    int i = block;
    for (; i + 2 * kLanes <= end; i += 2 * kLanes) {
      const V a = exp_of_nonpositive((V::load(x + i) - top) * f);
      const V b = exp_of_nonpositive((V::load(x + i + kLanes) - top) * f);
      if (terms != nullptr) {
        a.store(terms + i);
        b.store(terms + i + kLanes);
      }
      even = even + a;
      odd = odd + b;
    }
    for (; i < end; i += kLanes) {
      const int rest = end - i;
      const V logits = rest >= kLanes ? V::load(x + i) : load_first<V>(x + i, rest, kMinusInfinity);
      const V a = exp_of_nonpositive((logits - top) * f);
      if (terms != nullptr) store_first(a, terms + i, rest < kLanes ? rest : kLanes);
      even = even + a;
    }
    sum += double{reduce_add(even + odd)};
  }
  return sum;
}

}  // namespace assay::engine

// Sixteen floats, and the few things that the CPU's operations do with them. This one is plain C++: the oracle, and the
// definition of what vec_avx2.h and vec_avx512.h do with instructions. All three agree in every bit.
//
// A vector type V has
//   kRegisters     registers of the machine that one V takes, kRegisterFile that there are; they decide the tile shapes
//   load, store    16 floats, unaligned;  broadcast  one float to all lanes
//   + - * /        per lane, rounded once;  fma(a, b, c) = a * b + c, rounded once
//   max(a, b)      per lane; b where either is a NaN
//   negative_magnitude(v)    -|v|
//   where_negative(v, a, b)  a in the lanes whose v has its sign bit set, else b
//   zero_where_less(v, x, c) 0 in the lanes with x < c (false for a NaN), else v
//   first_lanes(v, n, other) lanes 0 .. n-1 of v (all for n >= 16, none for n <= 0), then those of other
//   power_of_two(v)          2^(k - 127) from the low 9 bits k of v's representation, 1 <= k <= 254
//   any_nan(v)               of any lane
//   reduce_add, reduce_max   halves folded on each other: lanes i and i + 8, then i + 4, i + 2, i + 1
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace assay::engine {

inline constexpr int kLanes = 16;

struct VecScalar {
  static constexpr int kRegisters = 4;
  static constexpr int kRegisterFile = 16;

  float lane[kLanes];

  template <typename F>
  static VecScalar each(F f) {
    VecScalar v;
    for (int i = 0; i < kLanes; ++i) v.lane[i] = f(i);
    return v;
  }
  static VecScalar load(const float* p) {
    return each([&](int i) { return p[i]; });
  }
  static VecScalar broadcast(float x) {
    return each([&](int) { return x; });
  }
  void store(float* p) const {
    for (int i = 0; i < kLanes; ++i) p[i] = lane[i];
  }
  friend VecScalar operator+(const VecScalar& a, const VecScalar& b) {
    return each([&](int i) { return a.lane[i] + b.lane[i]; });
  }
  friend VecScalar operator-(const VecScalar& a, const VecScalar& b) {
    return each([&](int i) { return a.lane[i] - b.lane[i]; });
  }
  friend VecScalar operator*(const VecScalar& a, const VecScalar& b) {
    return each([&](int i) { return a.lane[i] * b.lane[i]; });
  }
  friend VecScalar operator/(const VecScalar& a, const VecScalar& b) {
    return each([&](int i) { return a.lane[i] / b.lane[i]; });
  }
};

inline VecScalar fma(const VecScalar& a, const VecScalar& b, const VecScalar& c) {
  return VecScalar::each([&](int i) { return std::fma(a.lane[i], b.lane[i], c.lane[i]); });
}
inline VecScalar max(const VecScalar& a, const VecScalar& b) {
  return VecScalar::each([&](int i) { return a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]; });
}
inline VecScalar negative_magnitude(const VecScalar& v) {
  return VecScalar::each([&](int i) { return std::copysign(v.lane[i], -1.0F); });
}
inline VecScalar where_negative(const VecScalar& v, const VecScalar& a, const VecScalar& b) {
  return VecScalar::each([&](int i) { return std::signbit(v.lane[i]) ? a.lane[i] : b.lane[i]; });
}
inline VecScalar zero_where_less(const VecScalar& v, const VecScalar& x, const VecScalar& c) {
  return VecScalar::each([&](int i) { return x.lane[i] < c.lane[i] ? 0.0F : v.lane[i]; });
}
inline VecScalar first_lanes(const VecScalar& v, int n, const VecScalar& other) {
  return VecScalar::each([&](int i) { return i < n ? v.lane[i] : other.lane[i]; });
}
inline VecScalar power_of_two(const VecScalar& v) {
  return VecScalar::each([&](int i) { return std::bit_cast<float>(std::bit_cast<uint32_t>(v.lane[i]) << 23); });
}
inline bool any_nan(const VecScalar& v) {
  bool any = false;
  for (float x : v.lane) any |= x != x;
  return any;
}

template <typename F>
float fold_halves(VecScalar v, F f) {
  for (int half = kLanes / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; ++i) v.lane[i] = f(v.lane[i], v.lane[i + half]);
  }
  return v.lane[0];
}
inline float reduce_add(const VecScalar& v) {
  return fold_halves(v, [](float a, float b) { return a + b; });
}
inline float reduce_max(const VecScalar& v) {
  return fold_halves(v, [](float a, float b) { return a > b ? a : b; });
}

}  // namespace assay::engine

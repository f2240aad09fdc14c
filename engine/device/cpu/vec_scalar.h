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

// The parameters shape tiles, never bits; a test gives them the values of another set.
template <int registers, int register_file>
struct VecPlain {
  static constexpr int kRegisters = registers;
  static constexpr int kRegisterFile = register_file;

  float lane[kLanes];

  template <typename F>
  static VecPlain each(F f) {
    VecPlain v;
    for (int i = 0; i < kLanes; ++i) v.lane[i] = f(i);
    return v;
  }
  static VecPlain load(const float* p) {
    return each([&](int i) { return p[i]; });
  }
  static VecPlain broadcast(float x) {
    return each([&](int) { return x; });
  }
  void store(float* p) const {
    for (int i = 0; i < kLanes; ++i) p[i] = lane[i];
  }
  friend VecPlain operator+(const VecPlain& a, const VecPlain& b) {
    return each([&](int i) { return a.lane[i] + b.lane[i]; });
  }
  friend VecPlain operator-(const VecPlain& a, const VecPlain& b) {
    return each([&](int i) { return a.lane[i] - b.lane[i]; });
  }
  friend VecPlain operator*(const VecPlain& a, const VecPlain& b) {
    return each([&](int i) { return a.lane[i] * b.lane[i]; });
  }
  friend VecPlain operator/(const VecPlain& a, const VecPlain& b) {
    return each([&](int i) { return a.lane[i] / b.lane[i]; });
  }

  friend VecPlain fma(const VecPlain& a, const VecPlain& b, const VecPlain& c) {
    return each([&](int i) { return std::fma(a.lane[i], b.lane[i], c.lane[i]); });
  }
  friend VecPlain max(const VecPlain& a, const VecPlain& b) {
    return each([&](int i) { return a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]; });
  }
  friend VecPlain negative_magnitude(const VecPlain& v) {
    return each([&](int i) { return std::copysign(v.lane[i], -1.0F); });
  }
  friend VecPlain where_negative(const VecPlain& v, const VecPlain& a, const VecPlain& b) {
    return each([&](int i) { return std::signbit(v.lane[i]) ? a.lane[i] : b.lane[i]; });
  }
  friend VecPlain zero_where_less(const VecPlain& v, const VecPlain& x, const VecPlain& c) {
    return each([&](int i) { return x.lane[i] < c.lane[i] ? 0.0F : v.lane[i]; });
  }
  friend VecPlain first_lanes(const VecPlain& v, int n, const VecPlain& other) {
    return each([&](int i) { return i < n ? v.lane[i] : other.lane[i]; });
  }
  friend VecPlain power_of_two(const VecPlain& v) {
    return each([&](int i) { return std::bit_cast<float>(std::bit_cast<uint32_t>(v.lane[i]) << 23); });
  }
  friend bool any_nan(const VecPlain& v) {
    bool any = false;
    for (float x : v.lane) any |= x != x;
    return any;
  }
  friend float reduce_add(const VecPlain& v) {
    return v.fold([](float a, float b) { return a + b; });
  }
  friend float reduce_max(const VecPlain& v) {
    return v.fold([](float a, float b) { return a > b ? a : b; });
  }

 private:
  template <typename F>
  float fold(F f) const {
    VecPlain v = *this;
    for (int half = kLanes / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; ++i) v.lane[i] = f(v.lane[i], v.lane[i + half]);
    }
    return v.lane[0];
  }
};

using VecScalar = VecPlain<4, 16>;

}  // namespace assay::engine

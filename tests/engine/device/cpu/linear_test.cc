#include "engine/device/cpu/linear.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <iostream>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "engine/device/cpu/bf16.h"
#include "engine/device/cpu/linear_amx_tile.h"
#include "engine/device/cpu/linear_pack.h"
#include "engine/device/cpu/linear_tile.h"
#include "tests/engine/device/cpu/linear_emulated.h"
#include "tests/support/sanitizers.h"

namespace assay::engine {
namespace {

using testing::kSanitizers;

// ---- kernels under test: every set that runs here, and the others' text over emulated instructions

using EmulatedF32 = VectorTile<F32Step<EmulatedVector>, F32Step<EmulatedVector>, kAvx512F32Shape>;
using EmulatedWidening = VectorTile<WideningStep<EmulatedVector>, F32Step<EmulatedVector>, kAvx512WideningShape>;
using EmulatedDot = VectorTile<DotStep<EmulatedVector>, DotStep<EmulatedVector>, kAvx512DotShape>;
using EmulatedAmx = AmxTile<EmulatedTiles>;

struct Case {
  std::string name;
  DataType type;
  LinearKernel kernel;
  bool one_chain;  // bits are those of the scalar kernel
};

std::vector<Case> cases() {
  std::vector<Case> all = {
      {"emulated avx512 f32", DataType::kF32, kernel_of<EmulatedF32>(pack_interleaved<KeepF32>), true},
      {"emulated avx512 bf16", DataType::kBf16, kernel_of<EmulatedWidening>(pack_interleaved<RoundToBf16>), true},
      {"emulated avx512bf16", DataType::kBf16, kernel_of<EmulatedDot>(pack_interleaved<PairsOfBf16>), false},
      {"emulated amx", DataType::kBf16, kernel_of<EmulatedAmx>(pack_tiles), false},
  };
  for (KernelSet set : available_kernel_sets()) {
    const std::string name(kernel_set_name(set));
    if (set <= KernelSet::kAvx512)
      all.push_back({name + " f32", DataType::kF32, linear_kernel(set, DataType::kF32), true});
    all.push_back({name + " bf16", DataType::kBf16, linear_kernel(set, DataType::kBf16), set <= KernelSet::kAvx512});
  }
  return all;
}

TEST(Linear, SetsUnderTest) {
  const std::vector<KernelSet> available = available_kernel_sets();
  for (KernelSet set :
       {KernelSet::kScalar, KernelSet::kAvx2, KernelSet::kAvx512, KernelSet::kAvx512Bf16, KernelSet::kAmx}) {
    const bool here = std::find(available.begin(), available.end(), set) != available.end();
    std::cout << kernel_set_name(set)
              << (here ? ": tested natively\n"
                       : ": skipped natively, the processor or system lacks it; emulated only\n");
  }
  EXPECT_GE(cases().size(), 6u);
}

// ---- problems

struct Problem {
  int rows, outputs, inputs;
  std::vector<float> w, x;

  Problem(int rows_, int outputs_, int inputs_, uint64_t seed) : rows(rows_), outputs(outputs_), inputs(inputs_) {
    w.resize(static_cast<size_t>(outputs) * static_cast<size_t>(inputs));
    x.resize(static_cast<size_t>(rows) * static_cast<size_t>(inputs));
    for (size_t i = 0; i < w.size(); ++i) w[i] = value(seed, i);
    for (size_t i = 0; i < x.size(); ++i) x[i] = value(seed + 1, i);
  }
  // Signs and five orders of magnitude, so that a change of order shows in the bits.
  static float value(uint64_t seed, size_t index) {
    const double u = uniform_at(seed, 1, 0, static_cast<uint32_t>(index));
    const double v = uniform_at(seed, 2, 0, static_cast<uint32_t>(index));
    return static_cast<float>((2 * u - 1) * std::pow(10.0, 2 - 4 * v));
  }
  RowReader reader() const {
    return [this](int row, float* out) {
      std::copy_n(w.data() + static_cast<size_t>(row) * static_cast<size_t>(inputs), inputs, out);
    };
  }
};

std::vector<float> run(const LinearKernel& kernel, const PackedLinear& packed, const float* x, int rows, int threads) {
  ThreadPool pool(threads);
  LinearScratch scratch;
  std::vector<float> out(static_cast<size_t>(rows) * static_cast<size_t>(packed.outputs()), -12345.0f);
  linear(pool, kernel, packed, x, rows, out.data(), false, scratch);
  return out;
}

int64_t different_bits(const float* a, const float* b, size_t count) {
  int64_t different = 0;
  for (size_t i = 0; i < count; ++i) different += std::memcmp(a + i, b + i, sizeof(float)) != 0;
  return different;
}

// ---- tests

struct Shape {
  int rows, outputs, inputs;
};

// Ragged outputs, odd inputs, inputs on both sides of the blocks over K, more rows than a chunk. Under a sanitizer
// every seventh.
std::vector<Shape> shapes() {
  std::vector<Shape> all;
  for (int rows = 1; rows <= 70; ++rows) all.push_back({rows, 16 + rows % 37, 1 + rows * 7 % 43});
  for (int inputs : {1, 2, 31, 32, 33, 64, 255, 256, 257, 511, 512, 513, 600, 1025}) {
    for (int rows : {1, 4, 13, 33}) all.push_back({rows, 35, inputs});
  }
  for (int outputs : {1, 15, 16, 17, 31, 32, 33, 47, 64, 65, 79, 80, 97}) {
    for (int rows : {1, 2, 3, 7, 40}) all.push_back({rows, outputs, 37});
  }
  for (int rows : {479, 480, 481, 487, 500, 963}) all.push_back({rows, 37, 33});
  if (!kSanitizers) return all;
  std::vector<Shape> some;
  for (size_t i = 0; i < all.size(); i += 7) some.push_back(all[i]);
  return some;
}

double rounded(float value, DataType type) {
  return type == DataType::kF32 ? value : from_bf16(to_bf16(value));
}

// Higham, "Accuracy and Stability of Numerical Algorithms", eq. 3.4: a sum of n products in any order is off by at most
// n u / (1 - n u) times the sum of the products' magnitudes; u = 2^-24.
TEST(Linear, AgreesWithDoublePrecision) {
  const std::vector<Case> all = cases();
  int64_t compared = 0;
  double worst = 0;
  for (const Shape& shape : shapes()) {
    const Problem problem(shape.rows, shape.outputs, shape.inputs,
                          static_cast<uint64_t>(shape.rows * 1000 + shape.inputs));
    ThreadPool pool(2);
    for (DataType type : {DataType::kF32, DataType::kBf16}) {
      std::vector<double> exact, bound;
      for (int r = 0; r < shape.rows; ++r) {
        for (int n = 0; n < shape.outputs; ++n) {
          double sum = 0;
          double magnitude = 0;
          for (int k = 0; k < shape.inputs; ++k) {
            const double product = rounded(problem.x[static_cast<size_t>(r * shape.inputs + k)], type) *
                                   rounded(problem.w[static_cast<size_t>(n * shape.inputs + k)], type);
            sum += product;
            magnitude += std::fabs(product);
          }
          exact.push_back(sum);
          bound.push_back((shape.inputs + 2) * std::ldexp(1.0, -24) * magnitude + 1e-37);
        }
      }
      WeightArena arena;
      const PackedLinear packed(pool, arena, shape.outputs, shape.inputs, type, problem.reader());
      for (const Case& one : all) {
        if (one.type != type) continue;
        const std::vector<float> out = run(one.kernel, packed, problem.x.data(), shape.rows, 2);
        for (size_t i = 0; i < out.size(); ++i) {
          const double error = std::fabs(static_cast<double>(out[i]) - exact[i]);
          ASSERT_LE(error, bound[i]) << one.name << ", rows " << shape.rows << ", outputs " << shape.outputs
                                     << ", inputs " << shape.inputs << ", element " << i;
          worst = std::max(worst, error / bound[i]);
          ++compared;
        }
      }
    }
  }
  std::cout << compared << " elements compared, largest error " << worst << " of the bound\n";
  EXPECT_GT(compared, testing::cases(500000, 100000));
}

TEST(Linear, OneChainGivesTheScalarKernelsBits) {
  int64_t compared = 0;
  for (const Shape& shape : shapes()) {
    const Problem problem(shape.rows, shape.outputs, shape.inputs,
                          static_cast<uint64_t>(shape.rows * 77 + shape.outputs));
    ThreadPool pool(1);
    for (DataType type : {DataType::kF32, DataType::kBf16}) {
      WeightArena arena;
      const PackedLinear packed(pool, arena, shape.outputs, shape.inputs, type, problem.reader());
      const std::vector<float> scalar =
          run(linear_kernel(KernelSet::kScalar, type), packed, problem.x.data(), shape.rows, 1);
      for (const Case& one : cases()) {
        if (one.type != type || !one.one_chain) continue;
        const std::vector<float> out = run(one.kernel, packed, problem.x.data(), shape.rows, 2);
        ASSERT_EQ(different_bits(out.data(), scalar.data(), out.size()), 0)
            << one.name << ", rows " << shape.rows << ", outputs " << shape.outputs << ", inputs " << shape.inputs;
        compared += static_cast<int64_t>(out.size());
      }
    }
  }
  std::cout << compared << " elements with the scalar kernel's bits\n";
  EXPECT_GT(compared, testing::cases(300000, 60000));
}

TEST(Linear, ARowsBitsDependOnTheRowAlone) {
  struct Matrix {
    int outputs, inputs;
  };
  using Matrices = std::vector<Matrix>;
  using Rows = std::vector<int>;
  const Matrices matrices = kSanitizers ? Matrices{{35, 301}, {5, 1030}} : Matrices{{83, 301}, {33, 576}, {5, 1030}};
  const Rows row_counts = kSanitizers ? Rows{1, 5, 13, 25} : Rows{1, 2, 3, 5, 6, 7, 12, 13, 64, 100};
  const int most = row_counts.back();
  int64_t compared = 0;
  for (const auto& [outputs, inputs] : matrices) {
    const Problem problem(most, outputs, inputs, 5);
    const auto width = static_cast<size_t>(outputs);
    ThreadPool pool(1);
    for (const Case& one : cases()) {
      WeightArena arena;
      const PackedLinear packed(pool, arena, outputs, inputs, one.type, problem.reader());
      std::vector<float> alone;
      for (int r = 0; r < most; ++r) {
        const std::vector<float> row = run(one.kernel, packed, problem.x.data() + r * inputs, 1, 1);
        alone.insert(alone.end(), row.begin(), row.end());
      }
      for (int rows : row_counts) {
        for (int threads : {1, 2}) {
          for (int first : {0, (most - rows) / 2}) {  // the same row at another place
            const std::vector<float> out = run(one.kernel, packed, problem.x.data() + first * inputs, rows, threads);
            ASSERT_EQ(different_bits(out.data(), alone.data() + static_cast<size_t>(first) * width, out.size()), 0)
                << one.name << ", " << rows << " rows, " << threads << " threads";
            compared += static_cast<int64_t>(out.size());
          }
        }
      }
    }
  }
  std::cout << compared << " elements with the bits of their row alone\n";
  EXPECT_GT(compared, testing::cases(500000, 40000));
}

TEST(Linear, AddsOnceAfterTheWholeSum) {
  for (const Case& one : cases()) {
    for (int rows : {1, 5, 50}) {
      const Problem problem(rows, 51, 523, 9);
      ThreadPool pool(2);
      WeightArena arena;
      const PackedLinear packed(pool, arena, 51, 523, one.type, problem.reader());
      const std::vector<float> product = run(one.kernel, packed, problem.x.data(), rows, 2);
      std::vector<float> out(product.size());
      std::vector<float> expected(product.size());
      for (size_t i = 0; i < out.size(); ++i) {
        out[i] = Problem::value(31, i) * 1000;
        expected[i] = out[i] + product[i];
      }
      LinearScratch scratch;
      linear(pool, one.kernel, packed, problem.x.data(), rows, out.data(), true, scratch);
      EXPECT_EQ(different_bits(out.data(), expected.data(), out.size()), 0) << one.name << ", " << rows << " rows";
    }
  }
}

TEST(Linear, NanAndInfinityReachTheirRowAndColumnAndNoOther) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  for (const Case& one : cases()) {
    for (int rows : {1, 4, 30}) {
      Problem problem(rows, 37, 45, 3);
      for (float& w : problem.w) w = std::fabs(w) + 1e-3f;
      problem.w[20 * 45 + 44] = nan;
      problem.x[static_cast<size_t>(rows / 2 * 45 + 44)] = infinity;
      ThreadPool pool(1);
      WeightArena arena;
      const PackedLinear packed(pool, arena, 37, 45, one.type, problem.reader());
      const std::vector<float> out = run(one.kernel, packed, problem.x.data(), rows, 1);
      for (int r = 0; r < rows; ++r) {
        for (int n = 0; n < 37; ++n) {
          const float value = out[static_cast<size_t>(r * 37 + n)];
          EXPECT_EQ(std::isnan(value), n == 20) << one.name << " row " << r << " output " << n;
          EXPECT_EQ(std::isinf(value), n != 20 && r == rows / 2) << one.name << " row " << r << " output " << n;
        }
      }
    }
  }
}

// Rounded, these are infinite: a NaN payload in the lower half must not round to infinity, nor a large value wrap.
TEST(Linear, RoundsXAndWeightsToNearestEven) {
  struct Row {
    uint32_t bits;
    uint16_t expected;
  };
  const Row table[] = {{0x3f800000, 0x3f80}, {0x3f808000, 0x3f80}, {0x3f808001, 0x3f81}, {0x3f818000, 0x3f82},
                       {0x3f817fff, 0x3f81}, {0xbf818000, 0xbf82}, {0x7f7fffff, 0x7f80}, {0x7f800000, 0x7f80},
                       {0xff800000, 0xff80}, {0x7f800001, 0x7fc0}, {0x7fffffff, 0x7fff}, {0x00000001, 0x0000},
                       {0x00018000, 0x0002}, {0x80000000, 0x8000}};
  for (const Row& row : table) {
    float value = 0;
    std::memcpy(&value, &row.bits, sizeof(value));
    EXPECT_EQ(to_bf16(value), row.expected) << std::hex << row.bits;
  }
  for (uint32_t half = 0; half < 0x10000; ++half) {  // every bf16 keeps its bits, but a signalling NaN, made quiet
    const auto bits = static_cast<uint16_t>(half);
    const bool nan = (bits & 0x7fff) > 0x7f80;
    ASSERT_EQ(to_bf16(from_bf16(bits)), nan ? bits | 0x40 : bits);
  }
}

TEST(Linear, ReadsEachRowOnceAndPadsWithZeros) {
  for (DataType type : {DataType::kF32, DataType::kBf16}) {
    const Problem problem(1, 37, 45, 7);
    std::vector<std::atomic<int>> reads(37);
    ThreadPool pool(3);
    WeightArena arena;
    const PackedLinear packed(pool, arena, 37, 45, type, [&](int row, float* out) {
      ++reads[static_cast<size_t>(row)];
      problem.reader()(row, out);
    });
    for (const std::atomic<int>& count : reads) EXPECT_EQ(count.load(), 1);
    const bool f32 = type == DataType::kF32;
    EXPECT_EQ(packed.panels().depth, f32 ? 45 : 64);
    EXPECT_EQ(packed.bytes(), f32 ? size_t{3 * 16 * 45 * 4} : size_t{4 * 16 * 64 * 2});
    const size_t width = f32 ? 4 : 2;
    size_t zeros = 0;
    for (size_t i = 0; i < packed.bytes(); i += width) {
      zeros += std::all_of(packed.panels().data + i, packed.panels().data + i + width,
                           [](std::byte b) { return b == std::byte{0}; });
    }
    EXPECT_EQ(zeros, packed.bytes() / width - 37 * 45);
  }
}

TEST(Linear, NoRowsIsNothing) {
  const Problem problem(1, 3, 4, 1);
  ThreadPool pool(2);
  WeightArena arena;
  const PackedLinear packed(pool, arena, 3, 4, DataType::kF32, problem.reader());
  LinearScratch scratch;
  float out = 7;
  linear(pool, linear_kernel(KernelSet::kScalar, DataType::kF32), packed, nullptr, 0, &out, false, scratch);
  EXPECT_EQ(out, 7);
}

TEST(Linear, RefusesShapesAndPassesErrorsOfTheReaderOn) {
  ThreadPool pool(2);
  WeightArena arena;
  const RowReader zeros = [](int, float* out) { *out = 0; };
  for (const auto& [outputs, inputs] :
       std::vector<std::pair<int, int>>{{0, 4}, {4, 0}, {-1, 4}, {4, -1}, {1, 1 << 30}}) {
    EXPECT_THROW(PackedLinear(pool, arena, outputs, inputs, DataType::kF32, zeros), Error);
  }
  const RowReader broken = [](int row, float*) {
    if (row == 33) throw std::runtime_error("row 33");
  };
  EXPECT_THROW(PackedLinear(pool, arena, 64, 4, DataType::kF32, broken), std::runtime_error);
}

}  // namespace
}  // namespace assay::engine

// A mixture of experts through the device's operations, as a layer calls them: router, places, one product an expert,
// and back.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iostream>

#include "engine/device/cuda/cuda_device.h"
#include "tests/engine/device/cuda/elements.h"
#include "tests/engine/device/cuda/model/test_runtime.h"

namespace assay::engine::cuda {
namespace {

constexpr int kDim = 24;
constexpr int kExperts = 5;
constexpr int kChoices = 2;

RowReader rows_from(const std::vector<float>& values, int cols) {
  return [&values, cols](int row, float* out) { std::copy_n(values.begin() + ptrdiff_t{row} * cols, cols, out); };
}

struct Mixture {
  std::vector<float> router = random_normal(kExperts * kDim, 1, 0.5F);
  std::vector<std::vector<float>> experts;

  explicit Mixture(Type type) {
    router = rounded(type, router);
    for (uint32_t e = 0; e < kExperts; ++e) experts.push_back(rounded(type, random_normal(kDim * kDim, 10 + e, 0.3F)));
  }

  // x (rows, kDim) + what the chosen experts make of x.
  std::vector<float> on_device(Type type, const std::vector<float>& x, RowCount rows) const {
    const std::unique_ptr<Device> device = make_cuda_device(assay::testing::test_runtime(), type, 1);
    const int total = rows.total();
    const Matrix stream = device->allocate(Role::kStream, total, kDim);
    const Matrix operand = device->allocate(Role::kOperand, total, kDim);
    const Matrix logits = device->allocate(Role::kProduct, total, kExperts);
    const Matrix gathered = device->allocate(Role::kOperand, total * kChoices, kDim);
    const Matrix results = device->allocate(Role::kProduct, total * kChoices, kDim);
    const Matrix ones = device->allocate(Role::kStream, 1, kDim);
    device->upload(stream, x);
    device->upload(ones, std::vector<float>(kDim, 1));
    device->rms_norm(stream, total, ones, 0, operand);
    const auto linear = [&](const std::vector<float>& w, int outputs) {
      return device->make_linear(outputs, kDim, type, rows_from(w, kDim));
    };
    device->linear(*linear(router, kExperts), operand, rows, logits, false);
    const std::unique_ptr<Routing> routing = device->route(logits, rows, kChoices);
    device->gather_places(operand, *routing, gathered);
    int places = 0;
    for (int e = 0; e < kExperts; ++e) {
      EXPECT_EQ(routing->first_place(e), places);
      places += routing->places(e).total();
      if (routing->places(e).total() == 0) continue;
      const int first = routing->first_place(e);
      device->linear(*linear(experts[static_cast<size_t>(e)], kDim), gathered.from_row(first), routing->places(e),
                     results.from_row(first), false);
    }
    EXPECT_EQ(places, total * kChoices);
    device->combine_places(results, *routing, stream);
    std::vector<float> out(x.size());
    device->download(out, stream);
    return out;
  }

  // Of one row, in f64 but for what is rounded on the way to a product.
  std::vector<double> exactly(Type type, const float* x) const {
    double squares = 0;
    for (int i = 0; i < kDim; ++i) squares += double{x[i]} * x[i];
    std::vector<float> normed(kDim);
    for (size_t i = 0; i < kDim; ++i) normed[i] = static_cast<float>(x[i] / std::sqrt(squares / kDim));
    normed = rounded(type, normed);
    const auto product = [&](const std::vector<float>& w, int output) {
      double sum = 0;
      for (size_t i = 0; i < kDim; ++i) sum += double{w[static_cast<size_t>(output) * kDim + i]} * double{normed[i]};
      return sum;
    };
    std::vector<std::pair<double, int>> ranked;
    for (int e = 0; e < kExperts; ++e) ranked.emplace_back(-product(router, e), e);
    std::sort(ranked.begin(), ranked.end());
    double all = 0;
    for (int c = 0; c < kChoices; ++c) all += std::exp(-ranked[static_cast<size_t>(c)].first);
    std::vector<double> out(x, x + kDim);
    for (int c = 0; c < kChoices; ++c) {
      const auto& [logit, e] = ranked[static_cast<size_t>(c)];
      for (int i = 0; i < kDim; ++i) {
        out[static_cast<size_t>(i)] += std::exp(-logit) / all * product(experts[static_cast<size_t>(e)], i);
      }
    }
    return out;
  }
};

TEST(CudaMixture, EqualsDoubleAndARowDoesNotKnowTheOthers) {
  size_t alone_compared = 0;
  for (const NamedType& type : all_types()) {
    const Mixture mixture(type.type);
    const RowCount rows{7, 13};
    const std::vector<float> x = random_normal(static_cast<size_t>(rows.total()) * kDim, 3);
    const std::vector<float> got = mixture.on_device(type.type, x, rows);
    Worst worst;
    for (int row = 0; row < rows.total(); ++row) {
      const std::vector<double> exact = mixture.exactly(type.type, &x[static_cast<size_t>(row) * kDim]);
      // A factor of the norm that is off by a unit may round an operand the other way: one of a sum of 24.
      for (size_t i = 0; i < kDim; ++i)
        worst.see(got[static_cast<size_t>(row) * kDim + i], exact[i], 3e-6 + type.half_ulp);
    }
    expect_within(worst, "a mixture in " + type.name);
    for (const int row : {0, 6, 7, 19}) {
      const std::vector<float> alone = mixture.on_device(type.type, rows_of(x, kDim, row, 1),
                                                         row < rows.generated ? RowCount{1, 0} : RowCount{0, 1});
      EXPECT_EQ(different_bits(alone, rows_of(got, kDim, row, 1)), 0U) << type.name << " row " << row;
      alone_compared += alone.size();
    }
  }
  std::cout << alone_compared << " values of rows alone, 0 differences wanted\n";
}

}  // namespace
}  // namespace assay::engine::cuda

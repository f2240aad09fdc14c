// From the Type of a launch to the T of a kernel: with_type(type, [&](auto tag) { using T = typename
// decltype(tag)::Element; ... }).
#pragma once

#include <cuda_platform.h>

#include "engine/device/cuda/layout.h"

namespace assay::engine::cuda {

template <typename T>
struct TypeTag {
  using Element = T;
};

template <typename Function>
void with_type(Type type, Function&& function) {
  switch (type) {
    case Type::kF32:
      return function(TypeTag<float>());
    case Type::kBf16:
      return function(TypeTag<Bf16>());
    case Type::kF16:
      return function(TypeTag<F16>());
  }
}

}  // namespace assay::engine::cuda

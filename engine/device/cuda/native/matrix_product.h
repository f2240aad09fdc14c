// Matrix products by cuBLASLt, with one algorithm for each shape of weights.
#pragma once

#include <cuda_runtime_api.h>

#include <map>
#include <memory>
#include <tuple>

#include "engine/device/cuda/native/cublaslt.h"
#include "engine/device/cuda/runtime.h"

namespace assay::engine::cuda {

// Not thread-safe. The stream must outlive it.
class MatrixProduct {
 public:
  // `workspace`: device memory that the algorithms may use, and its size.
  MatrixProduct(cudaStream_t stream, std::shared_ptr<void> workspace, size_t workspace_bytes);
  ~MatrixProduct();
  MatrixProduct(const MatrixProduct&) = delete;
  MatrixProduct& operator=(const MatrixProduct&) = delete;

  // Error(kUnavailable) with cuBLASLt's own words.
  void operator()(const Product& product);

 private:
  using Shape = std::tuple<DataType, int, int>;  // type, outputs, inputs
  const cublasLtMatmulAlgo_t& algorithm(const Product& product);

  const CublasLt& lt_;
  cudaStream_t stream_;
  std::shared_ptr<void> workspace_;
  size_t workspace_bytes_;
  cublasLtHandle_t handle_ = nullptr;
  std::map<Shape, cublasLtMatmulAlgo_t> algorithms_;
};

}  // namespace assay::engine::cuda

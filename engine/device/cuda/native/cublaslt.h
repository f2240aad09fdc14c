// cuBLASLt, opened when it is first needed: a program that was built with CUDA starts on machines that have none of it.
#pragma once

#include <cublasLt.h>

namespace assay::engine::cuda {

// The functions that are used, and no others.
struct CublasLt {
  decltype(&cublasLtCreate) create;
  decltype(&cublasLtDestroy) destroy;
  decltype(&cublasLtGetStatusString) status_string;
  decltype(&cublasLtMatmul) matmul;
  decltype(&cublasLtMatmulAlgoGetHeuristic) heuristic;
  decltype(&cublasLtMatmulDescCreate) create_description;
  decltype(&cublasLtMatmulDescDestroy) destroy_description;
  decltype(&cublasLtMatmulDescSetAttribute) set_description;
  decltype(&cublasLtMatrixLayoutCreate) create_layout;
  decltype(&cublasLtMatrixLayoutDestroy) destroy_layout;
  decltype(&cublasLtMatmulPreferenceCreate) create_preference;
  decltype(&cublasLtMatmulPreferenceDestroy) destroy_preference;
  decltype(&cublasLtMatmulPreferenceSetAttribute) set_preference;
};

// Looked for where the dynamic linker looks, then in the toolkit's folders, then beside PyTorch's. Opened once.
// Error(kUnavailable) names the file and the places.
const CublasLt& cublaslt();

}  // namespace assay::engine::cuda

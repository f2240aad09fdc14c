#include "engine/device/cuda/native/matrix_product.h"

#include <utility>

#include "base/error.h"

namespace assay::engine::cuda {
namespace {

// Rows for which cuBLASLt is asked to choose: those of a full step, where the time goes.
constexpr int kTypicalRows = 8192;

void check(const CublasLt& lt, cublasStatus_t status, const char* what) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  fail(ExitCode::kUnavailable, "cuBLASLt, {}: {}", what, lt.status_string(status));
}

cudaDataType_t cuda_type(DataType type) {
  switch (type) {
    case DataType::kBf16:
      return CUDA_R_16BF;
    case DataType::kF16:
      return CUDA_R_16F;
    case DataType::kF32:
      break;
  }
  return CUDA_R_32F;
}

// cuBLASLt counts by columns: the row-major x (rows, inputs) is its (inputs, rows), w (outputs, inputs) its (inputs,
// outputs) to be transposed, out its (outputs, rows). So A is w, B is x and D is out.
class Problem {
 public:
  Problem(const CublasLt& lt, DataType type, int rows, int outputs, int inputs) : lt_(lt) {
    // CUBLAS_COMPUTE_32F does not shorten f32 to TF32.
    check(lt_, lt_.create_description(&description, CUBLAS_COMPUTE_32F, CUDA_R_32F), "description");
    const cublasOperation_t transpose = CUBLAS_OP_T;
    check(lt_, lt_.set_description(description, CUBLASLT_MATMUL_DESC_TRANSA, &transpose, sizeof(transpose)),
          "transpose");
    const auto k = static_cast<uint64_t>(inputs), m = static_cast<uint64_t>(outputs), n = static_cast<uint64_t>(rows);
    check(lt_, lt_.create_layout(&a, cuda_type(type), k, m, inputs), "layout of the weights");
    check(lt_, lt_.create_layout(&b, cuda_type(type), k, n, inputs), "layout of the rows");
    check(lt_, lt_.create_layout(&d, CUDA_R_32F, m, n, outputs), "layout of the result");
  }
  ~Problem() {
    if (d != nullptr) lt_.destroy_layout(d);
    if (b != nullptr) lt_.destroy_layout(b);
    if (a != nullptr) lt_.destroy_layout(a);
    if (description != nullptr) lt_.destroy_description(description);
  }
  Problem(const Problem&) = delete;
  Problem& operator=(const Problem&) = delete;

  cublasLtMatmulDesc_t description = nullptr;
  cublasLtMatrixLayout_t a = nullptr, b = nullptr, d = nullptr;

 private:
  const CublasLt& lt_;
};

}  // namespace

MatrixProduct::MatrixProduct(cudaStream_t stream, std::shared_ptr<void> workspace, size_t workspace_bytes)
    : lt_(cublaslt()), stream_(stream), workspace_(std::move(workspace)), workspace_bytes_(workspace_bytes) {
  check(lt_, lt_.create(&handle_), "start");
}

MatrixProduct::~MatrixProduct() {
  lt_.destroy(handle_);
}

const cublasLtMatmulAlgo_t& MatrixProduct::algorithm(const Product& product) {
  const Shape shape{product.type, product.outputs, product.inputs};
  const auto known = algorithms_.find(shape);
  if (known != algorithms_.end()) return known->second;

  const Problem problem(lt_, product.type, kTypicalRows, product.outputs, product.inputs);
  cublasLtMatmulPreference_t preference = nullptr;
  check(lt_, lt_.create_preference(&preference), "preference");
  // A split of the inputs would be chosen by the number of rows.
  const uint32_t no_reduction = CUBLASLT_REDUCTION_SCHEME_NONE;
  lt_.set_preference(preference, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, &no_reduction, sizeof(no_reduction));
  lt_.set_preference(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &workspace_bytes_, sizeof(workspace_bytes_));
  // Rows of a step begin anywhere in their matrices; left alone, the library counts on multiples of 256 bytes.
  const uint32_t rows_aligned = 16;
  const uint32_t result_aligned = product.outputs % 4 == 0 ? 16 : 4;
  lt_.set_preference(preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, &rows_aligned, sizeof(rows_aligned));
  for (const auto which : {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES}) {
    lt_.set_preference(preference, which, &result_aligned, sizeof(result_aligned));
  }
  cublasLtMatmulHeuristicResult_t best{};
  int found = 0;
  const cublasStatus_t status = lt_.heuristic(handle_, problem.description, problem.a, problem.b, problem.d, problem.d,
                                              preference, 1, &best, &found);
  lt_.destroy_preference(preference);
  check(lt_, status, "choice of an algorithm");
  if (found == 0) {
    fail(ExitCode::kUnavailable, "cuBLASLt knows no algorithm for weights of {} x {}", product.outputs, product.inputs);
  }
  return algorithms_.emplace(shape, best.algo).first->second;
}

void MatrixProduct::operator()(const Product& product) {
  const cublasLtMatmulAlgo_t& chosen = algorithm(product);
  const Problem problem(lt_, product.type, product.rows, product.outputs, product.inputs);
  const float alpha = 1;
  const float beta = product.add ? 1 : 0;
  check(lt_,
        lt_.matmul(handle_, problem.description, &alpha, product.w, problem.a, product.x, problem.b, &beta, product.out,
                   problem.d, product.out, problem.d, &chosen, workspace_.get(), workspace_bytes_, stream_),
        "product");
}

}  // namespace assay::engine::cuda

#include "engine/device/cuda/native/native_runtime.h"

#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "base/error.h"
#include "engine/device/cuda/launch_error.h"
#include "engine/device/cuda/native/matrix_product.h"

namespace assay::engine::cuda {
namespace {

// Through which everything goes to the device: pinned, so that the copy engine reads it without the driver's help.
constexpr size_t kStagingBytes = size_t{32} << 20;
// Results of a step, on their way to the host.
constexpr size_t kResultBytes = size_t{1} << 20;
// NVIDIA's advice for Hopper; also enough elsewhere.
constexpr size_t kWorkspaceBytes = size_t{32} << 20;
// Tensor cores with bf16 begin with Ampere.
constexpr int kLeastMajor = 8;

void check(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  fail(ExitCode::kUnavailable, "CUDA, {}: {}", what, cudaGetErrorString(status));
}

class NativeRuntime final : public Runtime {
 public:
  explicit NativeRuntime(int ordinal) : ordinal_(ordinal) {
    make_current();
    cudaDeviceProp properties{};
    check(cudaGetDeviceProperties(&properties, ordinal), "properties");
    facts_ = {properties.name, properties.major, properties.minor, properties.multiProcessorCount,
              properties.sharedMemPerBlockOptin};
    if (facts_.major < kLeastMajor) {
      fail(ExitCode::kUnavailable,
           "{} has compute capability {}.{}; {}.0 is the least that this program uses; use --device cpu", facts_.name,
           facts_.major, facts_.minor, kLeastMajor);
    }
    check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "stream");
    check(cudaStreamCreateWithFlags(&recorder_, cudaStreamNonBlocking), "stream");
    for (Staging& staging : staging_) {
      check(cudaMallocHost(&staging.memory, kStagingBytes), "pinned memory");
      check(cudaEventCreateWithFlags(&staging.free, cudaEventDisableTiming), "event");
    }
    check(cudaMallocHost(&results_, kResultBytes), "pinned memory");
    product_ = std::make_unique<MatrixProduct>(stream_, allocate(kWorkspaceBytes), kWorkspaceBytes);
  }
  ~NativeRuntime() override {
    cudaSetDevice(ordinal_);
    cudaStreamSynchronize(stream_);
    product_.reset();
    for (Staging& staging : staging_) {
      cudaEventDestroy(staging.free);
      cudaFreeHost(staging.memory);
    }
    cudaFreeHost(results_);
    cudaStreamDestroy(recorder_);
    cudaStreamDestroy(stream_);
  }

  DeviceFacts facts() const override { return facts_; }
  int64_t free_bytes() const override {
    make_current();
    size_t free = 0, total = 0;
    check(cudaMemGetInfo(&free, &total), "memory");
    return static_cast<int64_t>(free);
  }
  Stream stream() const override {
    make_current();
    return recording_ ? recorder_ : stream_;
  }

  std::shared_ptr<void> allocate(size_t bytes) override {
    make_current();
    void* memory = nullptr;
    const cudaError_t status = cudaMalloc(&memory, std::max<size_t>(bytes, 1));
    if (status == cudaErrorMemoryAllocation) {
      cudaGetLastError();  // it is not to be reported again by the next launch
      fail(ExitCode::kUnavailable,
           "{} has {:.2f} GiB free and {:.2f} GiB are needed at once: lower --memory or --step-tokens", facts_.name,
           static_cast<double>(free_bytes()) / (1 << 30), static_cast<double>(bytes) / (1 << 30));
    }
    check(status, "allocation");
    return {memory, [](void* freed) { cudaFree(freed); }};
  }

  size_t fill_bytes() const override { return kStagingBytes; }
  void fill_device(void* to, size_t bytes, const std::function<void(std::byte* into)>& fill) override {
    if (bytes > kStagingBytes) fail(ExitCode::kInternal, "{} bytes at once for a GPU", bytes);
    make_current();
    Staging& staging = staging_[next_++ % kStagingBuffers];
    check(cudaEventSynchronize(staging.free), "copy");
    fill(static_cast<std::byte*>(staging.memory));
    check(cudaMemcpyAsync(to, staging.memory, bytes, cudaMemcpyHostToDevice, stream_), "copy");
    check(cudaEventRecord(staging.free, stream_), "copy");
  }
  void copy_to_device(void* to, const void* from, size_t bytes) override {
    for (size_t done = 0; done < bytes; done += kStagingBytes) {
      const size_t part = std::min(kStagingBytes, bytes - done);
      fill_device(static_cast<std::byte*>(to) + done, part,
                  [&](std::byte* into) { std::memcpy(into, static_cast<const std::byte*>(from) + done, part); });
    }
  }
  void copy_to_host(void* to, const void* from, size_t bytes) override {
    make_current();
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream_), "copy");
    wait();
  }
  void fetch(void* to, const void* from, size_t bytes) override {
    if (bytes > kResultBytes) return copy_to_host(to, from, bytes);
    if (results_used_ + bytes > kResultBytes) wait();
    std::byte* place = static_cast<std::byte*>(results_) + results_used_;
    make_current();
    check(cudaMemcpyAsync(place, from, bytes, cudaMemcpyDeviceToHost, stream_), "copy");
    arriving_.push_back({to, place, bytes});
    results_used_ += bytes;
  }
  void wait() override {
    make_current();
    const std::vector<Arrival> arrived = std::exchange(arriving_, {});
    results_used_ = 0;
    check(cudaStreamSynchronize(stream_), "step");
    for (const Arrival& one : arrived) std::memcpy(one.to, one.from, one.bytes);
  }

  void multiply(const Product& product) override {
    make_current();
    if (recording_) fail(ExitCode::kInternal, "a product in a record");
    (*product_)(product);
  }

  void begin_recording() override {
    make_current();
    // Relaxed: memory may be allocated meanwhile, and copies go on in the other stream.
    check(cudaStreamBeginCapture(recorder_, cudaStreamCaptureModeRelaxed), "record");
    recording_ = true;
  }
  std::shared_ptr<void> end_recording() override {
    recording_ = false;
    cudaGraph_t graph = nullptr;
    check(cudaStreamEndCapture(recorder_, &graph), "record");
    cudaGraphExec_t executable = nullptr;
    const cudaError_t status = cudaGraphInstantiate(&executable, graph, 0);
    cudaGraphDestroy(graph);
    check(status, "record");
    return {executable, [](void* record) { cudaGraphExecDestroy(static_cast<cudaGraphExec_t>(record)); }};
  }
  void abandon_recording() override {
    recording_ = false;
    cudaGraph_t graph = nullptr;
    cudaStreamEndCapture(recorder_, &graph);
    if (graph != nullptr) cudaGraphDestroy(graph);
    cudaGetLastError();  // that of the operation which ended the recording is on its way already
  }
  void replay(void* record) override {
    make_current();
    check(cudaGraphLaunch(static_cast<cudaGraphExec_t>(record), stream_), "replay");
  }

 private:
  struct Staging {
    void* memory = nullptr;
    cudaEvent_t free = nullptr;
  };
  static constexpr size_t kStagingBuffers = 2;
  struct Arrival {
    void* to = nullptr;
    const void* from = nullptr;  // in results_
    size_t bytes = 0;
  };

  // Each thread of the host has a GPU of its own that its calls mean; asking again for the same costs nothing.
  void make_current() const { check(cudaSetDevice(ordinal_), "choice of the GPU"); }

  int ordinal_;
  DeviceFacts facts_;
  cudaStream_t stream_ = nullptr;
  cudaStream_t recorder_ = nullptr;  // nothing runs in it
  bool recording_ = false;
  Staging staging_[kStagingBuffers];
  size_t next_ = 0;
  void* results_ = nullptr;  // pinned
  size_t results_used_ = 0;
  std::vector<Arrival> arriving_;
  std::unique_ptr<MatrixProduct> product_;
};

}  // namespace

void check_launch(int status) {
  check(static_cast<cudaError_t>(status), "launch");
}

std::vector<std::string> gpu_names(std::string* why) {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status == cudaSuccess) {
    std::vector<std::string> names;
    for (int i = 0; i < count; ++i) {
      cudaDeviceProp properties{};
      check(cudaGetDeviceProperties(&properties, i), "properties");
      names.emplace_back(properties.name);
    }
    return names;
  }
  int driver = 0;  // the CUDA version that it knows: 1000 * major + 10 * minor, 0 where there is none
  if (why == nullptr) return {};
  if (cudaDriverGetVersion(&driver) == cudaSuccess && driver == 0) {
    *why = "no NVIDIA driver";
  } else if (status == cudaErrorInsufficientDriver) {
    *why = fmt::format("the NVIDIA driver knows CUDA {}.{}, this program needs {}.{}", driver / 1000, driver % 100 / 10,
                       CUDART_VERSION / 1000, CUDART_VERSION % 100 / 10);
  } else {
    *why = cudaGetErrorString(status);
  }
  return {};
}

std::unique_ptr<Runtime> open_gpu(int ordinal) {
  std::string why;
  const int count = static_cast<int>(gpu_names(&why).size());
  if (count == 0) {
    fail(ExitCode::kUnavailable, "no GPU can be used ({}); use --device cpu", why.empty() ? "none is there" : why);
  }
  if (ordinal < 0 || ordinal >= count) {
    fail(ExitCode::kUnavailable, "--device cuda:{}: this machine has {} GPU{}, counted from 0", ordinal, count,
         count == 1 ? "" : "s");
  }
  return std::make_unique<NativeRuntime>(ordinal);
}

}  // namespace assay::engine::cuda

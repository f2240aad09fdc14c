#include "tests/engine/device/cuda/model/emulated_runtime.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/error.h"
#include "tests/emulation/machine.h"
#include "tests/emulation/memory.h"
#include "tests/emulation/numbers.h"
#include "tests/engine/device/cuda/model/test_runtime.h"

namespace assay::testing {
namespace {

using engine::DataType;
using engine::cuda::DeviceFacts;
using engine::cuda::Product;
using engine::cuda::Stream;

std::vector<float> operand(DataType type, const void* memory, int rows, int cols) {
  const size_t count = static_cast<size_t>(rows) * static_cast<size_t>(cols);
  std::vector<float> values(count);
  if (type == DataType::kF32) {
    emulation::emulated_download(values.data(), memory, count * sizeof(float));
    return values;
  }
  std::vector<uint16_t> bits(count);
  emulation::emulated_download(bits.data(), memory, count * sizeof(uint16_t));
  for (size_t i = 0; i < count; ++i) {
    values[i] = type == DataType::kBf16 ? emulation::bf16_to_float(bits[i]) : emulation::f16_to_float(bits[i]);
  }
  return values;
}

class EmulatedRuntime final : public engine::cuda::Runtime {
 public:
  EmulatedRuntime(int64_t memory_bytes, EmulatedFaults faults, EmulatedCounts* counts)
      : left_(std::make_shared<int64_t>(memory_bytes)), faults_(faults), counts_(counts) {}

  DeviceFacts facts() const override { return {"emulated", 0, 0, 1, size_t{227} << 10}; }
  int64_t free_bytes() const override { return *left_; }
  Stream stream() const override { return nullptr; }

  std::shared_ptr<void> allocate(size_t bytes) override {
    const auto size = static_cast<int64_t>(bytes);
    if (faults_.failing_allocation-- == 0 || size > *left_) {
      fail(ExitCode::kUnavailable, "the emulated device has {} bytes free and {} are needed at once", *left_, bytes);
    }
    *left_ -= size;
    return {emulation::emulated_allocate(bytes), [left = left_, size](void* memory) {
              *left += size;
              emulation::emulated_free(memory);
            }};
  }

  size_t fill_bytes() const override { return 1000; }  // so that a matrix comes in several parts
  void fill_device(void* to, size_t bytes, const std::function<void(std::byte* into)>& fill) override {
    std::vector<std::byte> part(bytes);
    fill(part.data());
    emulation::emulated_upload(to, part.data(), bytes);
  }
  void copy_to_device(void* to, const void* from, size_t bytes) override {
    emulation::emulated_upload(to, from, bytes);
  }
  void copy_to_host(void* to, const void* from, size_t bytes) override {
    emulation::emulated_download(to, from, bytes);
  }

  // Late, so that whoever does not wait is seen.
  void fetch(void* to, const void* from, size_t bytes) override {
    std::vector<std::byte> values(bytes);
    emulation::emulated_download(values.data(), from, bytes);
    arriving_.push_back({to, std::move(values)});
  }
  void wait() override {
    for (const Arrival& one : std::exchange(arriving_, {}))
      std::ranges::copy(one.values, static_cast<std::byte*>(one.to));
  }

  void multiply(const Product& p) override {
    if (faults_.failing_product-- == 0) fail(ExitCode::kUnavailable, "CUDA, step: uncorrectable ECC error encountered");
    const std::vector<float> x = operand(p.type, p.x, p.rows, p.inputs);
    const std::vector<float> w = operand(p.type, p.w, p.outputs, p.inputs);
    std::vector<float> out(static_cast<size_t>(p.rows) * static_cast<size_t>(p.outputs));
    if (p.add) emulation::emulated_download(out.data(), p.out, out.size() * sizeof(float));
    for (int row = 0; row < p.rows; ++row) {
      for (int output = 0; output < p.outputs; ++output) {
        const float* a = x.data() + static_cast<size_t>(row) * static_cast<size_t>(p.inputs);
        const float* b = w.data() + static_cast<size_t>(output) * static_cast<size_t>(p.inputs);
        float sum = 0;
        for (int k = 0; k < p.inputs; ++k) sum += a[k] * b[k];
        float& result = out[static_cast<size_t>(row) * static_cast<size_t>(p.outputs) + static_cast<size_t>(output)];
        result = p.add ? result + sum : sum;
      }
    }
    emulation::emulated_upload(p.out, out.data(), out.size() * sizeof(float));
  }

  void begin_recording() override { emulation::recording() = new emulation::LaunchRecord; }
  std::shared_ptr<void> end_recording() override {
    return std::shared_ptr<emulation::LaunchRecord>(std::exchange(emulation::recording(), nullptr));
  }
  void abandon_recording() override { end_recording(); }
  void replay(void* record) override {
    for (const std::function<void()>& launch : *static_cast<emulation::LaunchRecord*>(record)) launch();
    if (counts_ != nullptr) ++counts_->replays;
  }

 private:
  struct Arrival {
    void* to = nullptr;
    std::vector<std::byte> values;
  };

  std::shared_ptr<int64_t> left_;
  EmulatedFaults faults_;
  EmulatedCounts* counts_;
  std::vector<Arrival> arriving_;
};

}  // namespace

std::unique_ptr<engine::cuda::Runtime> emulated_runtime(int64_t memory_bytes, EmulatedFaults faults,
                                                        EmulatedCounts* counts) {
  return std::make_unique<EmulatedRuntime>(memory_bytes, faults, counts);
}

std::unique_ptr<engine::cuda::Runtime> test_runtime() {
  return emulated_runtime();
}

}  // namespace assay::testing

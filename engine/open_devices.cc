#include "engine/open_devices.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <string_view>

#include "base/error.h"
#include "engine/device/cpu/cpu_device.h"
#include "engine/device/cpu/thread_pool.h"
#include "engine/device/gpu.h"

namespace assay::engine {
namespace {

std::vector<int> all_gpus() {
  const GpuSupport support = gpu_support();
  if (support.names.empty()) fail(ExitCode::kUnavailable, "--device cuda:all: {}; use --device cpu", support.why);
  for (const std::string& name : support.names) {
    if (name == support.names.front()) continue;
    fail(ExitCode::kUnavailable,
         "--device cuda:all: the GPUs are of several kinds ({}, {}), which give other bits; name one, as cuda:0",
         support.names.front(), name);
  }
  std::vector<int> all(support.names.size());
  std::iota(all.begin(), all.end(), 0);
  return all;
}

// A GPU has one set of kernels: whoever names another wants another machine.
void check_gpu_kernels(const std::string& asked, const Device& device) {
  if (asked == "auto" || asked == device.kernels()) return;
  fail(ExitCode::kUnavailable, "--kernels {}: this GPU has {}; leave it out, or use --device cpu", asked,
       device.kernels());
}

}  // namespace

std::vector<int> choose_gpus(const std::string& device) {
  if (device == "cpu") return {};
  if (device == "auto") return gpu_support().names.empty() ? std::vector<int>{} : std::vector{0};
  if (device == "cuda") return {0};
  if (device == "cuda:all") return all_gpus();
  constexpr std::string_view kPrefix = "cuda:";
  int ordinal = 0;
  const std::string_view number = std::string_view(device).substr(std::min(device.size(), kPrefix.size()));
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), ordinal);
  if (device.starts_with(kPrefix) && error == std::errc() && end == number.data() + number.size() && ordinal >= 0) {
    return {ordinal};
  }
  fail(ExitCode::kUsage, "--device {} is none of auto, cpu, cuda, cuda:N, cuda:all", device);
}

DataType choose_type(const std::string& dtype, const std::string& stored, bool on_gpu) {
  if (dtype == "auto" && stored == "f16" && on_gpu) return DataType::kF16;
  if (dtype == "auto") return stored == "bf16" ? DataType::kBf16 : DataType::kF32;
  if (dtype == "f32") return DataType::kF32;
  if (dtype == "bf16") return DataType::kBf16;
  if (dtype == "f16" && on_gpu) return DataType::kF16;
  if (dtype == "f16") fail(ExitCode::kUsage, "--dtype f16 needs a CUDA device; use f32 or bf16 on a CPU");
  fail(ExitCode::kUsage, "--dtype {} is none of auto, f32, bf16, f16", dtype);
}

const char* name_of(DataType type) {
  switch (type) {
    case DataType::kBf16:
      return "bf16";
    case DataType::kF16:
      return "f16";
    case DataType::kF32:
      break;
  }
  return "f32";
}

std::vector<std::unique_ptr<Device>> open_devices(const EngineOptions& options, const std::vector<int>& gpus,
                                                  DataType type) {
  std::vector<std::unique_ptr<Device>> devices;
  if (const TestDevices& test = options.test_devices; test.make) {
    for (int i = 0; i < test.count; ++i) devices.push_back(test.make(type));
    return devices;
  }
  if (gpus.empty()) {
    devices.push_back(make_cpu_device(options.kernels, type, options.threads));
    return devices;
  }
  const int threads = options.threads > 0 ? options.threads : usable_threads();
  for (const int gpu : gpus) {
    devices.push_back(make_gpu_device(gpu, type, std::max(1, threads / static_cast<int>(gpus.size()))));
    check_gpu_kernels(options.kernels, *devices.back());
  }
  return devices;
}

}  // namespace assay::engine

#include "engine/device/cpu/kernel_set.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"
#include "engine/device/cpu/cpu_device.h"
#include "engine/device/cpu/cpu_features.h"

namespace assay::engine {
namespace {

constexpr std::array<std::pair<KernelSet, std::string_view>, 5> kNames = {{{KernelSet::kScalar, "scalar"},
                                                                           {KernelSet::kAvx2, "avx2"},
                                                                           {KernelSet::kAvx512, "avx512"},
                                                                           {KernelSet::kAvx512Bf16, "avx512bf16"},
                                                                           {KernelSet::kAmx, "amx"}}};

KernelSet named(std::string_view name) {
  for (const auto& [set, known] : kNames) {
    if (known == name) {
      return set;
    }
  }
  fail(ExitCode::kUsage, "--kernels {}: no such set; give auto, scalar, avx2, avx512, avx512bf16 or amx", name);
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

}  // namespace

std::string_view kernel_set_name(KernelSet set) {
  return kNames[static_cast<size_t>(set)].second;
}

std::vector<KernelSet> available_kernel_sets() {
  const CpuFeatures& features = cpu_features();
  std::vector<KernelSet> sets = {KernelSet::kScalar};
  if (features.avx2) sets.push_back(KernelSet::kAvx2);
  if (features.avx512) sets.push_back(KernelSet::kAvx512);
  if (features.avx512bf16) sets.push_back(KernelSet::kAvx512Bf16);
  if (features.amx) sets.push_back(KernelSet::kAmx);
  return sets;
}

KernelSet fastest_set() {
  const KernelSet highest = available_kernel_sets().back();
  return highest == KernelSet::kAvx512Bf16 && cpu_features().slow_bf16 ? KernelSet::kAvx512 : highest;
}

std::vector<std::string> cpu_kernel_sets() {
  std::vector<std::string> names;
  for (KernelSet set : available_kernel_sets()) {
    names.emplace_back(kernel_set_name(set));
  }
  return names;
}

KernelSet choose_kernel_set(std::string_view kernels, DataType type) {
  const std::vector<KernelSet> available = available_kernel_sets();
  const KernelSet highest = kernels == "auto" ? fastest_set() : named(kernels);
  if (std::find(available.begin(), available.end(), highest) == available.end()) {
    fail(ExitCode::kUnavailable, "--kernels {}: this processor or system does not offer it; give auto or one of: {}",
         kernels, joined(cpu_kernel_sets()));
  }
  return type == DataType::kF32 ? vector_set(highest) : highest;
}

KernelSet vector_set(KernelSet set) {
  return std::min(set, KernelSet::kAvx512);
}

}  // namespace assay::engine

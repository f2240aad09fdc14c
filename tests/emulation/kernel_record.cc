#include "tests/emulation/kernel_record.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "tests/emulation/symbols.h"

namespace assay::emulation {
namespace {

std::mutex mutex;
std::map<const void*, KernelRecord> records;

constexpr std::string_view kMark = "B6kernel";            // abi_tag("kernel") in a mangled name
constexpr std::string_view kMarkInName = "[abi:kernel]";  // and in a demangled one

void erase_all(std::string& text, std::string_view part) {
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part)) text.erase(at, part.size());
}

}  // namespace

void record_launch(const GridLaunch& launch, uint64_t row_groups, uint64_t conflicts) {
  const std::lock_guard lock(mutex);
  KernelRecord& record = records[launch.kernel];
  ++record.launches;
  record.blocks += uint64_t{launch.grid.x} * launch.grid.y * launch.grid.z;
  record.most_shared_bytes = std::max(record.most_shared_bytes, launch.shared_bytes);
  record.row_groups += row_groups;
  record.conflicts += conflicts;
}

KernelRecord record_of(const void* kernel) {
  const std::lock_guard lock(mutex);
  const auto found = records.find(kernel);
  return found == records.end() ? KernelRecord{} : found->second;
}

const std::vector<KernelSymbol>& kernels_of_this_program() {
  static const std::vector<KernelSymbol> kernels = [] {
    std::vector<KernelSymbol> found;
    for (const Symbol& symbol : functions_of_this_program()) {
      if (symbol.mangled.find(kMark) == std::string::npos) continue;
      // Not a lambda inside a kernel (a local name begins with _ZZ), nor a part that the compiler has split off.
      if (symbol.mangled.starts_with("_ZZ") || symbol.mangled.find('.') != std::string::npos) continue;
      KernelSymbol kernel = {symbol.address, symbol.mangled, demangled(symbol.mangled)};
      // `launch` and the like carry the mark only inside their own arguments.
      const size_t mark = kernel.name.find(kMarkInName);
      if (mark == std::string::npos || kernel.name.find_first_of("(<") < mark) continue;
      erase_all(kernel.mangled, kMark);
      erase_all(kernel.name, kMarkInName);
      found.push_back(std::move(kernel));
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return found;
  }();
  return kernels;
}

std::string kernel_name(const void* kernel) {
  for (const KernelSymbol& symbol : kernels_of_this_program()) {
    if (symbol.address == kernel) return symbol.name;
  }
  return fmt::format("the kernel at {}", kernel);
}

}  // namespace assay::emulation

// What nvcc's assembler says of each kernel (--ptxas-options=-v).
#pragma once

#include <filesystem>
#include <set>
#include <string>

namespace assay::emulation {

// Mangled names of the kernels in every *.ptxas file below a folder. Empty where there is no such folder.
std::set<std::string> kernels_in_ptxas_output(const std::filesystem::path& folder);

}  // namespace assay::emulation

// What this program calls itself.
#pragma once

namespace assay::harness {

inline constexpr const char* kVersion = ASSAY_VERSION;
inline constexpr const char* kCompiler = "g++ " __VERSION__;

}  // namespace assay::harness

#include "sandbox/jail.h"

namespace assay::sandbox {
namespace {

constexpr const char* kOutcomes[] = {"finished", "crash", "forbidden", "timeout", "memory", "files", "output"};
constexpr const char* kVerdicts[] = {"passed", "failed",    "timeout",     "memory",    "output",
                                     "crash",  "forbidden", "unsupported", "no_verdict"};

}  // namespace

std::string to_string(Outcome outcome) {
  return kOutcomes[static_cast<size_t>(outcome)];
}

std::string to_string(Verdict verdict) {
  return kVerdicts[static_cast<size_t>(verdict)];
}

}  // namespace assay::sandbox

// The system-call filter of every job.
#pragma once

#include <linux/filter.h>

#include <vector>

namespace assay::sandbox {

// Built by libseccomp, for this processor's own calling convention; any other is killed. Throws std::runtime_error
// where libseccomp cannot.
std::vector<sock_filter> build_filter();

}  // namespace assay::sandbox

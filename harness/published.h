// Published numbers that belong beside a stored run.
#pragma once

#include <vector>

#include "reports/references.h"
#include "store/store.h"

namespace assay::harness {

// By the model's name or the batch's tag `system`; empty where nobody published any.
std::vector<reports::Reference> published_beside(const store::Store& store, const store::Run& run);

}  // namespace assay::harness

// The shapes that synthetic:NAME stands for.
#pragma once

#include <string>
#include <vector>

#include "engine/model/architecture.h"

namespace assay::engine {

struct SyntheticShape {
  const char* name;
  Architecture architecture;
};

const std::vector<SyntheticShape>& synthetic_shapes();

}  // namespace assay::engine

// The origins that need a network: the authors' addresses, and a mirror with a data folder's layout.
#pragma once

#include <memory>

#include "datasets/origin.h"

namespace assay::datasets {

std::unique_ptr<Origin> authors_origin(const Patience& patience);

std::unique_ptr<Origin> mirror_origin(std::string address, const Patience& patience);

}  // namespace assay::datasets

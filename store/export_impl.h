// What the two forms of export share. Not for other rooms.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "store/export.h"

namespace assay::store {

// In the order of export.
std::vector<StoredSample> answered_samples(const Store& store, const RunInfo& run);

// From options.prompt, which must be set.
std::string checked_prompt(const RunInfo& run, const StoredSample& sample, const ExportOptions& options);

// JSON lists on one line.
std::string json_list(const std::vector<std::string>& values);
std::string json_list(const std::vector<double>& values);
std::string json_list(const std::vector<bool>& values);
std::string json_list(const std::vector<int>& values);

size_t export_csv(const Store& store, const std::vector<RunInfo>& runs, std::ostream& out,
                  const ExportOptions& options);

}  // namespace assay::store

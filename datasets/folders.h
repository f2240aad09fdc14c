// Where benchmark data is looked for (INTERFACE.md, "A person's defaults").
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace assay::datasets {

// The folders of `flag` (--data-dir, colon-separated) if given, else of ASSAY_DATA_DIR, else ./data and
// ~/.local/share/assay/datasets. Last, always, the demo's (base/program.h): its data sets have names of their own
// (demo_mmlu), so it stands in for nobody's. Folders that do not exist are kept: messages name them.
std::vector<std::filesystem::path> data_folders(const std::optional<std::string>& flag);

// The first of `folders` in which `entry` (the data set's own folder, "mmlu", or a file) exists.
// Error(kUnavailable) names the folders searched.
std::filesystem::path find_data_folder(const std::vector<std::filesystem::path>& folders,
                                       const std::filesystem::path& entry);

// The folder that data is fetched into: the first of `flag`, else of ASSAY_DATA_DIR, that can be written or made; where
// neither is given ~/.local/share/assay/datasets, without a home ./data. Error(kIo) names those that cannot be written.
std::filesystem::path folder_to_fill(const std::optional<std::string>& flag);

}  // namespace assay::datasets

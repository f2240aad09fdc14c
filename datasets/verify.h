// The pinned SHA-256 of every benchmark file (datasets/sources.toml), and the check of a folder against it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace assay::datasets {

struct PinnedFile {
  std::string path;  // below the data folder: "mmlu/test/anatomy_test.csv"
  std::string sha256;
};

enum class FileState { kOk, kDiffers, kMissing };

struct FileCheck {
  PinnedFile file;
  FileState state = FileState::kMissing;
  std::string found_sha256;  // empty where the file is missing
};

// In the order of the paths. The first part of a path is the data set's name.
const std::vector<PinnedFile>& pinned_files();

// The names of the data sets, in order.
std::vector<std::string> pinned_datasets();

// Checks the files of `dataset` (empty: of all) below `folder`, which need not exist. A file and its packed form
// (".gz") stand for each other: the one that is missing is left out. Error(kUsage) for a data set that is not pinned;
// kIo for a file that cannot be read.
std::vector<FileCheck> verify_folder(const std::filesystem::path& folder, const std::string& dataset = "");

}  // namespace assay::datasets

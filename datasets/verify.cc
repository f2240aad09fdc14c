#include "datasets/verify.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "datasets/sources.h"

namespace assay::datasets {

namespace fs = std::filesystem;

namespace {

std::vector<PinnedFile> read_pins() {
  std::vector<PinnedFile> files;
  for (const Benchmark& benchmark : benchmarks()) {
    for (const Download& download : benchmark.downloads) {
      for (const SourceFile& file : download.files) files.push_back({file.path, file.sha256});
    }
  }
  std::sort(files.begin(), files.end(), [](const PinnedFile& a, const PinnedFile& b) { return a.path < b.path; });
  return files;
}

std::string dataset_of(const PinnedFile& file) {
  return file.path.substr(0, file.path.find('/'));
}

FileCheck check(const fs::path& folder, const PinnedFile& file) {
  std::error_code unreadable;
  if (!fs::exists(folder / file.path, unreadable)) return {file, FileState::kMissing, ""};
  std::string found = sha256_file(folder / file.path);
  const FileState state = found == file.sha256 ? FileState::kOk : FileState::kDiffers;
  return {file, state, std::move(found)};
}

}  // namespace

const std::vector<PinnedFile>& pinned_files() {
  static const std::vector<PinnedFile> files = read_pins();
  return files;
}

std::vector<std::string> pinned_datasets() {
  std::vector<std::string> names;
  for (const Benchmark& benchmark : benchmarks()) names.push_back(benchmark.name);
  return names;
}

std::vector<FileCheck> verify_folder(const fs::path& folder, const std::string& dataset) {
  if (!dataset.empty()) choose(benchmarks(), {dataset});  // refuses a name that is not known
  std::vector<FileCheck> checks;
  for (const PinnedFile& file : pinned_files()) {
    if (dataset.empty() || dataset_of(file) == dataset) checks.push_back(check(folder, file));
  }
  const auto stands_in = [&](const FileCheck& missing) {
    return std::any_of(checks.begin(), checks.end(), [&](const FileCheck& other) {
      return other.state != FileState::kMissing &&
             (other.file.path == missing.file.path + ".gz" || other.file.path + ".gz" == missing.file.path);
    });
  };
  std::vector<FileCheck> kept;
  std::copy_if(checks.begin(), checks.end(), std::back_inserter(kept),
               [&](const FileCheck& c) { return c.state != FileState::kMissing || !stands_in(c); });
  return kept;
}

}  // namespace assay::datasets

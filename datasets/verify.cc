#include "datasets/verify.h"

#include <algorithm>
#include <set>
#include <span>

#include "base/embedded.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"

namespace assay::datasets {

namespace fs = std::filesystem;

std::span<const EmbeddedFile> embedded_pins();  // generated: datasets/CMakeLists.txt

namespace {

// The format of sha256sum: hash, two characters, path.
std::vector<PinnedFile> parse_pins() {
  constexpr size_t kHash = 64;
  std::vector<PinnedFile> files;
  for (const EmbeddedFile& embedded : embedded_pins()) {
    for (const std::string_view line : split_lines(embedded.text)) {
      if (line.size() > kHash + 2)
        files.push_back({std::string(line.substr(kHash + 2)), std::string(line.substr(0, kHash))});
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
  static const std::vector<PinnedFile> files = parse_pins();
  return files;
}

std::vector<std::string> pinned_datasets() {
  std::set<std::string> names;
  for (const PinnedFile& file : pinned_files()) names.insert(dataset_of(file));
  return {names.begin(), names.end()};
}

std::vector<FileCheck> verify_folder(const fs::path& folder, const std::string& dataset) {
  const std::vector<std::string> known = pinned_datasets();
  if (!dataset.empty() && std::find(known.begin(), known.end(), dataset) == known.end()) {
    const std::string meant = nearest(dataset, known);
    fail(ExitCode::kUsage, "no data set is named \"{}\"; {}", dataset,
         meant.empty() ? "known: " + join(known, ", ") : "did you mean \"" + meant + "\"?");
  }
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

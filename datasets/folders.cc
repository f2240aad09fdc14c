#include "datasets/folders.h"

#include <unistd.h>

#include <cstdlib>

#include "base/error.h"
#include "base/program.h"
#include "base/text.h"

namespace assay::datasets {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> named_folders(const std::optional<std::string>& flag) {
  std::string list = flag.value_or("");
  if (list.empty()) {
    const char* named = std::getenv("ASSAY_DATA_DIR");
    if (named != nullptr) list = named;
  }
  std::vector<fs::path> folders;
  for (const std::string& folder : split(list, ':')) {
    if (!folder.empty()) folders.emplace_back(folder);
  }
  return folders;
}

// Where nobody named any.
std::vector<fs::path> default_folders() {
  std::vector<fs::path> folders{"data"};
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home != '\0') folders.push_back(fs::path(home) / ".local/share/assay/datasets");
  return folders;
}

// Whether it is a folder that can be written, or could be made.
bool can_be_filled(const fs::path& folder) {
  std::error_code missing;
  fs::path there = fs::absolute(folder);
  while (!fs::exists(there, missing) && there.has_relative_path()) there = there.parent_path();
  return fs::is_directory(there, missing) && ::access(there.c_str(), W_OK | X_OK) == 0;
}

}  // namespace

std::vector<fs::path> data_folders(const std::optional<std::string>& flag) {
  std::vector<fs::path> folders = named_folders(flag);
  if (folders.empty()) folders = default_folders();
  folders.push_back(demo_folders().data);
  return folders;
}

fs::path folder_to_fill(const std::optional<std::string>& flag) {
  std::vector<fs::path> folders = named_folders(flag);
  if (folders.empty()) folders.push_back(default_folders().back());
  std::vector<std::string> tried;
  for (const fs::path& folder : folders) {
    if (can_be_filled(folder)) return folder;
    tried.push_back(folder.string());
  }
  fail(ExitCode::kIo, "{}: cannot be written; name a folder that can with --to", join(tried, ", "));
}

fs::path find_data_folder(const std::vector<fs::path>& folders, const fs::path& entry) {
  std::vector<std::string> searched;
  for (const fs::path& folder : folders) {
    std::error_code unreadable;
    if (fs::exists(folder / entry, unreadable)) return folder;
    searched.push_back(folder.string());
  }
  fail(ExitCode::kUnavailable,
       "no data folder has \"{}\"; searched: {}; name the folder that has it with --data-dir or ASSAY_DATA_DIR",
       entry.string(), searched.empty() ? "none" : join(searched, ", "));
}

}  // namespace assay::datasets

#include "engine/checkpoint/locate.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/program.h"
#include "base/text.h"

namespace assay::engine {
namespace {

namespace fs = std::filesystem;

bool is_folder(const fs::path& path) {
  std::error_code missing;
  return fs::is_directory(path, missing);
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    entries.push_back(entry->path());
  }
  if (error) fail(ExitCode::kIo, "{}: cannot read the folder: {}", folder.string(), error.message());
  std::sort(entries.begin(), entries.end());
  return entries;
}

std::string list_names(const std::vector<fs::path>& paths) {
  std::vector<std::string> names;
  for (const fs::path& path : paths) names.push_back(path.filename().string());
  return join(names, ", ");
}

ModelFiles in_folder(const fs::path& folder) {
  ModelFiles files{.folder = folder, .index = {}, .safetensors = {}, .gguf = {}};
  if (const fs::path index = folder / "model.safetensors.index.json"; is_file(index)) {
    files.index = index;
    return files;
  }
  if (const fs::path single = folder / "model.safetensors"; is_file(single)) {
    files.safetensors = single;
    return files;
  }
  std::vector<fs::path> ggufs = entries_of(folder);
  std::erase_if(ggufs, [](const fs::path& path) { return path.extension() != ".gguf" || !is_file(path); });
  if (ggufs.empty()) {
    fail_input(
        "{}: holds no model.safetensors.index.json, no model.safetensors and no GGUF file; name the folder that "
        "holds the weights",
        folder.string());
  }
  if (ggufs.size() > 1) {
    fail(ExitCode::kUsage, "{}: holds several GGUF files, name one of them: {}", folder.string(), list_names(ggufs));
  }
  files.gguf = ggufs.front();
  return files;
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// huggingface_hub, constants.py: HF_HUB_CACHE, HF_HOME.
fs::path hugging_face_hub() {
  for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}) {
    if (const std::string hub = environment(name); !hub.empty()) return hub;
  }
  if (const std::string home = environment("HF_HOME"); !home.empty()) return fs::path(home) / "hub";
  if (const std::string cache = environment("XDG_CACHE_HOME"); !cache.empty()) {
    return fs::path(cache) / "huggingface" / "hub";
  }
  return fs::path(environment("HOME")) / ".cache" / "huggingface" / "hub";
}

// "org/name" or "name", in the letters that the hub allows.
bool is_hub_name(const std::string& name) {
  const auto allowed = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
  };
  const std::vector<std::string> parts = split(name, '/');
  return parts.size() <= 2 && std::all_of(parts.begin(), parts.end(), [&](const std::string& part) {
           return !part.empty() && part != "." && part != ".." && std::all_of(part.begin(), part.end(), allowed);
         });
}

// The snapshot of a repository's folder in the cache.
fs::path snapshot_of(const fs::path& repository) {
  const fs::path snapshots = repository / "snapshots";
  if (const fs::path main = repository / "refs" / "main"; is_file(main)) {
    const std::string content = read_file(main);
    const std::string commit(python_strip(content));
    const fs::path snapshot = snapshots / fs::path(commit).filename();
    if (!commit.empty() && is_folder(snapshot)) return snapshot;
  }
  std::vector<fs::path> folders = is_folder(snapshots) ? entries_of(snapshots) : std::vector<fs::path>();
  std::erase_if(folders, [](const fs::path& path) { return !is_folder(path); });
  if (folders.empty()) {
    fail(ExitCode::kUnavailable, "{}: holds no complete snapshot; download the model again", repository.string());
  }
  if (folders.size() > 1) {
    fail(ExitCode::kUsage, "{}: holds several snapshots and no refs/main, name the folder of one of them: {}",
         snapshots.string(), list_names(folders));
  }
  return folders.front();
}

// INTERFACE.md, "M": demo and demo:early, the two checkpoints that come with the program.
ModelFiles shipped_model(const std::string& model) {
  if (model != "demo" && model != "demo:early") {
    fail(ExitCode::kUsage, "{}: there is no such demo model; there are demo and demo:early", printable(model));
  }
  const fs::path folder = demo_folders().models / (model == "demo" ? "late" : "early");
  if (!is_folder(folder)) {
    fail(ExitCode::kUnavailable,
         "{}: {} is missing; install the demo beside the program, or name its folder with "
         "ASSAY_DEMO_DIR",
         model, folder.string());
  }
  return in_folder(folder);
}

}  // namespace

bool is_file(const fs::path& path) {
  std::error_code missing;
  return fs::is_regular_file(path, missing);
}

ModelFiles locate_model(const std::string& model) {
  const fs::path path(model);
  if (is_folder(path)) {
    const bool is_cache_entry = path.filename().string().starts_with("models--") && is_folder(path / "snapshots");
    return in_folder(is_cache_entry ? snapshot_of(path) : path);
  }
  if (is_file(path)) {
    if (path.extension() == ".gguf")
      return {.folder = path.parent_path(), .index = {}, .safetensors = {}, .gguf = path};
    fail(ExitCode::kUsage, "{}: a model is a folder or a .gguf file; name the folder that holds this file", model);
  }
  if (model == "demo" || model.starts_with("demo:")) return shipped_model(model);
  if (!is_hub_name(model)) {
    fail(ExitCode::kUnavailable, "{}: there is no file or folder of that name", printable(model));
  }
  const fs::path repository = hugging_face_hub() / ("models--" + replace_all(model, "/", "--"));
  if (!is_folder(repository)) {
    fail(ExitCode::kUnavailable, "{}: there is no file or folder of that name, nor {}", model, repository.string());
  }
  return in_folder(snapshot_of(repository));
}

}  // namespace assay::engine

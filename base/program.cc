#include "base/program.h"

#include <cstdlib>
#include <system_error>

#include "base/error.h"

namespace assay {

namespace fs = std::filesystem;

namespace {

bool is_there(const DemoFolders& folders) {
  std::error_code unreadable;
  return fs::is_directory(folders.data, unreadable);
}

DemoFolders in_one_folder(const fs::path& folder) {
  return {folder / "datasets", folder / "models"};
}

}  // namespace

fs::path program_folder() {
  std::error_code unreadable;
  const fs::path program = fs::read_symlink("/proc/self/exe", unreadable);
  if (unreadable) {
    fail(ExitCode::kIo, "/proc/self/exe cannot be read ({}); mount /proc to run this program", unreadable.message());
  }
  return program.parent_path();
}

DemoFolders demo_folders(const fs::path& program, const fs::path& named) {
  if (!named.empty()) return in_one_folder(named);
  const DemoFolders installed = in_one_folder(program.parent_path() / "share/assay/demo");
  if (is_there(installed)) return installed;
  const fs::path source = program.parent_path().parent_path();
  const DemoFolders tree{source / "datasets/demo", source / "models/demo"};
  return is_there(tree) ? tree : installed;
}

DemoFolders demo_folders() {
  const char* named = std::getenv("ASSAY_DEMO_DIR");
  return demo_folders(program_folder(), named == nullptr ? "" : named);
}

fs::path shipped_file(const std::string& name, const std::string& in_source) {
  const fs::path program = program_folder();
  const fs::path installed = program.parent_path() / "share/assay" / name;
  const fs::path tree = program.parent_path().parent_path() / in_source;
  std::error_code unreadable;
  return !fs::exists(installed, unreadable) && fs::exists(tree, unreadable) ? tree : installed;
}

}  // namespace assay

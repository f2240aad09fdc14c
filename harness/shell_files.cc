#include "harness/shell_files.h"

#include <fstream>

#include "base/error.h"
#include "harness/completions.h"
#include "harness/manual.h"

namespace assay::harness {
namespace {

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out) fail(ExitCode::kIo, "{}: cannot be written; name a writable folder", file.string());
}

}  // namespace

void generate_shell_files(const std::vector<Command>& tree, const std::filesystem::path& folder) {
  std::error_code problem;
  std::filesystem::create_directories(folder / "man1", problem);
  if (problem)
    fail(ExitCode::kIo, "{}: cannot be made: {}; name a writable folder", folder.string(), problem.message());
  for (const Command& command : tree)
    write(folder / "man1" / (manual_name(command) + ".1"), manual_page(command, tree));
  write(folder / "assay.bash", bash_completion(tree));
  write(folder / "_assay", zsh_completion(tree));
  write(folder / "assay.fish", fish_completion(tree));
}

}  // namespace assay::harness

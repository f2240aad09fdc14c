#include "tests/emulation/ptxas_output.h"

#include "base/file.h"
#include "base/regex.h"

namespace assay::emulation {

std::set<std::string> kernels_in_ptxas_output(const std::filesystem::path& folder) {
  std::set<std::string> kernels;
  if (!std::filesystem::is_directory(folder)) return kernels;
  const Regex entry(R"(Compiling entry function '([^']+)')");
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
    if (file.path().extension() != ".ptxas") continue;
    const std::string text = read_file(file.path());
    for (const Regex::Match& match : entry.find_all(text)) {
      kernels.insert(text.substr(match[1].begin, match[1].end - match[1].begin));
    }
  }
  return kernels;
}

}  // namespace assay::emulation

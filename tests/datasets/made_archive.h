// Archives as anybody could make them: with links, devices and names that no honest packer writes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace assay::testing {

struct MadeMember {
  enum Kind { kFile, kSymbolicLink, kHardLink, kPipe, kFolder };
  std::string name;
  std::string content;  // of a link its target
  Kind kind = kFile;
};

// "tar", "tar.gz", "zip" or "gz" (of the first member's content alone): the archive's bytes.
std::string made_archive(const std::string& form, const std::vector<MadeMember>& members);

}  // namespace assay::testing

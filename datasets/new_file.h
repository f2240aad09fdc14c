// A file that is written beside its final name, hashed while it is written, and renamed only when it is what it should
// be: under the final name there is never anything half-written or wrong.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "datasets/sources.h"

namespace assay::datasets {

// Error(kIo): `path` cannot be written, with the system's reason and what to do about it.
[[noreturn]] void fail_to_write(const std::filesystem::path& path, int system_error);

// Error(kBadInput): `file`, as `origin` gave it, has another hash.
[[noreturn]] void fail_hash(const SourceFile& file, const std::string& origin, const std::string& found);

// Makes the folders above `path`. Error(kIo).
void make_folders_above(const std::filesystem::path& path);

// Gives `from`, on the same file system, the name `to`, durably. Error(kIo), also where a device or a pipe has it.
void rename_durably(const std::filesystem::path& from, const std::filesystem::path& to);

class NewFile {
 public:
  // Opens PATH.new; what an earlier process left there is overwritten. `origin` is named in messages.
  NewFile(const SourceFile& file, std::filesystem::path path, std::string origin);
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  // Removes PATH.new unless it was accepted.
  ~NewFile();

  // Error(kIo) when it cannot be written, Error(kBadInput) beyond the published size.
  void write(std::string_view bytes);

  // Compares the hash and gives the file its final name. Error(kBadInput) where it differs.
  void accept();

 private:
  SourceFile file_;
  std::filesystem::path path_;
  std::filesystem::path beside_;
  std::string origin_;
  Sha256 hash_;
  int64_t bytes_ = 0;
  int fd_ = -1;
};

}  // namespace assay::datasets

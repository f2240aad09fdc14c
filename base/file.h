// Files: reading whole, reading mapped, reading gzip, and writing so that a crash leaves the old or the new content.
// Every function throws Error(kIo) with the path and the system's own reason.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

// A file mapped read-only; the bytes stay valid and constant while the object lives. Movable, not copyable.
// An empty file has empty bytes. A file that another process truncates while it is mapped may end the process with
// SIGBUS: checkpoints are replaced by rename, as every tool of the field does.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::string_view bytes() const { return {data_, size_}; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  const char* data_ = nullptr;
  size_t size_ = 0;
};

std::string read_file(const std::filesystem::path& path);

// Reads `path`; where its name ends in .gz, what it unpacks to. A damaged archive: Error(kBadInput).
std::string read_text_file(const std::filesystem::path& path);

// Splits at LF alone (JSON Lines: U+0085 and U+2028 are data); a final line without LF counts, an empty last one does
// not.
std::vector<std::string_view> split_lines(std::string_view text);

// The name that a new file, written beside it, is to be given so that `path` has its content: of a link, what it leads
// to. Nothing where there is something else than a file or folder (a device, a pipe), which must not be replaced but
// written into.
std::optional<std::filesystem::path> name_to_replace(const std::filesystem::path& path);

// Writes a new file beside name_to_replace() and renames it to that; a device is written into. When it fails, what
// `path` held is untouched and the new file is gone.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

}  // namespace assay

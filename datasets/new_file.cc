#include "datasets/new_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/file.h"

namespace assay::datasets {

namespace fs = std::filesystem;

void fail_to_write(const fs::path& path, int system_error) {
  const bool full = system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG;
  fail(ExitCode::kIo, "{}: cannot write: {}; {}", path.string(), std::strerror(system_error),
       full ? "make room and run the same command again: it goes on where it stopped"
            : "name a folder that can be written with --to");
}

void fail_hash(const SourceFile& file, const std::string& origin, const std::string& found) {
  fail_input(
      "{}: what {} gave has the SHA-256 {}, published is {}; it was not kept: try again later, or fetch it from a "
      "mirror with --from",
      file.path, origin, found, file.sha256);
}

void make_folders_above(const fs::path& path) {
  std::error_code failed;
  fs::create_directories(path.parent_path(), failed);
  if (failed) fail_to_write(path.parent_path(), failed.value());
}

void rename_durably(const fs::path& from, const fs::path& to) {
  const int fd = ::open(from.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail_to_write(from, errno);
  const int synced = ::fsync(fd);
  const int why = errno;
  ::close(fd);
  if (synced != 0) fail_to_write(from, why);
  if (!name_to_replace(to)) fail_to_write(to, EEXIST);
  if (::rename(from.c_str(), to.c_str()) != 0) fail_to_write(to, errno);
}

NewFile::NewFile(const SourceFile& file, fs::path path, std::string origin)
    : file_(file), path_(std::move(path)), beside_(path_), origin_(std::move(origin)) {
  beside_ += ".new";
  make_folders_above(path_);
  fd_ = ::open(beside_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (fd_ < 0) fail_to_write(path_, errno);
}

NewFile::~NewFile() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(beside_.c_str());
}

void NewFile::write(std::string_view bytes) {
  bytes_ += static_cast<int64_t>(bytes.size());
  if (bytes_ > file_.bytes) {
    fail_input("{}: what {} gave is larger than the published {} bytes; it was not kept: fetch it from elsewhere",
               file_.path, origin_, file_.bytes);
  }
  hash_.update(bytes);
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_to_write(path_, errno);
    bytes.remove_prefix(static_cast<size_t>(count));
  }
}

void NewFile::accept() {
  const std::string found = hash_.hex();
  if (found != file_.sha256) fail_hash(file_, origin_, found);
  rename_durably(beside_, path_);
  ::close(fd_);
  fd_ = -1;
}

}  // namespace assay::datasets

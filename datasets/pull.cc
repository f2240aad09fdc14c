#include "datasets/pull.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "base/hash.h"
#include "datasets/new_file.h"
#include "datasets/unpack.h"

namespace assay::datasets {

namespace fs = std::filesystem;

namespace {

// One pull a folder: two would write the same part files. The folder itself is locked, so nothing is left behind.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& folder) {
    make_folders_above(folder / "x");
    fd_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd_ < 0) fail_to_write(folder, errno);
    // A file system that knows no locks is used without one.
    if (::flock(fd_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
    ::close(fd_);
    fail(ExitCode::kUnavailable,
         "{}: another pull is working in this folder; wait for its end, or name another with "
         "--to",
         folder.string());
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock() { ::close(fd_); }

 private:
  int fd_ = -1;
};

class Puller {
 public:
  Puller(Origin& origin, const fs::path& to, bool force, const Watch& watch)
      : origin_(origin), to_(to), force_(force), watch_(watch) {}

  void pull(const Download& download) {
    std::vector<SourceFile> wanted = missing_of(download);
    if (wanted.empty()) return;
    std::vector<Error> errors;
    if (download.packing == Packing::kCompiledIn) {
      write_compiled_in(download.name, wanted.front());
    } else if (download.packing == Packing::kGzip) {
      errors = pull_pair(download, wanted);
    } else {
      errors = origin_.obtain(download, wanted, to_, watch_);
    }
    for (const SourceFile& file : wanted) {
      if (!is_right(file)) continue;
      ++report_.fetched;
      report_.fetched_bytes += file.bytes;
    }
    report_.failures.insert(report_.failures.end(), errors.begin(), errors.end());
  }

  PullReport report() { return std::move(report_); }

 private:
  bool is_right(const SourceFile& file) const {
    std::error_code missing;
    return fs::is_regular_file(to_ / file.path, missing) && sha256_file(to_ / file.path) == file.sha256;
  }

  // The files that are to be obtained; those that differ are told, and wanted only with `force`.
  std::vector<SourceFile> missing_of(const Download& download) {
    std::vector<SourceFile> missing;
    for (const SourceFile& file : download.files) {
      watch_.check();
      const fs::path path = to_ / file.path;
      std::error_code unknown;
      if (!fs::exists(fs::symlink_status(path, unknown))) {
        missing.push_back(file);
      } else if (is_right(file)) {
        ++report_.present;
      } else if (!fs::is_regular_file(path, unknown)) {
        report_.failures.emplace_back(ExitCode::kIo,
                                      fmt::format("{}: is not a plain file; move it away", path.string()));
      } else if (force_) {
        missing.push_back(file);
      } else {
        report_.failures.emplace_back(
            ExitCode::kBadInput,
            fmt::format("{}: is there and differs: its SHA-256 is {}, published is {}; replace it with --force",
                        path.string(), sha256_file(path), file.sha256));
      }
    }
    return missing;
  }

  void write_compiled_in(const std::string& name, const SourceFile& file) {
    NewFile copy(file, to_ / file.path, "the program");
    copy.write(compiled_in(name));
    copy.accept();
  }

  // A gzip file is fetched and unpacked here; where it cannot be had, its unpacked form may.
  std::vector<Error> pull_pair(const Download& download, const std::vector<SourceFile>& wanted) {
    std::vector<SourceFile> packed;
    std::vector<SourceFile> plain;
    for (const SourceFile& file : wanted) (file.member.empty() ? packed : plain).push_back(file);
    std::vector<Error> errors;
    if (!packed.empty()) errors = origin_.obtain(download, packed, to_, watch_);
    if (plain.empty()) return errors;
    for (const SourceFile& file : download.files) {
      if (!file.member.empty() || !is_right(file)) continue;
      attempt(errors, [&] {
        const fs::path packed_path = to_ / file.path;
        const Wanted content{plain.front(), to_ / plain.front().path};
        if (!unpack(packed_path, Packing::kGzip, {content}, watch_).empty()) {
          fail_input("{}: has no content", packed_path.string());
        }
      });
      return errors;
    }
    Download alone{Packing::kNone, "", {}, 0, false, plain};
    const std::vector<Error> others = origin_.obtain(alone, plain, to_, watch_);
    if (is_right(plain.front())) return {};
    if (errors.empty()) errors = others;
    return errors;
  }

  Origin& origin_;
  const fs::path& to_;
  bool force_;
  const Watch& watch_;
  PullReport report_;
};

}  // namespace

PullReport pull(const std::vector<Benchmark>& wanted, Origin& origin, const fs::path& to, bool force,
                const Watch& watch) {
  const FolderLock lock(to);
  Puller puller(origin, to, force, watch);
  for (const Benchmark& benchmark : wanted) {
    for (const Download& download : benchmark.downloads) puller.pull(download);
  }
  return puller.report();
}

}  // namespace assay::datasets

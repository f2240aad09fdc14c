#include "datasets/origin.h"

#include <algorithm>
#include <cerrno>
#include <fstream>

#include "base/file.h"
#include "base/text.h"
#include "datasets/bundle.h"
#include "datasets/new_file.h"
#include "datasets/unpack.h"
#include "datasets/web_origin.h"

namespace assay::datasets {

namespace fs = std::filesystem;

namespace {

bool is_file(const fs::path& path) {
  std::error_code missing;
  return fs::is_regular_file(path, missing);
}

void copy_file(const fs::path& from, const SourceFile& file, const fs::path& to) {
  const MappedFile source(from);
  NewFile copy(file, to / file.path, from.string());
  copy.write(source.bytes());
  copy.accept();
}

// A folder with a data folder's layout, or with the archives by their file names.
class FolderOrigin : public Origin {
 public:
  explicit FolderOrigin(fs::path folder) : folder_(std::move(folder)) {}

  std::vector<Error> obtain(const Download& download, const std::vector<SourceFile>& wanted, const fs::path& to,
                            const Watch& watch) override {
    std::vector<Error> errors;
    std::vector<Wanted> packed;
    for (const SourceFile& file : wanted) {
      watch.check();
      if (is_file(folder_ / file.path)) {
        attempt(errors, [&] { copy_file(folder_ / file.path, file, to); });
      } else {
        packed.push_back({file, to / file.path});
      }
    }
    if (packed.empty()) return errors;
    const fs::path archive = archive_of(download, packed.front().file);
    if (archive.empty()) {
      for (const Wanted& one : packed) {
        errors.emplace_back(ExitCode::kUnavailable,
                            fmt::format("{}: {} is not there; look into another folder, or leave out --from",
                                        folder_.string(), one.file.path));
      }
      return errors;
    }
    attempt(errors, [&] {
      // The one file that is its own archive.
      if (packed.front().file.member.empty()) return copy_file(archive, packed.front().file, to);
      const std::vector<SourceFile> lacking = unpack(archive, download.packing, packed, watch);
      if (!lacking.empty()) fail_input("{}: has no member \"{}\"", archive.string(), lacking.front().member);
    });
    return errors;
  }

 private:
  // Where the download lies under its own name; empty where it does not. A data folder's name is never guessed: a file
  // "test.jsonl" beside others may be anybody's.
  fs::path archive_of(const Download& download, const SourceFile& file) const {
    if (download.packing == Packing::kNone || download.packing == Packing::kCompiledIn) return {};
    const std::string benchmark = file.path.substr(0, file.path.find('/'));
    for (const fs::path& path : {folder_ / download.name, folder_ / benchmark / download.name}) {
      if (is_file(path)) return path;
    }
    return {};
  }

  fs::path folder_;
};

// A bundle is read once for every download, which its size allows.
class BundleOrigin : public Origin {
 public:
  explicit BundleOrigin(fs::path bundle) : bundle_(std::move(bundle)) {}

  std::vector<Error> obtain(const Download&, const std::vector<SourceFile>& wanted, const fs::path& to,
                            const Watch& watch) override {
    std::vector<Error> errors;
    attempt(errors, [&] {
      std::vector<Wanted> members;
      for (SourceFile file : wanted) {
        file.member = bundle_member(file);
        members.push_back({file, to / file.path});
      }
      for (const SourceFile& file : unpack(bundle_, Packing::kTar, members, watch)) {
        errors.emplace_back(ExitCode::kUnavailable,
                            fmt::format("{}: the bundle lacks {}; make it anew where the file is, with `assay datasets "
                                        "bundle`",
                                        bundle_.string(), file.path));
      }
    });
    return errors;
  }

 private:
  fs::path bundle_;
};

}  // namespace

std::unique_ptr<Origin> open_origin(const std::string& from, const Patience& patience) {
  if (from.empty()) return authors_origin(patience);
  if (from.starts_with("http://") || from.starts_with("https://")) return mirror_origin(from, patience);
  if (from.find("://") != std::string::npos) {
    fail(ExitCode::kUsage, "--from {}: only http and https addresses, folders and bundles are understood",
         printable(from));
  }
  std::error_code missing;
  if (fs::is_directory(from, missing)) return std::make_unique<FolderOrigin>(from);
  if (is_file(from)) return std::make_unique<BundleOrigin>(from);
  fail(ExitCode::kUnavailable, "--from {}: there is no such folder or bundle", printable(from));
}

}  // namespace assay::datasets

#include "datasets/bundle.h"

#include <archive.h>
#include <archive_entry.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "datasets/new_file.h"

namespace assay::datasets {

namespace fs = std::filesystem;

namespace {

constexpr const char* kTop = "assay-datasets/";

struct CloseArchive {
  void operator()(archive* handle) const { archive_write_free(handle); }
};
struct CloseEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

class Writer {
 public:
  explicit Writer(fs::path path) : path_(std::move(path)), handle_(archive_write_new()) {
    if (handle_ == nullptr) throw std::bad_alloc();
    archive_write_set_format_ustar(handle_.get());
    archive_write_add_filter_gzip(handle_.get());
    // Without the time in the header, so that the same files give the same bytes.
    check(archive_write_set_options(handle_.get(), "gzip:!timestamp"));
    check(archive_write_open_filename(handle_.get(), path_.c_str()));
  }

  void add(const std::string& name, std::string_view bytes) {
    const std::unique_ptr<archive_entry, CloseEntry> entry(archive_entry_new());
    if (entry == nullptr) throw std::bad_alloc();
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes.size()));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_mtime(entry.get(), 0, 0);
    check(archive_write_header(handle_.get(), entry.get()));
    if (archive_write_data(handle_.get(), bytes.data(), bytes.size()) != static_cast<la_ssize_t>(bytes.size())) {
      check(ARCHIVE_FATAL);
    }
  }

  void finish() { check(archive_write_close(handle_.get())); }

 private:
  void check(int result) const {
    if (result == ARCHIVE_OK) return;
    const int why = archive_errno(handle_.get());
    fail_to_write(path_, why > 0 ? why : EIO);
  }

  fs::path path_;
  std::unique_ptr<archive, CloseArchive> handle_;
};

// The unfinished bundle, removed on every way out but the good one.
struct Unfinished {
  fs::path path;
  ~Unfinished() {
    std::error_code ignored;
    fs::remove(path, ignored);
  }
};

bool is_there(const BundleItem& item, const SourceFile& file) {
  std::error_code missing;
  return fs::exists(item.folder / file.path, missing);
}

// The files of a download that go into the bundle.
std::vector<SourceFile> present_files(const BundleItem& item, const Download& download) {
  std::vector<SourceFile> present;
  for (const SourceFile& file : download.files) {
    if (is_there(item, file)) present.push_back(file);
  }
  const bool enough = download.packing == Packing::kGzip && !present.empty();
  if (download.packing == Packing::kCompiledIn || enough) return present;
  for (const SourceFile& file : download.files) {
    if (is_there(item, file)) continue;
    fail(ExitCode::kUnavailable, "{}: {} is missing; fetch it with `assay datasets pull {} --to {}`",
         item.folder.string(), file.path, item.benchmark.name, item.folder.string());
  }
  return present;
}

nlohmann::ordered_json manifest_of(const std::vector<BundleItem>& items) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const BundleItem& item : items) {
    nlohmann::ordered_json files = nlohmann::ordered_json::array();
    for (const Download& download : item.benchmark.downloads) {
      for (const SourceFile& file : present_files(item, download)) {
        files.push_back({{"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}});
      }
    }
    list.push_back({{"name", item.benchmark.name},
                    {"title", item.benchmark.title},
                    {"licence", item.benchmark.licence},
                    {"homepage", item.benchmark.homepage},
                    {"files", files}});
  }
  return {{"format", "assay datasets bundle 1"}, {"benchmarks", list}};
}

}  // namespace

std::string bundle_member(const SourceFile& file) {
  return kTop + file.path;
}

BundleReport write_bundle(const std::vector<BundleItem>& items, const fs::path& out, const Watch& watch) {
  const std::string manifest = manifest_of(items).dump(1) + "\n";
  make_folders_above(fs::absolute(out));
  const Unfinished beside{fs::path(out) += ".new"};
  Writer writer(beside.path);
  writer.add(kTop + std::string("MANIFEST.json"), manifest);
  BundleReport report;
  for (const BundleItem& item : items) {
    for (const Download& download : item.benchmark.downloads) {
      for (const SourceFile& file : present_files(item, download)) {
        watch.check();
        const std::string bytes = read_file(item.folder / file.path);
        const std::string found = sha256_hex(bytes);
        if (found != file.sha256) {
          fail_input("{}: its SHA-256 is {}, published is {}; fetch it again with `assay datasets pull {} --force`",
                     (item.folder / file.path).string(), found, file.sha256, item.benchmark.name);
        }
        writer.add(bundle_member(file), bytes);
        ++report.files;
        report.bytes += file.bytes;
      }
    }
  }
  writer.finish();
  rename_durably(beside.path, out);
  report.packed = static_cast<int64_t>(fs::file_size(out));
  return report;
}

}  // namespace assay::datasets

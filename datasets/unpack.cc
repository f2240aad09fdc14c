#include "datasets/unpack.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <map>
#include <memory>

#include "base/error.h"
#include "base/text.h"
#include "datasets/new_file.h"

namespace assay::datasets {
namespace {

struct CloseArchive {
  void operator()(archive* handle) const { archive_read_free(handle); }
};

bool leaves_the_folder(const std::string& name) {
  if (name.starts_with('/')) return true;
  const std::vector<std::string> parts = split(name, '/');
  return std::find(parts.begin(), parts.end(), "..") != parts.end();
}

class Reader {
 public:
  Reader(const std::filesystem::path& path, Packing packing, const Watch& watch, int64_t most_bytes)
      : path_(path), handle_(archive_read_new()), watch_(watch), most_bytes_(most_bytes) {
    if (handle_ == nullptr) throw std::bad_alloc();
    if (packing == Packing::kZip) {
      archive_read_support_format_zip_seekable(handle_.get());
    } else {
      archive_read_support_filter_gzip(handle_.get());
      packing == Packing::kTar ? archive_read_support_format_tar(handle_.get())
                               : archive_read_support_format_raw(handle_.get());
    }
    constexpr size_t kBlock = 1 << 16;
    if (archive_read_open_filename(handle_.get(), path.c_str(), kBlock) != ARCHIVE_OK) damaged();
  }

  // The next member; null at the end.
  archive_entry* next() {
    watch_.check();
    archive_entry* entry = nullptr;
    const int result = archive_read_next_header(handle_.get(), &entry);
    if (result == ARCHIVE_EOF) return nullptr;
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN) damaged();
    if (++members_ > kMostMembers) too_much(fmt::format("more than {} members", kMostMembers));
    if (archive_entry_size_is_set(entry)) count(archive_entry_size(entry));
    sized_ = archive_entry_size_is_set(entry);
    return entry;
  }

  // Gives the member's bytes to `take`, block by block.
  template <class Take>
  void read(const Take& take) {
    const void* data = nullptr;
    size_t size = 0;
    la_int64_t offset = 0;
    la_int64_t reached = 0;
    for (;;) {
      watch_.check();
      const int result = archive_read_data_block(handle_.get(), &data, &size, &offset);
      if (result == ARCHIVE_EOF) return;
      if (result != ARCHIVE_OK && result != ARCHIVE_WARN) damaged();
      if (offset != reached) fail_input("{}: has a member with holes, which no published archive has", path_.string());
      reached += static_cast<la_int64_t>(size);
      if (!sized_) count(static_cast<int64_t>(size));
      take(std::string_view(static_cast<const char*>(data), size));
    }
  }

  void skip() {
    // A size that was announced is counted already, and passing over it costs no more than the packed bytes.
    if (!sized_) return read([](std::string_view) {});
    if (archive_read_data_skip(handle_.get()) < ARCHIVE_WARN) damaged();
  }

 private:
  [[noreturn]] void damaged() const {
    const char* why = archive_error_string(handle_.get());
    fail_input("{}: cannot be unpacked: {}; fetch it again", path_.string(),
               why == nullptr ? "it is damaged" : printable(why));
  }
  [[noreturn]] void too_much(const std::string& what) const {
    fail_input("{}: unpacks to {}, which no published archive does; fetch it from elsewhere", path_.string(), what);
  }
  void count(int64_t bytes) {
    if (bytes < 0 || bytes > most_bytes_ - bytes_) too_much(fmt::format("more than {} bytes", most_bytes_));
    bytes_ += bytes;
  }

  const std::filesystem::path& path_;
  std::unique_ptr<archive, CloseArchive> handle_;
  const Watch& watch_;
  int64_t most_bytes_;
  int64_t bytes_ = 0;
  int members_ = 0;
  bool sized_ = false;
};

std::string name_of(archive_entry* entry) {
  const char* name = archive_entry_pathname_utf8(entry);
  if (name == nullptr) name = archive_entry_pathname(entry);
  return name == nullptr ? "" : name;
}

}  // namespace

std::vector<SourceFile> unpack(const std::filesystem::path& archive, Packing packing, const std::vector<Wanted>& wanted,
                               const Watch& watch, int64_t most_bytes) {
  std::map<std::string, const Wanted*> missing;
  for (const Wanted& one : wanted) missing.emplace(one.file.member, &one);
  Reader reader(archive, packing, watch, most_bytes);
  const std::string origin = archive.filename().string();
  // An archive is read to its end only where something is missing: what comes after the last wanted member is nobody's.
  while (!missing.empty()) {
    archive_entry* entry = reader.next();
    if (entry == nullptr) break;
    // What a gzip file calls its content is the packer's own affair.
    std::string name = packing == Packing::kGzip ? wanted.front().file.member : name_of(entry);
    if (leaves_the_folder(name)) {
      fail_input("{}: its member \"{}\" leaves the folder, so it is not the published archive; fetch it from elsewhere",
                 archive.string(), printable(name));
    }
    if (name.starts_with("./")) name.erase(0, 2);
    const auto found = missing.find(name);
    if (found == missing.end()) {
      reader.skip();
      continue;
    }
    const bool raw = packing == Packing::kGzip;  // its one member has no type
    if (archive_entry_hardlink(entry) != nullptr || (!raw && archive_entry_filetype(entry) != AE_IFREG)) {
      fail_input(
          "{}: its member \"{}\" is not a plain file, so it is not the published archive; fetch it from elsewhere",
          archive.string(), printable(name));
    }
    NewFile file(found->second->file, found->second->to, origin);
    reader.read([&](std::string_view bytes) { file.write(bytes); });
    file.accept();
    missing.erase(found);
  }
  std::vector<SourceFile> lacking;
  for (const auto& [name, one] : missing) lacking.push_back(one->file);
  return lacking;
}

}  // namespace assay::datasets

#include "tests/datasets/made_archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <stdexcept>

#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace assay::testing {
namespace {

void check(int result) {
  if (result != ARCHIVE_OK) throw std::runtime_error("the archive of a test cannot be made");
}

void set_kind(archive_entry* entry, const MadeMember& member) {
  const unsigned types[] = {AE_IFREG, AE_IFLNK, AE_IFREG, AE_IFIFO, AE_IFDIR};
  archive_entry_set_filetype(entry, types[member.kind]);
  if (member.kind == MadeMember::kSymbolicLink) archive_entry_set_symlink(entry, member.content.c_str());
  if (member.kind == MadeMember::kHardLink) archive_entry_set_hardlink(entry, member.content.c_str());
}

}  // namespace

std::string made_archive(const std::string& form, const std::vector<MadeMember>& members) {
  const TemporaryFolder folder;
  archive* handle = archive_write_new();
  if (form == "zip") {
    check(archive_write_set_format_zip(handle));
  } else {
    check(form == "gz" ? archive_write_set_format_raw(handle) : archive_write_set_format_pax_restricted(handle));
    if (form.ends_with("gz")) check(archive_write_add_filter_gzip(handle));
  }
  check(archive_write_open_filename(handle, (folder / "archive").c_str()));
  for (const MadeMember& member : members) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, member.name.c_str());
    archive_entry_set_perm(entry, 0644);
    set_kind(entry, member);
    const size_t size = member.kind == MadeMember::kFile ? member.content.size() : 0;
    archive_entry_set_size(entry, static_cast<la_int64_t>(size));
    check(archive_write_header(handle, entry));
    if (size > 0 && archive_write_data(handle, member.content.data(), size) < 0) check(ARCHIVE_FATAL);
    archive_entry_free(entry);
  }
  check(archive_write_close(handle));
  archive_write_free(handle);
  return read_file(folder / "archive");
}

}  // namespace assay::testing

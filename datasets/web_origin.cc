#include "datasets/web_origin.h"

#include <set>

#include "base/hash.h"
#include "base/text.h"
#include "datasets/new_file.h"
#include "datasets/unpack.h"

namespace assay::datasets {

namespace fs = std::filesystem;

namespace {

// No published archive is larger. One whose size is known may grow a little; its members are pinned.
constexpr int64_t kMostArchiveBytes = int64_t{4} << 30;

fs::path part_of(const fs::path& path) {
  fs::path part = path;
  return part += ".part";
}

// Does `use` with what was fetched to the part file. A part that was begun at another time may be half of something
// else: then it is fetched once more from the start before anybody is blamed.
template <class Use>
void fetch_and_use(Downloader& downloader, const Address& address, const Watch& watch, const Use& use) {
  std::error_code missing;
  bool resumed = fs::exists(address.part, missing);
  for (;;) {
    downloader.fetch(address, watch);
    try {
      use();
      return remove_part(address.part);
    } catch (const Error& error) {
      if (error.code() != ExitCode::kBadInput) throw;
      remove_part(address.part);
      if (!resumed) throw;
      resumed = false;
    }
  }
}

void fetch_file(Downloader& downloader, const std::string& url, const SourceFile& file, const fs::path& to,
                const Watch& watch) {
  const fs::path path = to / file.path;
  const Address address{url, part_of(path), file.path, file.sha256, file.bytes, file.bytes};
  fetch_and_use(downloader, address, watch, [&] {
    const std::string found = sha256_file(address.part);
    if (found != file.sha256) fail_hash(file, url, found);
    rename_durably(address.part, path);
  });
}

class AuthorsOrigin : public Origin {
 public:
  explicit AuthorsOrigin(const Patience& patience) : downloader_(patience) {}

  std::vector<Error> obtain(const Download& download, const std::vector<SourceFile>& wanted, const fs::path& to,
                            const Watch& watch) override {
    const bool archive = download.packing == Packing::kTar || download.packing == Packing::kZip;
    std::vector<Error> errors;
    std::set<std::string> reasons;
    for (const std::string& url : download.addresses) {
      const bool got = attempt(errors, [&] {
        if (archive) return fetch_archive(url, download, wanted, to, watch);
        for (const SourceFile& file : wanted) fetch_file(downloader_, url, file, to, watch);
      });
      if (got) return {};
      // The same of every address is said once.
      const std::string why = replace_all(errors.back().what(), url, "");
      if (!reasons.insert(why).second) errors.pop_back();
    }
    return errors;
  }

 private:
  void fetch_archive(const std::string& url, const Download& download, const std::vector<SourceFile>& wanted,
                     const fs::path& to, const Watch& watch) {
    const std::string benchmark = wanted.front().path.substr(0, wanted.front().path.find('/'));
    const fs::path path = to / benchmark / download.name;
    const Address address{url, part_of(path), benchmark + "/" + download.name, "", 0, kMostArchiveBytes};
    std::vector<Wanted> members;
    for (const SourceFile& file : wanted) members.push_back({file, to / file.path});
    fetch_and_use(downloader_, address, watch, [&] {
      const std::vector<SourceFile> lacking = unpack(address.part, download.packing, members, watch);
      if (!lacking.empty()) {
        fail_input(
            "{}: has no member \"{}\" ({} of {} are missing), so it is another archive; use a mirror with --from", url,
            lacking.front().member, lacking.size(), members.size());
      }
    });
  }

  Downloader downloader_;
};

class MirrorOrigin : public Origin {
 public:
  MirrorOrigin(std::string address, const Patience& patience) : address_(std::move(address)), downloader_(patience) {
    while (address_.ends_with('/')) address_.pop_back();
  }

  std::vector<Error> obtain(const Download&, const std::vector<SourceFile>& wanted, const fs::path& to,
                            const Watch& watch) override {
    std::vector<Error> errors;
    for (const SourceFile& file : wanted) {
      attempt(errors, [&] { fetch_file(downloader_, address_ + "/" + file.path, file, to, watch); });
    }
    return errors;
  }

 private:
  std::string address_;
  Downloader downloader_;
};

}  // namespace

std::unique_ptr<Origin> authors_origin(const Patience& patience) {
  return std::make_unique<AuthorsOrigin>(patience);
}

std::unique_ptr<Origin> mirror_origin(std::string address, const Patience& patience) {
  return std::make_unique<MirrorOrigin>(std::move(address), patience);
}

}  // namespace assay::datasets

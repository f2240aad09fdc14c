// The pinned files out of an archive that nobody trusts, by libarchive.
//
// Names in the archive never become paths: a member is looked up by its name and written to the path that the caller
// gave, and only as a plain file of at most the pinned size with the pinned hash. Everything else is passed over.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/download.h"
#include "datasets/sources.h"

namespace assay::datasets {

struct Wanted {
  SourceFile file;  // its `member` is what is looked for, except in a gzip file, which has but one
  std::filesystem::path to;
};

// What an archive may unpack to, all members together and whether they are wanted or not.
inline constexpr int64_t kMostUnpackedBytes = int64_t{16} << 30;
inline constexpr int kMostMembers = 200'000;

// Puts the wanted members into place and returns those that the archive lacks. `packing` is kTar (packed by gzip or
// not), kZip or kGzip. Error(kBadInput): not such an archive, damaged or cut short, a member with an absolute path or
// "..", a wanted member that is a link or a device, one whose size or hash differs, an archive that unpacks to more
// than the limits. What was accepted before stays. Error(kIo), Error(kInterrupted).
std::vector<SourceFile> unpack(const std::filesystem::path& archive, Packing packing, const std::vector<Wanted>& wanted,
                               const Watch& watch, int64_t most_bytes = kMostUnpackedBytes);

}  // namespace assay::datasets

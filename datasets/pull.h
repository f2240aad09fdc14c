// Fills a data folder with the files of benchmarks: what is right already stays, what is missing is obtained, and
// nothing gets its final name that is not as pinned.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/origin.h"
#include "datasets/sources.h"

namespace assay::datasets {

struct PullReport {
  int present = 0;  // files that were right before
  int fetched = 0;
  int64_t fetched_bytes = 0;
  std::vector<Error> failures;  // one a file, or one an archive
};

// Pulls `wanted` from `origin` into the folder `to`, which is made. A file that is there and differs is a failure,
// unless `force` says to replace it. Of a gzip file and what it unpacks to one is enough where the origin has only one.
// Error(kIo): `to` cannot be written, or the disk is full; Error(kInterrupted); Error(kUnavailable): another pull works
// in the folder. After each of them the same call goes on where it stopped.
PullReport pull(const std::vector<Benchmark>& wanted, Origin& origin, const std::filesystem::path& to, bool force,
                const Watch& watch);

}  // namespace assay::datasets

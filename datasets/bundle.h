// A bundle: benchmark files with their manifest in one .tar.gz, for machines without a network. `assay datasets pull
// --from` reads it; so does tar: below "assay-datasets/" it has a data folder's layout. The same files give the same
// bytes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/download.h"
#include "datasets/sources.h"

namespace assay::datasets {

struct BundleItem {
  Benchmark benchmark;
  std::filesystem::path folder;  // the data folder that has it
};

struct BundleReport {
  size_t files = 0;
  int64_t bytes = 0;   // of the files
  int64_t packed = 0;  // of the bundle
};

// A file's name in a bundle.
std::string bundle_member(const SourceFile& file);

// Every file is checked against its pin while it is packed. Of a gzip file and what it unpacks to one is enough.
// Error(kBadInput) names a file that differs, Error(kUnavailable) one that is missing, Error(kIo) where `out` cannot be
// written: then nothing is left under its name.
BundleReport write_bundle(const std::vector<BundleItem>& items, const std::filesystem::path& out, const Watch& watch);

}  // namespace assay::datasets

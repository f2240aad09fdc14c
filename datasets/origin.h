// Where the bytes come from: the authors' addresses, a mirror on the web, a folder, or a bundle of ours. Whatever it
// is, nothing is taken from it that does not have the pinned hash.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "datasets/download.h"
#include "datasets/sources.h"

namespace assay::datasets {

class Origin {
 public:
  virtual ~Origin() = default;

  // Puts the `wanted` files of one download below `to`. What could not be had is returned, an Error a file; the rest is
  // in place. Thrown is only what would also stop the next file: Error(kIo), Error(kInterrupted).
  virtual std::vector<Error> obtain(const Download& download, const std::vector<SourceFile>& wanted,
                                    const std::filesystem::path& to, const Watch& watch) = 0;
};

// `from`: empty (the authors), an http(s) address that has a data folder's layout, a folder that has it or the archives
// by their file names, or a bundle (datasets/bundle.h). Error(kUsage) for another kind of address, Error(kUnavailable)
// where no such file is.
std::unique_ptr<Origin> open_origin(const std::string& from, const Patience& patience);

// Does `work`; an Error that concerns this file alone is kept in `errors`, another goes on.
template <class Work>
bool attempt(std::vector<Error>& errors, const Work& work) {
  try {
    work();
    return true;
  } catch (const Error& error) {
    if (error.code() != ExitCode::kUnavailable && error.code() != ExitCode::kBadInput) throw;
    errors.push_back(error);
    return false;
  }
}

}  // namespace assay::datasets

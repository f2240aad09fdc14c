// `assay watch`: scores each new checkpoint of a folder as it is completely written.
#pragma once

#include "base/error.h"
#include "harness/watch/options.h"

namespace assay::harness {

// Looks at the folder again and again (polling, which works on network file systems too), scores each whole checkpoint
// that has settled in a process of its own, judges it against the baseline, keeps the reports current and runs the
// command on a regression, once for the same weights asked the same. What was done stands in the database
// (records.h), so that a watch may be stopped at any time and started again.
//
// Returns kInterrupted once it is stopped. With `once` it ends when nothing is left to do: kCheckFailed where a
// checkpoint that is there has regressed, else the code of one that could not be scored or not be compared, else
// kInconclusive where one is, else kDone. Errors: those of check_watch() before anything is scored, kUnavailable where
// the folder is not there and, with `once`, where it has no whole checkpoint. Later problems are told, and the watch
// goes on.
ExitCode watch_command(WatchOptions options, const std::filesystem::path& database);

}  // namespace assay::harness

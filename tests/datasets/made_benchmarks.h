// Benchmarks for tests: three made-up ones with every kind of source, and the web on which their authors have them.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "datasets/sources.h"
#include "tests/support/temporary_folder.h"

namespace assay::testing {

// Writes a data folder below `folder` and returns what pins it: "quiz" (a tar), "riddles" (a zip), "sums" (two files,
// and a gzip file with its content).
std::vector<datasets::Benchmark> make_benchmarks(const TemporaryFolder& folder);

// What the authors' addresses give, as paths of one server ("/host/file"), made of a data folder. Archives hold other
// things too.
std::map<std::string, std::string> authors_web(const std::vector<datasets::Benchmark>& benchmarks,
                                               const std::filesystem::path& data);

// The same benchmarks with the authors' hosts moved to `server`.
std::vector<datasets::Benchmark> moved_to(const std::string& server, std::vector<datasets::Benchmark> benchmarks);

}  // namespace assay::testing

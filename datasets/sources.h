// Where the files of every benchmark come from and what they must be: datasets/sources.toml, compiled in. Its head says
// what each field means.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace assay::datasets {

enum class Packing { kNone, kTar, kZip, kGzip, kCompiledIn };

struct SourceFile {
  std::string path;    // below the data folder: "mmlu/test/anatomy_test.csv"
  std::string sha256;  // 64 lower-case hexadecimal digits
  int64_t bytes = 0;
  std::string member;  // its name in the archive; empty: the file is what the address gives
};

// One thing to fetch: an archive with the files in it, or one file.
struct Download {
  Packing packing = Packing::kNone;
  std::string name;                    // file name; of an archive also that under which a local mirror has it
  std::vector<std::string> addresses;  // that hold the same, in the order to try; none where compiled in
  int64_t bytes = 0;                   // of an archive about
  bool tried = false;                  // whether somebody fetched the files from there
  std::vector<SourceFile> files;
};

struct Benchmark {
  std::string name;  // also the first folder of every path
  std::string title;
  std::string licence;
  std::string homepage;
  std::vector<Download> downloads;

  size_t file_count() const;
  int64_t bytes() const;  // of the files, not of the archives
};

// The benchmarks of a text in the form of sources.toml, by name. Error(kBadInput) names `file`, the field and what is
// wrong with it; a path that leaves the data folder or the benchmark's own, or stands twice, is wrong.
std::vector<Benchmark> parse_sources(std::string_view text, const std::string& file);

// Those compiled in.
const std::vector<Benchmark>& benchmarks();

// Those named `wanted`, in that order; all where none is named. Error(kUsage) for a name that `all` lacks.
std::vector<Benchmark> choose(const std::vector<Benchmark>& all, const std::vector<std::string>& wanted);

// The text of a file that is part of the program, by its file name. Error(kInternal) for another.
std::string_view compiled_in(const std::string& name);

}  // namespace assay::datasets

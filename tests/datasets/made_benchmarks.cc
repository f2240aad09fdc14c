#include "tests/datasets/made_benchmarks.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "tests/datasets/made_archive.h"

namespace assay::testing {
namespace {

using datasets::Benchmark;
using datasets::Download;
using datasets::Packing;
using datasets::SourceFile;

std::string rows(const std::string& word, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += word + "," + std::to_string(i * i) + "\n";
  return text;
}

class Maker {
 public:
  explicit Maker(const TemporaryFolder& folder) : folder_(folder) {}

  SourceFile file(const std::string& path, const std::string& content, const std::string& member) const {
    folder_.write(path, content);
    return {path, sha256_hex(content), static_cast<int64_t>(content.size()), member};
  }

 private:
  const TemporaryFolder& folder_;
};

Download plain(const std::string& name, const std::vector<std::string>& hosts, const SourceFile& file) {
  Download download{Packing::kNone, name, {}, file.bytes, false, {file}};
  for (const std::string& host : hosts) download.addresses.push_back("https://" + host + "/" + name);
  return download;
}

std::string path_on_web(const std::string& address) {
  return replace_all(address, "https://", "/");
}

}  // namespace

std::vector<Benchmark> make_benchmarks(const TemporaryFolder& folder) {
  const Maker make(folder);
  const std::string text = rows("gz", 9'000);
  return {
      {"quiz",
       "Quiz",
       "CC0",
       "https://quiz",
       {{Packing::kTar,
         "quiz.tar",
         {"https://quiz/quiz.tar"},
         0,
         false,
         {make.file("quiz/test/a.csv", rows("a", 3'000), "top/test/a.csv"),
          make.file("quiz/test/b.csv", rows("b", 5'000), "top/test/b.csv")}}}},
      {"riddles",
       "Riddles",
       "CC0",
       "https://riddles",
       {{Packing::kZip,
         "riddles.zip",
         {"https://riddles/riddles.zip", "https://copy/riddles.zip"},
         0,
         false,
         {make.file("riddles/one.jsonl", rows("one", 4'000), "one.jsonl")}}}},
      {"sums",
       "Sums",
       "CC0",
       "https://sums",
       {plain("x.csv", {"sums", "copy"}, make.file("sums/x.csv", rows("x", 6'000), "")),
        plain("y.csv", {"sums"}, make.file("sums/y.csv", rows("y", 10), "")),
        {Packing::kGzip,
         "z.csv.gz",
         {"https://sums/z.csv.gz"},
         0,
         false,
         {make.file("sums/z.csv.gz", made_archive("gz", {{"z.csv", text}}), ""),
          make.file("sums/z.csv", text, "z.csv")}}}},
  };
}

std::map<std::string, std::string> authors_web(const std::vector<Benchmark>& benchmarks,
                                               const std::filesystem::path& data) {
  std::map<std::string, std::string> web;
  for (const Benchmark& benchmark : benchmarks) {
    for (const Download& download : benchmark.downloads) {
      std::string body;
      if (download.packing == Packing::kTar || download.packing == Packing::kZip) {
        std::vector<MadeMember> members = {{"README", "not wanted"}};
        for (const SourceFile& file : download.files) members.push_back({file.member, read_file(data / file.path)});
        members.push_back({"more/training.csv", std::string(50'000, 'x')});
        body = made_archive(download.packing == Packing::kTar ? "tar" : "zip", members);
      } else if (!download.addresses.empty()) {
        for (const SourceFile& file : download.files) {
          if (file.member.empty()) body = read_file(data / file.path);
        }
      }
      for (const std::string& address : download.addresses) web[path_on_web(address)] = body;
    }
  }
  return web;
}

std::vector<Benchmark> moved_to(const std::string& server, std::vector<Benchmark> benchmarks) {
  for (Benchmark& benchmark : benchmarks) {
    for (Download& download : benchmark.downloads) {
      for (std::string& address : download.addresses) address = server + path_on_web(address);
    }
  }
  return benchmarks;
}

}  // namespace assay::testing

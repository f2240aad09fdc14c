#include "datasets/pull.h"

#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <iostream>

#include "base/file.h"
#include "base/hash.h"
#include "datasets/bundle.h"
#include "datasets/verify.h"
#include "tests/datasets/full_disk.h"
#include "tests/datasets/made_benchmarks.h"
#include "tests/datasets/web_server.h"
#include "tests/support/golden.h"

namespace assay::datasets {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;
using testing::WebReply;
using testing::WebRequest;
using testing::WebServer;

constexpr Patience kPatience{0.2, 3, 0};

PullReport pull_from(const std::string& from, const std::vector<Benchmark>& wanted, const fs::path& to,
                     bool force = false, const Watch& watch = {}) {
  return pull(wanted, *open_origin(from, kPatience), to, force, watch);
}

std::string first_failure(const PullReport& report) {
  return report.failures.empty() ? "" : report.failures.front().what();
}

std::vector<SourceFile> files_of(const std::vector<Benchmark>& benchmarks) {
  std::vector<SourceFile> files;
  for (const Benchmark& benchmark : benchmarks) {
    for (const Download& download : benchmark.downloads) {
      files.insert(files.end(), download.files.begin(), download.files.end());
    }
  }
  return files;
}

// How many files have the content of their pin; a file under its final name that has another is the one thing that
// must never be.
int count_right(const std::vector<Benchmark>& benchmarks, const fs::path& folder) {
  int right = 0;
  for (const SourceFile& file : files_of(benchmarks)) {
    if (!fs::exists(folder / file.path)) continue;
    EXPECT_EQ(sha256_file(folder / file.path), file.sha256) << file.path;
    ++right;
  }
  return right;
}

int count_files(const fs::path& folder) {
  int count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) count += entry.is_regular_file();
  return count;
}

ExitCode code_of(const std::function<void()>& work, std::string& message) {
  try {
    work();
    return ExitCode::kDone;
  } catch (const Error& error) {
    message = error.what();
    return error.code();
  }
}

struct Made {
  TemporaryFolder data;
  TemporaryFolder place;
  std::vector<Benchmark> benchmarks = testing::make_benchmarks(data);
  std::map<std::string, std::string> web = testing::authors_web(benchmarks, data.path());
  fs::path to = place / "to";
};

TEST(Pull, FetchesWhatIsMissingAndNothingTwice) {
  const Made made;
  const WebServer server(testing::serve_files(made.web));
  const std::vector<Benchmark> wanted = testing::moved_to(server.url(), made.benchmarks);
  const PullReport first = pull_from("", wanted, made.to);
  EXPECT_EQ(first_failure(first), "");
  EXPECT_EQ(first.fetched, 7);
  EXPECT_EQ(count_right(wanted, made.to), 7);
  EXPECT_EQ(count_files(made.to), 7);  // no parts, no archives
  EXPECT_EQ(server.requests().size(), 5u);

  fs::remove(made.to / "quiz/test/b.csv");
  const PullReport second = pull_from("", wanted, made.to);
  EXPECT_EQ(second.fetched, 1);
  EXPECT_EQ(second.present, 6);
  EXPECT_EQ(server.requests().size(), 6u);
  EXPECT_EQ(count_right(wanted, made.to), 7);
}

// Every way in which a server can be wrong, one after the other for every address; the faults that end a download are
// met again by the next pull.
WebReply faulty(const WebRequest& request, const std::map<std::string, std::string>& web, bool stalls) {
  const bool moved = request.path.starts_with("/moved");
  const auto found = web.find(moved ? request.path.substr(6) : request.path);
  WebReply reply;
  if (found == web.end()) {
    reply.status = 404;
    return reply;
  }
  reply.body = found->second;
  if (moved) return reply;
  switch (request.nth) {
    case 0:  // the wrong file
      reply.body = std::next(found) == web.end() ? web.begin()->second : std::next(found)->second;
      break;
    case 1:
      reply.body = "<html><body>Sign in to the network</body></html>";
      break;
    case 2:  // corrupt
      for (size_t at = 600; at < reply.body.size(); at += 997) reply.body[at] = static_cast<char>(reply.body[at] ^ 1);
      reply.body.back() = static_cast<char>(reply.body.back() ^ 1);
      break;
    case 3:
      reply.status = 404;
      break;
    case 4:
      reply.status = 500;
      break;
    case 5:
      reply.no_answer = true;
      break;
    case 6:
      reply.cut_after = reply.body.size() / 2;
      break;
    case 7:
      reply.cut_after = reply.body.size() / 3;
      reply.then = stalls ? WebReply::kStall : WebReply::kClose;
      break;
    case 8:
      reply.ranges = false;
      reply.cut_after = reply.body.size() - 1;
      break;
    default:
      reply.status = 302;
      reply.headers = {"Location: " + std::string(request.nth % 2 == 0 ? "" : "/moved") + request.path};
  }
  return reply;
}

void pull_through_all_faults(const std::vector<Benchmark>& benchmarks, const fs::path& data, int stalls) {
  const std::map<std::string, std::string> web = testing::authors_web(benchmarks, data);
  const WebServer server([&](const WebRequest& request) {
    const auto place = std::distance(web.begin(), web.find(request.path));
    return faulty(request, web, place < stalls);
  });
  const TemporaryFolder folder;
  const std::vector<Benchmark> wanted = testing::moved_to(server.url(), benchmarks);
  const auto all = static_cast<int>(files_of(wanted).size());
  size_t failures = 0;
  int rounds = 0;
  for (bool again = true; again; ++rounds) {
    ASSERT_LT(rounds, 20);
    const PullReport report = pull_from("", wanted, folder.path());
    failures += report.failures.size();
    EXPECT_EQ(count_right(wanted, folder.path()), report.present + report.fetched);
    again = !report.failures.empty();
  }
  EXPECT_EQ(count_right(wanted, folder.path()), all);
  EXPECT_EQ(count_files(folder.path()), all);
  EXPECT_GT(failures, web.size());
  std::cout << all << " files equal their pins after " << rounds << " pulls, " << server.requests().size()
            << " requests and " << failures << " refusals\n";
}

TEST(Pull, ThroughAllFaults) {
  const Made made;
  pull_through_all_faults(made.benchmarks, made.data.path(), 2);
}

TEST(Pull, EveryBenchmarkThroughAllFaults) {
  ASSAY_REQUIRE_SHARED(data, "datasets");
  pull_through_all_faults(benchmarks(), data, 1);
}

TEST(Pull, AWrongFileIsReplacedOnlyByForce) {
  const Made made;
  made.place.write("to/sums/y.csv", "mine");
  const PullReport kept = pull_from(made.data.path(), made.benchmarks, made.to);
  EXPECT_EQ(kept.failures.size(), 1u);
  for (const std::string& part : {std::string("sums/y.csv"), std::string("--force"), sha256_hex("mine")}) {
    EXPECT_NE(first_failure(kept).find(part), std::string::npos) << first_failure(kept);
  }
  EXPECT_EQ(kept.fetched, 6);
  EXPECT_EQ(read_file(made.to / "sums/y.csv"), "mine");
  const PullReport forced = pull_from(made.data.path(), made.benchmarks, made.to, true);
  EXPECT_EQ(first_failure(forced), "");
  EXPECT_EQ(forced.fetched, 1);
  EXPECT_EQ(count_right(made.benchmarks, made.to), 7);
}

TEST(Pull, FromFoldersMirrorsAndBundles) {
  const Made made;
  for (const auto& [path, body] : made.web) {
    // Archives by their names, files in a data folder's layout.
    const std::string name = fs::path(path).filename();
    made.place.write(name.ends_with(".csv") ? "archives/sums/" + name : "archives/" + name, body);
  }
  std::vector<BundleItem> items;
  for (const Benchmark& benchmark : made.benchmarks) items.push_back({benchmark, made.data.path()});
  write_bundle(items, made.place / "bundle.tar.gz", {});
  std::map<std::string, std::string> mirror;
  for (const SourceFile& file : files_of(made.benchmarks)) {
    mirror["/pub/" + file.path] = read_file(made.data / file.path);
  }
  const WebServer server(testing::serve_files(mirror));
  for (const std::string& from : {made.data.path().string(), (made.place / "archives").string(),
                                  (made.place / "bundle.tar.gz").string(), server.url("/pub"), server.url("/pub/")}) {
    const TemporaryFolder to;
    const PullReport report = pull_from(from, made.benchmarks, to.path());
    EXPECT_EQ(first_failure(report), "") << from;
    EXPECT_EQ(report.fetched, 7) << from;
    EXPECT_EQ(count_right(made.benchmarks, to.path()), 7) << from;
    EXPECT_EQ(count_files(to.path()), 7) << from;
  }
}

TEST(Pull, OriginsThatAreNone) {
  const Made made;
  std::string message;
  EXPECT_EQ(code_of([] { open_origin("ftp://host/", {}); }, message), ExitCode::kUsage);
  EXPECT_EQ(code_of([] { open_origin("/nowhere/at/all", {}); }, message), ExitCode::kUnavailable);
  const fs::path no_bundle = made.place.write("no.tar.gz", "<html>not found</html>");
  const PullReport report = pull_from(no_bundle, made.benchmarks, made.to);
  ASSERT_FALSE(report.failures.empty());
  EXPECT_EQ(report.failures.front().code(), ExitCode::kBadInput) << first_failure(report);
  EXPECT_EQ(count_files(made.to), 0);
  const TemporaryFolder empty;
  const PullReport nothing = pull_from(empty.path(), made.benchmarks, made.to);
  EXPECT_EQ(nothing.failures.size(), 6u);  // a gzip file and its content are one
  EXPECT_NE(first_failure(nothing).find("quiz/test/a.csv is not there"), std::string::npos) << first_failure(nothing);
}

TEST(Pull, AWrongMirrorIsNamedWithBothHashes) {
  const Made made;
  const TemporaryFolder wrong;
  const std::string right = read_file(made.data / "sums/y.csv");
  const std::string other = std::string(right.size(), 'w');
  wrong.write("sums/y.csv", other);
  const std::vector<Benchmark> sums = {made.benchmarks[2]};
  const PullReport report = pull_from(wrong.path(), sums, made.to);
  std::string said;
  for (const Error& failure : report.failures) {
    if (failure.code() == ExitCode::kBadInput) said = failure.what();
  }
  for (const std::string& part : {sha256_hex(right), sha256_hex(other), std::string("sums/y.csv")}) {
    EXPECT_NE(said.find(part), std::string::npos) << said;
  }
  EXPECT_EQ(count_files(made.to), 0);
}

TEST(Pull, AnotherAddressIsTriedWhereTheFirstIsWrong) {
  const Made made;
  std::map<std::string, std::string> web = made.web;
  web["/sums/x.csv"][5] = '!';
  web.erase("/riddles/riddles.zip");
  const WebServer server(testing::serve_files(web));
  const PullReport report = pull_from("", testing::moved_to(server.url(), made.benchmarks), made.to);
  EXPECT_EQ(first_failure(report), "");
  EXPECT_EQ(count_right(made.benchmarks, made.to), 7);
}

TEST(Pull, TheContentOfAGzipFileIsEnough) {
  const Made made;
  fs::remove(made.data / "sums/z.csv.gz");
  const std::vector<Benchmark> sums = {made.benchmarks[2]};
  const PullReport report = pull_from(made.data.path(), sums, made.to);
  EXPECT_EQ(first_failure(report), "");
  EXPECT_EQ(report.fetched, 3);
  write_bundle({{sums[0], made.to}}, made.place / "b.tar.gz", {});
  const TemporaryFolder to;
  EXPECT_EQ(first_failure(pull_from(made.place / "b.tar.gz", sums, to.path())), "");
  EXPECT_EQ(count_right(sums, to.path()), 3);
}

TEST(Pull, StopsWhenAskedAndGoesOn) {
  const Made made;
  std::atomic<bool> stop = false;
  const WebServer server([&](const WebRequest& request) {
    WebReply reply = testing::serve_files(made.web)(request);
    if (request.path == "/riddles/riddles.zip" && request.nth == 0) {
      reply.cut_after = 20'000;
      reply.then = WebReply::kStall;
      stop = true;
    }
    return reply;
  });
  const std::vector<Benchmark> wanted = testing::moved_to(server.url(), made.benchmarks);
  std::string message;
  const auto interrupted = code_of([&] { pull_from("", wanted, made.to, false, {&stop, nullptr}); }, message);
  EXPECT_EQ(interrupted, ExitCode::kInterrupted);
  EXPECT_EQ(count_right(wanted, made.to), 2);
  stop = false;
  const PullReport report = pull_from("", wanted, made.to, false, {&stop, nullptr});
  EXPECT_EQ(first_failure(report), "");
  EXPECT_EQ(report.present, 2);
  EXPECT_EQ(count_right(wanted, made.to), 7);
  EXPECT_EQ(count_files(made.to), 7);
}

TEST(Pull, AFullDiskLeavesNothingHalfWritten) {
  const Made made;
  const WebServer server(testing::serve_files(made.web));
  const std::vector<Benchmark> wanted = testing::moved_to(server.url(), made.benchmarks);
  for (const std::string& from : {std::string(), made.data.path().string()}) {
    const TemporaryFolder to;
    std::string message;
    ExitCode code;
    {
      const testing::FullDisk full(30'000);
      code = code_of([&] { pull_from(from, wanted, to.path()); }, message);
    }
    EXPECT_EQ(code, ExitCode::kIo);
    EXPECT_NE(message.find("make room"), std::string::npos) << message;
    count_right(wanted, to.path());
    EXPECT_EQ(first_failure(pull_from(from, wanted, to.path())), "");
    EXPECT_EQ(count_right(wanted, to.path()), 7);
    EXPECT_EQ(count_files(to.path()), 7);
  }
}

TEST(Pull, AFolderThatCannotBeWritten) {
  const Made made;
  std::string message;
  const fs::path below_a_file = made.place.write("file", "x") / "data";
  EXPECT_EQ(code_of([&] { pull_from(made.data.path(), made.benchmarks, below_a_file); }, message), ExitCode::kIo);
  EXPECT_NE(message.find("--to"), std::string::npos) << message;

  fs::create_directories(made.to / "sums/y.csv");  // a folder where a file should be
  const PullReport report = pull_from(made.data.path(), made.benchmarks, made.to);
  EXPECT_NE(first_failure(report).find("is not a plain file"), std::string::npos) << first_failure(report);

  const int fd = ::open(made.to.c_str(), O_RDONLY | O_DIRECTORY);
  ASSERT_EQ(::flock(fd, LOCK_EX), 0);
  EXPECT_EQ(code_of([&] { pull_from(made.data.path(), made.benchmarks, made.to); }, message), ExitCode::kUnavailable);
  EXPECT_NE(message.find("another pull"), std::string::npos) << message;
  ::close(fd);

  if (::geteuid() == 0) return;  // root writes everywhere
  const fs::path locked = made.place / "locked";
  fs::create_directory(locked);
  fs::permissions(locked, fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_EQ(code_of([&] { pull_from(made.data.path(), made.benchmarks, locked); }, message), ExitCode::kIo);
}

}  // namespace
}  // namespace assay::datasets

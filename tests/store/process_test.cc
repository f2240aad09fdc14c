// Several processes at one database, and processes that die.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <optional>
#include <random>
#include <thread>

#include "store/sqlite.h"
#include "tests/store/fixture.h"
#include "tests/support/sanitizers.h"

namespace assay::store {
namespace {

using testing::answer;
using testing::error_of;
using testing::expect_error;
using testing::Folder;
using testing::likelihood_answer;
using testing::likelihood_run;
using testing::range;
using testing::read_all;

TEST(StoreProcesses, AnotherWriterIsWaitedForAndThenNamed) {
  const Folder folder;
  { Store(folder / "a.db", Store::Mode::kCreate); }
  StoreOptions impatient;
  impatient.busy_wait_ms = 100;
  Store store(folder / "a.db", Store::Mode::kWrite, impatient);
  Database other(folder / "a.db", Database::Access::kReadWrite, 1000);
  {
    Transaction lock(other);
    expect_error([&] { store.create_batch({}, {}); }, ExitCode::kIo, "another process");
    EXPECT_TRUE(store.runs().empty()) << "reading is not in the way";
  }
  store.create_batch({}, {});
}

TEST(StoreProcesses, TwoProcessesWriteOneDatabase) {
  const Folder folder;
  constexpr size_t kSamples = 300;
  const auto work = [&](const std::string& name) {
    Store store(folder / "a.db", Store::Mode::kCreate);
    const Batch batch = store.create_batch({name, {}, {}}, {likelihood_run("t", kSamples)});
    answer(store, store.runs_of(batch.id).at(0).number, range(0, kSamples), 3, likelihood_answer);
    store.finish_batch(batch.id, State::kDone);
  };
  std::vector<pid_t> children;
  for (const char* name : {"one", "two", "three"}) {
    const pid_t child = ::fork();
    if (child == 0) {
      const Error error = error_of([&] { work(name); });
      if (error.code() != ExitCode::kDone) std::cerr << name << ": " << error.what() << "\n";
      ::_exit(error.code() == ExitCode::kDone ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  const Store store(folder / "a.db", Store::Mode::kRead);
  EXPECT_EQ(store.batches().size(), 3u);
  for (const RunInfo& run : store.runs()) EXPECT_EQ(run.answered, kSamples);
}

TEST(StoreProcesses, TwoThreadsWithAStoreEach) {
  const Folder folder;
  { Store(folder / "a.db", Store::Mode::kCreate); }
  const auto work = [&](const std::string& name) {
    Store store(folder / "a.db", Store::Mode::kWrite);
    const Batch batch = store.create_batch({name, {}, {}}, {likelihood_run("t", 60)});
    answer(store, store.runs_of(batch.id).at(0).number, range(0, 60), 2, likelihood_answer);
    store.finish_batch(batch.id, State::kDone);
  };
  std::thread one(work, "one");
  std::thread two(work, "two");
  one.join();
  two.join();
  EXPECT_EQ(read_all(folder / "a.db"), 120u);
}

TEST(StoreProcesses, RunningBatchCannotBeResumedAndADeadOneCan) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    Store own(folder / "a.db", Store::Mode::kWrite);
    own.create_batch({"b", {}, {}}, {likelihood_run("t", 5)});
    own.add_responses(std::vector<NewResponse>{likelihood_answer(1, 2)});
    const char byte = 1;
    if (::write(ready[1], &byte, 1) != 1) ::_exit(1);
    ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(store.find_batch("b").state, State::kRunning);
  EXPECT_EQ(store.resolve_one("b").state, State::kRunning);
  expect_error([&] { store.resume_batch("b"); }, ExitCode::kUsage, "running");
  expect_error([&] { store.add_responses(std::vector<NewResponse>{likelihood_answer(1, 0)}); }, ExitCode::kUsage,
               "not run by this process");
  ::kill(child, SIGKILL);
  int status = 0;
  siginfo_t info;
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(store.find_batch("b").state, State::kInterrupted) << "a zombie is dead";
  ::waitpid(child, &status, 0);
  ::close(ready[0]);
  ::close(ready[1]);
  EXPECT_EQ(store.resolve_one("b").state, State::kInterrupted);
  const Batch batch = store.resume_batch("b");
  EXPECT_EQ(batch.owner.pid, ::getpid());
  EXPECT_EQ(store.missing(1), (std::vector<size_t>{0, 1, 3, 4}));
  answer(store, 1, store.missing(1), 2, likelihood_answer);
  expect_error([&] { store.resume_batch("b"); }, ExitCode::kUsage, "running");
  store.finish_batch(batch.id, State::kDone);
  expect_error([&] { store.resume_batch("c"); }, ExitCode::kUsage, "no batch named 'c'");
}

TEST(StoreProcesses, OwnersOfOtherMachinesAreJudgedByTheirLastSign) {
  const Owner self = this_process();
  EXPECT_TRUE(is_alive(self, 0, 1000000)) << "the process table decides, however old the sign";
  Owner reused = self;
  ++reused.started;
  EXPECT_FALSE(is_alive(reused, 1000000, 1000000)) << "the number went to another process";
  Owner foreign = self;
  foreign.machine = "elsewhere";
  EXPECT_TRUE(is_alive(foreign, 1000, 1000 + kForeignPatienceSeconds - 1));
  EXPECT_FALSE(is_alive(foreign, 1000, 1000 + kForeignPatienceSeconds));
  EXPECT_FALSE(is_alive(Owner{}, 1000, 1000));

  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  const Batch batch = store.create_batch({"b", {}, {}}, {likelihood_run("t", 1)});
  Database raw(folder / "a.db", Database::Access::kReadWrite, 1000);
  raw.execute("UPDATE batches SET machine = 'elsewhere', host = 'far'");
  expect_error([&] { store.resume_batch("b"); }, ExitCode::kUsage, "on far");
  expect_error([&] { store.sign_of_life(batch.id); }, ExitCode::kUsage, "not run by this process");
  raw.execute("UPDATE batches SET last_sign = last_sign - 601");
  store.resume_batch("b");
  store.sign_of_life(batch.id);
}

// Creates or resumes batch "b" and answers what is missing, four at a time; tells each position through the pipe once
// add_responses has returned.
void write_and_report(const std::filesystem::path& path, size_t samples, int pipe) {
  Store store(path, Store::Mode::kCreate);
  const Batch batch = store.batches().empty() ? store.create_batch({"b", {}, {}}, {likelihood_run("t", samples)})
                                              : store.resume_batch("b");
  const std::vector<size_t> missing = store.missing(1);
  for (size_t i = 0; i < missing.size(); i += 4) {
    std::vector<NewResponse> step;
    for (size_t j = i; j < std::min(i + 4, missing.size()); ++j) step.push_back(likelihood_answer(1, missing[j]));
    store.add_responses(step);
    for (const NewResponse& entry : step) {
      const auto position = static_cast<uint32_t>(entry.position);
      if (::write(pipe, &position, sizeof position) != sizeof position) ::_exit(1);
    }
  }
  store.finish_batch(batch.id, State::kDone);
}

// Lets a writer work until it has reported `reports` positions and then for `microseconds`, and kills it; without
// `reports` it may end by itself. What it reported.
std::vector<uint32_t> run_writer(const std::filesystem::path& path, size_t samples, std::optional<size_t> reports,
                                 unsigned microseconds) {
  int pipe[2];
  if (::pipe(pipe) != 0) throw std::runtime_error("no pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    const Error error = error_of([&] { write_and_report(path, samples, pipe[1]); });
    ::_exit(error.code() == ExitCode::kDone ? 0 : 1);
  }
  ::close(pipe[1]);
  std::vector<uint32_t> reported;
  const auto next = [&] {
    uint32_t position = 0;
    if (::read(pipe[0], &position, sizeof position) != sizeof position) return false;
    reported.push_back(position);
    return true;
  };
  while ((!reports || reported.size() < *reports) && next()) {
  }
  if (reports) {
    ::usleep(microseconds);
    ::kill(child, SIGKILL);
    while (next()) {
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(pipe[0]);
  EXPECT_TRUE(reports ? WIFSIGNALED(status) : status == 0) << status;
  return reported;
}

TEST(StoreProcesses, KilledWritersLoseNothingThatWasReported) {
  const Folder folder;
  constexpr size_t kSamples = 3000;
  constexpr int kKills = assay::testing::cases(30, 12);
  std::mt19937 random(11);
  size_t reported_before_a_kill = 0;
  for (int kill = 0; kill < kKills; ++kill) {
    // Some while the database is being made, most between two commits or within one.
    const size_t reports = kill < 5 ? 0 : random() % 60;
    const std::vector<uint32_t> reported = run_writer(folder / "a.db", kSamples, reports, random() % 15000);
    reported_before_a_kill += reported.size();
    if (reported.empty()) continue;
    const std::vector<StoredSample> samples = Store(folder / "a.db", Store::Mode::kRead).load_samples(1);
    ASSERT_EQ(samples.size(), kSamples);
    for (const uint32_t position : reported) ASSERT_TRUE(samples[position].response.has_value()) << position;
  }
  EXPECT_GT(reported_before_a_kill, size_t{kKills} * 3);
  run_writer(folder / "a.db", kSamples, std::nullopt, 0);
  const Store store(folder / "a.db", Store::Mode::kRead);
  EXPECT_TRUE(store.missing(1).empty());
  EXPECT_EQ(store.resolve_one("b").answered, kSamples);
  for (const StoredSample& sample : store.load_samples(1)) {
    const NewResponse expected = likelihood_answer(1, sample.position);
    ASSERT_EQ(std::get<engine::LogLikelihoodResponse>(sample.response->body).logprobs,
              std::get<engine::LogLikelihoodResponse>(expected.response.body).logprobs);
    ASSERT_TRUE(sample.score.has_value());
  }
  std::cout << kKills << " kills, " << reported_before_a_kill << " responses reported before one\n";
}

}  // namespace
}  // namespace assay::store

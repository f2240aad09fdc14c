#include "harness/watch/watch.h"

#include <algorithm>
#include <set>
#include <thread>

#include "base/text.h"
#include "harness/run.h"
#include "harness/signals.h"
#include "harness/watch/child.h"
#include "harness/watch/judge.h"
#include "harness/watch/records.h"
#include "harness/watch/tracker.h"

namespace assay::harness {
namespace {

namespace fs = std::filesystem;
using store::Store;

bool is_there(const fs::path& path) {
  std::error_code unreadable;
  return fs::exists(path, unreadable);
}

class Watch {
 public:
  Watch(WatchOptions options, fs::path database)
      : options_(std::move(options)),
        database_(std::move(database)),
        teller_(options_.json, options_.quiet),
        judge_(options_, database_, teller_),
        stop_(options_.run.time_limit),
        tracker_(std::chrono::duration<double>(options_.settle_seconds)) {
    options_.run.time_limit = 0;  // the watch's, not that of one checkpoint
    options_.run.json = false;
    options_.run.quiet = options_.quiet;
  }

  ExitCode run() {
    if (!check()) return interrupted();
    begin();
    for (;;) {
      look();
      if (stop_.flag()) return interrupted();
      if (options_.once && nothing_left()) return end_of_once();
      pause();
    }
  }

 private:
  // False where it was stopped meanwhile.
  bool check() {
    const ChildEnd end = in_child(
        [&](std::string&) {
          check_watch(options_, database_);
          return ExitCode::kDone;
        },
        stop_);
    if (stop_.flag()) return false;
    if (end.code != ExitCode::kDone) throw Error(end.code, end.text);
    return true;
  }

  // What is wrong with the reports' paths is said now; so is what an earlier watch had no time for.
  void begin() {
    judge_.write_reports();
    const std::string ending = options_.once ? "" : "; Ctrl-C ends it";
    teller_.note("watching", fmt::format("watches {} as {}: {} checkpoints there, to hold against {}{}",
                                         options_.folder.string(), printable(options_.name),
                                         list_checkpoints(options_.folder).size(), options_.baseline, ending));
    for (const store::Batch& batch : judge_.batches()) {
      if (was_concluded(batch) && !stop_.flag()) judge_.conclude(batch, false);
    }
  }

  // Looks at the folder, and again as long as there is something to do.
  void look() {
    bool acted = true;
    while (acted && !stop_.flag() && read_folder()) {
      acted = work_on_those_due();
      judge_.write_reports_if_due(/*idle=*/!acted);
    }
  }

  bool read_folder() {
    try {
      for (const CheckpointEntry& gone : tracker_.update(list_checkpoints(options_.folder), WatchClock::now())) {
        teller_.warn("vanished", label_of(gone), "vanished before it was scored");
      }
      folder_problem_.clear();
      return true;
    } catch (const Error& error) {
      // A network file system may come back.
      if (folder_problem_ != error.what()) teller_.warn("problem", error.what());
      folder_problem_ = error.what();
      return false;
    }
  }

  // True where a model ran, which takes long enough to look at the folder anew.
  bool work_on_those_due() {
    const std::vector<TrackedCheckpoint*> due = tracker_.due(WatchClock::now());
    std::optional<std::vector<store::Batch>> known;
    for (TrackedCheckpoint* checkpoint : due) {
      if (stop_.flag()) return false;
      try {
        if (!known) known = judge_.batches();
        if (try_to_score(*checkpoint, *known)) return true;
      } catch (const Error& error) {
        fail_for_now(*checkpoint, error.code(), error.what());
      }
    }
    return false;
  }

  bool try_to_score(TrackedCheckpoint& checkpoint, const std::vector<store::Batch>& known) {
    const CheckpointEntry& entry = checkpoint.entry;
    if (!entry.problem.empty()) {
      wait_for_change(checkpoint, entry.problem);
      return false;
    }
    const store::Batch* batch = best_with_tag(known, kWatchFilesTag, stamps_sha256(entry));
    if (batch == nullptr || !was_concluded(*batch)) {
      if (!checkpoint.inspected && !inspect(checkpoint)) return false;
      batch = best_with_tag(known, kWatchContentTag, checkpoint.inspected->content_sha256, unresumable_);
    }
    if (batch != nullptr && was_concluded(*batch)) {
      take_as_scored(checkpoint, *batch);
      return false;
    }
    if (batch != nullptr && batch->state == store::State::kRunning) {
      tell_once(checkpoint, "waiting",
                fmt::format("is being scored by process {} on {}", batch->owner.pid, batch->owner.host));
      return false;
    }
    // Answers of files that were written to meanwhile may be of anything.
    const bool same_files = batch != nullptr && batch->tags.at(kWatchFilesTag) == stamps_sha256(entry);
    score(checkpoint, same_files ? batch : nullptr);
    return true;
  }

  // False where it is not whole.
  bool inspect(TrackedCheckpoint& checkpoint) {
    const ChildEnd end = in_child(
        [&](std::string& text) {
          const Inspected found = inspect_checkpoint(checkpoint.entry.path, options_.run.engine.tokenizer);
          text = found.weights_sha256 + found.content_sha256;
          return ExitCode::kDone;
        },
        stop_);
    if (stop_.flag() || !is_there(checkpoint.entry.path)) return false;
    if (was_written_to(checkpoint.entry)) {
      CheckpointTracker::reopen(checkpoint, WatchClock::now());
      return false;
    }
    constexpr size_t kHash = 64;
    if (end.code == ExitCode::kDone && end.text.size() == 2 * kHash) {
      checkpoint.inspected = {end.text.substr(0, kHash), end.text.substr(kHash)};
      return true;
    }
    std::string reason = end.text;
    for (const char* end_of_path : {"/", ": "}) {
      reason = replace_all(reason, checkpoint.entry.path.string() + end_of_path, "");
    }
    // The file system, memory: not what lies in the checkpoint.
    const bool may_pass = end.code == ExitCode::kIo || end.code == ExitCode::kInternal;
    may_pass ? fail_for_now(checkpoint, end.code, reason) : wait_for_change(checkpoint, reason);
    return false;
  }

  // Another watch of the folder was faster: what becomes of its batch is seen at the next look.
  bool is_taken(const TrackedCheckpoint& checkpoint, const std::vector<store::Batch>& all) const {
    const std::vector<store::Batch> ours = judge_.ours(all);
    const store::Batch* batch =
        best_with_tag(ours, kWatchContentTag, checkpoint.inspected->content_sha256, unresumable_);
    if (batch == nullptr) return false;
    const bool same_files = batch->tags.at(kWatchFilesTag) == stamps_sha256(checkpoint.entry);
    return same_files || was_concluded(*batch) || batch->state == store::State::kRunning;
  }

  // `begun`: to go on with.
  void score(TrackedCheckpoint& checkpoint, const store::Batch* begun) {
    RunOptions run = options_.run;
    run.model = checkpoint.entry.path.string();
    if (begun != nullptr) {
      run.resume = begun->name;
    } else {
      const std::vector<store::Batch> all = Store(database_, Store::Mode::kRead).batches();
      if (is_taken(checkpoint, all)) return;
      run.name = free_batch_name(all, checkpoint.entry, options_.name);
      run.tags.merge(tags_of_checkpoint(checkpoint.entry, options_.name, *checkpoint.inspected));
    }
    const std::string name = begun != nullptr ? begun->name : run.name;
    teller_.note("scoring", label_of(checkpoint.entry),
                 fmt::format("{} as {}", begun != nullptr ? "goes on being scored" : "is scored", name));
    const ChildEnd end = in_child([&](std::string&) { return run_command(run, database_); }, stop_);
    if (was_written_to(checkpoint.entry)) return discard(checkpoint, name, "was written to while it was scored");
    if (end.code == ExitCode::kDone) return finish(checkpoint, name);
    if (stop_.flag() || end.code == ExitCode::kInterrupted) return;
    const bool refused = begun == nullptr && end.code == ExitCode::kUsage;
    if (refused && is_taken(checkpoint, Store(database_, Store::Mode::kRead).batches())) return;
    if (begun != nullptr && end.code == ExitCode::kBadInput) {
      // Something that decides bits is another than it was: a batch of its own, then.
      unresumable_.insert(begun->id);
      teller_.warn("problem", label_of(checkpoint.entry), end.text);
      return;
    }
    if (is_there(checkpoint.entry.path)) fail_for_now(checkpoint, end.code, end.text);
  }

  // After a run: were these the weights that were looked at before it?
  void finish(TrackedCheckpoint& checkpoint, const std::string& name) {
    const store::Batch batch = Store(database_, Store::Mode::kRead).find_batch(name);
    if (!ran_on(batch, checkpoint.inspected->weights_sha256)) {
      return discard(checkpoint, name, "was replaced while it was loaded");
    }
    if (!is_there(checkpoint.entry.path)) {
      teller_.warn("vanished", label_of(checkpoint.entry), "vanished while it was scored; its scores are whole");
    }
    take_as_scored(checkpoint, batch);
  }

  // Nobody can say what its answers are of.
  void discard(TrackedCheckpoint& checkpoint, const std::string& name, const std::string& reason) {
    Store store(database_, Store::Mode::kWrite);
    for (const store::Batch& batch : store.batches()) {
      if (batch.name == name && batch.state != store::State::kRunning) store.delete_batch(batch.id);
    }
    teller_.warn("replaced", label_of(checkpoint.entry), reason + "; its run is deleted, and it is scored again");
    CheckpointTracker::reopen(checkpoint, WatchClock::now());
  }

  bool ran_on(const store::Batch& batch, const std::string& weights_sha256) const {
    const Store store(database_, Store::Mode::kRead);
    const std::vector<store::RunInfo> runs = store.runs_of(batch.id);
    return std::all_of(runs.begin(), runs.end(), [&](const store::RunInfo& run) {
      return store.load_run(run.number).manifest.at("computed").at("weights_sha256") == weights_sha256;
    });
  }

  void take_as_scored(TrackedCheckpoint& checkpoint, const store::Batch& batch) {
    judge_.conclude(batch, options_.once);
    checkpoint.standing = Standing::kScored;
    checkpoint.batch = batch.id;
    const std::string of = batch.tags.at(kWatchCheckpointTag);
    if (of != label_of(checkpoint.entry)) {
      tell_once(checkpoint, "same", fmt::format("is {} with the same weights, which was scored as {}", of, batch.name));
    } else if (batch.tags.at(kWatchFilesTag) != stamps_sha256(checkpoint.entry)) {
      Store(database_, Store::Mode::kWrite).set_tag(batch.id, kWatchFilesTag, stamps_sha256(checkpoint.entry));
    }
  }

  void wait_for_change(TrackedCheckpoint& checkpoint, const std::string& reason) {
    tell_once(checkpoint, "waiting", "waits: " + reason);
    checkpoint.standing = Standing::kBroken;
  }

  // What lies in the checkpoint is waited out by its changing; anything else may get better by itself.
  void fail_for_now(TrackedCheckpoint& checkpoint, ExitCode code, const std::string& reason) {
    const std::string text = "could not be scored: " + reason;
    if (checkpoint.told != text) teller_.warn("failed", label_of(checkpoint.entry), text);
    checkpoint.told = text;
    checkpoint.failure = code;
    if (code == ExitCode::kBadInput) {
      checkpoint.standing = Standing::kBroken;
    } else {
      CheckpointTracker::postpone(checkpoint, WatchClock::now(),
                                  std::chrono::duration<double>(std::max(1.0, 5 * options_.poll_seconds)));
    }
  }

  void tell_once(TrackedCheckpoint& checkpoint, const char* event, const std::string& text) {
    if (checkpoint.told == text) return;
    checkpoint.told = text;
    teller_.note(event, label_of(checkpoint.entry), text);
  }

  bool nothing_left() {
    const std::vector<TrackedCheckpoint*> all = tracker_.all();
    return folder_problem_.empty() && std::none_of(all.begin(), all.end(), [](const TrackedCheckpoint* each) {
             return each->standing == Standing::kOpen;
           });
  }

  ExitCode end_of_once() {
    bool scored = false;
    bool regressed = false;
    bool inconclusive = false;
    ExitCode problem = judge_.reports_failed() ? ExitCode::kIo : ExitCode::kDone;
    for (const TrackedCheckpoint* each : tracker_.all()) {
      if (each->standing != Standing::kScored) {
        if (each->failure != ExitCode::kDone) problem = each->failure;
        continue;
      }
      scored = true;
      const reports::ReportVerdict verdict = judge_.verdict(each->batch);
      regressed = regressed || is_regression(verdict);
      inconclusive = inconclusive || verdict == reports::ReportVerdict::kInconclusive;
      if (verdict == reports::ReportVerdict::kRefused) problem = ExitCode::kBadInput;
    }
    if (!scored && problem == ExitCode::kDone) {
      fail(ExitCode::kUnavailable, "{}: holds no whole checkpoint; there is nothing to judge",
           options_.folder.string());
    }
    if (regressed) return ExitCode::kCheckFailed;
    if (problem != ExitCode::kDone) return problem;
    return inconclusive ? ExitCode::kInconclusive : ExitCode::kDone;
  }

  ExitCode interrupted() {
    judge_.write_reports_if_due(/*idle=*/true);
    teller_.note("stopped", fmt::format("the watch is ended by {}; nothing is lost: the same command goes on with it",
                                        stop_.reason()));
    return ExitCode::kInterrupted;
  }

  void pause() const {
    const auto end = WatchClock::now() + std::chrono::duration<double>(options_.poll_seconds);
    while (!stop_.flag() && WatchClock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }

  WatchOptions options_;
  fs::path database_;
  WatchTeller teller_;
  WatchJudge judge_;
  StopRequest stop_;
  CheckpointTracker tracker_;
  std::set<int64_t> unresumable_;  // batches
  std::string folder_problem_;
};

}  // namespace

ExitCode watch_command(WatchOptions options, const fs::path& database) {
  std::error_code missing;
  if (!fs::exists(options.folder, missing)) {
    fail(ExitCode::kUnavailable, "{}: there is no such folder; name the one that checkpoints are written into",
         printable(options.folder.string()));
  }
  if (!fs::is_directory(options.folder, missing)) {
    fail(ExitCode::kUsage, "{}: is no folder; name the one that checkpoints are written into",
         printable(options.folder.string()));
  }
  std::error_code unreadable;
  options.folder = fs::canonical(options.folder, unreadable);
  if (unreadable || !is_valid_utf8(options.folder.string())) {
    fail(ExitCode::kUsage, "{}: its path cannot be resolved or is not UTF-8; give the folder another name",
         printable(options.folder.string()));
  }
  if (options.name.empty()) options.name = printable(options.folder.filename().string());
  return Watch(std::move(options), database).run();
}

}  // namespace assay::harness

// What the database knows of a watch. Its batches carry tags, and nothing else is remembered anywhere: a watch that is
// started again, or a second one beside it, reads in them what was done.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "harness/watch/folder.h"
#include "harness/watch/inspect.h"
#include "store/store.h"

namespace assay::harness {

inline constexpr char kWatchTag[] = "watch";                       // the watch's name
inline constexpr char kStepTag[] = "step";                         // that the checkpoint's name tells
inline constexpr char kWatchCheckpointTag[] = "watch.checkpoint";  // its name in the folder
inline constexpr char kWatchContentTag[] = "watch.content";        // Inspected::content_sha256
inline constexpr char kWatchFilesTag[] = "watch.files";            // stamps_sha256() of its files
inline constexpr char kWatchVerdictTag[] = "watch.verdict";        // WatchVerdict::tag
inline constexpr char kWatchCommandTag[] = "watch.command";        // begun, then how the command on a regression ended

// The part of a batch's recorded options that decides what is asked and how: two runs of one checkpoint that agree in
// it give the same answers.
store::Json asked_of_batch(const store::Json& recorded_options);

// Those of `all` that are of the watch `name` and were asked like `asked`.
std::vector<store::Batch> batches_of_watch(std::vector<store::Batch> all, const std::string& name,
                                           const store::Json& asked);

// Whether a watch has looked at the batch after its end and found it good. One that is done without that may be of
// files that were written to meanwhile: the watch was killed before it could see.
bool was_concluded(const store::Batch& batch);

// The batch with this tag that is worth most: one that was concluded, else a running one, else the newest of the rest,
// but for those in `without`. Null where there is none.
const store::Batch* best_with_tag(const std::vector<store::Batch>& batches, const std::string& key,
                                  const std::string& value, const std::set<int64_t>& without = {});

std::map<std::string, std::string> tags_of_checkpoint(const CheckpointEntry& entry, const std::string& watch,
                                                      const Inspected& inspected);

// "checkpoint-500", or where there is such a batch "checkpoint-500~2" and so on. A name that no batch may have
// ("500") gets the watch's name in front.
std::string free_batch_name(const std::vector<store::Batch>& all, const CheckpointEntry& entry,
                            const std::string& watch);

// Two trainings in one trend would be a mistake: Error(kUsage) where batches of this watch are of checkpoints in
// another folder that is still there. (A folder that was moved is not.)
void refuse_other_folder(const store::Store& store, const std::string& watch, const std::filesystem::path& folder);

}  // namespace assay::harness

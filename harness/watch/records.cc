#include "harness/watch/records.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace assay::harness {
namespace {

namespace fs = std::filesystem;

// Which checkpoint, where files lie, and what moves no bit.
constexpr const char* kNotAsked[] = {"model",   "data_dirs",   "tasks_dirs", "chat_time",
                                     "threads", "step_tokens", "memory",     "endpoint"};

std::string tag_of(const store::Batch& batch, const std::string& key) {
  const auto found = batch.tags.find(key);
  return found == batch.tags.end() ? "" : found->second;
}

bool may_name_batch(const std::string& name) {
  return name != "latest" && name.find_first_not_of("0123456789") != std::string::npos;
}

}  // namespace

store::Json asked_of_batch(const store::Json& recorded_options) {
  store::Json asked = recorded_options;
  for (const char* field : kNotAsked) asked.erase(field);
  return asked;
}

std::vector<store::Batch> batches_of_watch(std::vector<store::Batch> all, const std::string& name,
                                           const store::Json& asked) {
  std::erase_if(all, [&](const store::Batch& batch) {
    return tag_of(batch, kWatchTag) != name || asked_of_batch(batch.options) != asked;
  });
  return all;
}

bool was_concluded(const store::Batch& batch) {
  return batch.state == store::State::kDone && batch.tags.contains(kWatchVerdictTag);
}

const store::Batch* best_with_tag(const std::vector<store::Batch>& batches, const std::string& key,
                                  const std::string& value, const std::set<int64_t>& without) {
  const store::Batch* best = nullptr;
  const auto worth = [](const store::Batch& batch) {
    return was_concluded(batch) ? 2 : batch.state == store::State::kRunning ? 1 : 0;
  };
  for (const store::Batch& batch : batches) {
    if (tag_of(batch, key) != value || without.contains(batch.id)) continue;
    if (best == nullptr || worth(batch) >= worth(*best)) best = &batch;
  }
  return best;
}

std::map<std::string, std::string> tags_of_checkpoint(const CheckpointEntry& entry, const std::string& watch,
                                                      const Inspected& inspected) {
  std::map<std::string, std::string> tags = {{kWatchTag, watch},
                                             {kWatchCheckpointTag, printable(entry.name)},
                                             {kWatchContentTag, inspected.content_sha256},
                                             {kWatchFilesTag, stamps_sha256(entry)}};
  if (entry.step) tags[kStepTag] = std::to_string(*entry.step);
  return tags;
}

std::string free_batch_name(const std::vector<store::Batch>& all, const CheckpointEntry& entry,
                            const std::string& watch) {
  std::set<std::string> taken;
  for (const store::Batch& batch : all) taken.insert(batch.name);
  std::string base = printable(entry.name);
  if (!may_name_batch(base)) base = replace_all(watch, "/", "-") + "-" + base;
  std::string name = base;
  for (int next = 2; taken.contains(name); ++next) name = fmt::format("{}~{}", base, next);
  return name;
}

void refuse_other_folder(const store::Store& store, const std::string& watch, const fs::path& folder) {
  for (const store::Batch& batch : store.batches()) {
    if (tag_of(batch, kWatchTag) != watch || !batch.options.contains("model")) continue;
    const fs::path other = fs::path(batch.options.at("model").get<std::string>()).parent_path();
    std::error_code unreadable;
    if (other == folder || !fs::is_directory(other, unreadable)) continue;
    fail(ExitCode::kUsage,
         "{} has the checkpoints of {} as watch {}, and they would share a trend; give this watch another --name",
         store.path().string(), other.string(), printable(watch));
  }
}

}  // namespace assay::harness

#include "harness/import/export_file.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "harness/import/export_line.h"
#include "harness/import/known_task.h"
#include "harness/import/prompt_check.h"

namespace assay::harness {
namespace {

using Names = std::vector<scorers::Scorer::ScoreName>;

// Names of the task's own scorer, and for every other score that the file has one by its own name.
Names names_of(const ImportedRun& run, const std::optional<KnownTask>& known) {
  Names names = known ? known->scorer.names() : Names();
  for (const ImportedSample& sample : run.samples) {
    for (const auto& [score, value] : sample.score->values) {
      // A perplexity is made of several sums (scorers/perplexity.h), which are no metrics by themselves.
      const bool part = sample.plan.kind == store::RequestKind::kText;
      const auto is_it = [&name = score](const auto& known_name) { return known_name.score == name; };
      const bool there = std::any_of(names.begin(), names.end(), is_it);
      if (!there && !(part && known)) names.push_back({score, score, ""});
    }
  }
  return names;
}

// A perplexity needs all of its sums.
void check_sums(const std::string& file, const ImportedRun& run) {
  for (const ImportedSample& sample : run.samples) {
    if (sample.plan.kind != store::RequestKind::kText) continue;
    for (const char* score : {"logprob", "tokens", "bytes"}) {
      if (sample.score->values.contains(score)) continue;
      fail_input("{}: {}: the scores lack {}, of which the perplexity is made; export the run again", file,
                 sample.plan.id, score);
    }
  }
}

void finish(ImportedRun& run, const std::string& file, const tasks::Registry& registry,
            const std::vector<std::filesystem::path>& data_dirs) {
  const std::optional<KnownTask> known = find_known_task(registry, run.task, run.protocol);
  check_sums(file, run);
  if (known) run.averaging = known->averaging;
  run.names = names_of(run, known);
  run.scorer_version = store::kImportedScores;
  sort_samples(run.samples);
  run.manifest = bare_manifest(run);
  check_prompts(run, registry, data_dirs);
}

}  // namespace

std::vector<ImportedRun> read_export(const std::filesystem::path& path, const tasks::Registry& registry,
                                     const std::vector<std::filesystem::path>& data_dirs) {
  const std::string content = read_text_file(path);
  std::vector<ImportedRun> runs;
  std::map<std::tuple<int64_t, std::string, std::string>, size_t> places;
  std::map<std::tuple<size_t, std::string, int>, size_t> lines;  // by run, id, sample
  size_t number = 0;
  for (const std::string_view text : split_lines(content)) {
    ++number;
    if (python_strip(text).empty()) continue;
    ExportLine line = parse_export_line(text, fmt::format("{}: line {}", path.string(), number));
    const auto key = std::make_tuple(line.run.value_or(-1), line.task, line.protocol);
    const size_t place = places.emplace(key, runs.size()).first->second;
    if (place == runs.size()) {
      runs.emplace_back();
      runs.back().task = line.task;
      runs.back().protocol = line.protocol;
    }
    const store::PlannedSample& plan = line.sample.plan;
    const auto [known, fresh] = lines.emplace(std::make_tuple(place, plan.id, plan.sample), number);
    if (!fresh) {
      fail_input("{}: sample {} (number {}) of {} occurs twice, in lines {} and {}; keep one of them", path.string(),
                 plan.id, plan.sample, line.task, known->second, number);
    }
    runs[place].samples.push_back(std::move(line.sample));
  }
  if (runs.empty()) fail_input("{}: has no samples", path.string());
  for (ImportedRun& run : runs) finish(run, path.string(), registry, data_dirs);
  return runs;
}

}  // namespace assay::harness

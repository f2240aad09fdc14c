// From options to what will be asked: tasks rendered, scorers made, samples planned.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/run_options.h"
#include "scorers/metrics.h"
#include "scorers/scorer.h"
#include "store/store.h"
#include "tasks/task.h"

namespace assay::harness {

// One request of a run; its place in PreparedRun::asks is its position in the store.
struct Ask {
  size_t item = 0;  // index into rendered.items
  engine::Request request;
  int repeat = 0;  // of --repeats
};

class HiddenTexts;

struct PreparedRun {
  tasks::RenderedTask rendered;
  scorers::Scorer scorer;
  scorers::Averaging averaging;
  std::vector<Ask> asks;
  std::string chat_template_sha256 = {};           // of the template that wrote the requests; empty: none did
  std::shared_ptr<const HiddenTexts> hidden = {};  // seals responses before they are stored; null: they are not hidden
};

// What becomes of dialogues.
enum class Dialogues {
  kWritten,            // by the model's chat template (harness/dialogues.h)
  kWrittenIfPossible,  // where it has one
  kTurns,              // their turns are enough: no model is looked at
};

// How the scores of a task are averaged, from the task's table [protocol.NAME.average] (tasks/task.h, RenderedTask).
scorers::Averaging averaging_of(const nlohmann::json& average);

// Renders every task of the options.
std::vector<PreparedRun> prepare_runs(const RunOptions& options, Dialogues dialogues = Dialogues::kWritten);

// `--samples`, `--temperature`, `--top-p` and the seed put into a rendered item's request, once a sample or a repeat.
std::vector<Ask> make_asks(const tasks::RenderedTask& rendered, const RunOptions& options);

// What the database plans for a run, in the order of its asks.
std::vector<store::PlannedSample> planned_samples(const PreparedRun& run);

// The text of each of them, as store::NewRun takes it; none of a hidden run. They lie in `run`.
std::vector<std::string_view> prompts_of(const PreparedRun& run);

// The text given to the tokenizer.
const std::string& prompt_of(const engine::Request& request);

// Metrics of a run from its stored scores.
std::vector<scorers::Metric> metrics_of(const PreparedRun& run, const std::vector<store::StoredSample>& samples);

}  // namespace assay::harness

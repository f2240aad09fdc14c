#include "harness/dialogues.h"

#include <algorithm>

#include "base/error.h"
#include "engine/load_chat_template.h"

namespace assay::harness {
namespace {

// Its model's files are here, so that its template can be read.
bool is_local(const std::string& model) {
  return !model.empty() && !model.starts_with("responses:") && !model.starts_with("http://") &&
         !model.starts_with("https://");
}

// --chat on, as lm-evaluation-harness's --apply_chat_template: the whole prompt is one message.
void make_dialogues(PreparedRun& run) {
  for (Ask& ask : run.asks) {
    auto* generate = std::get_if<engine::GenerateRequest>(&ask.request);
    if (generate == nullptr) {
      fail(ExitCode::kUsage,
           "--chat on: task {} under protocol {} compares likelihoods, which dialogues do not have; use a task or "
           "protocol that asks for texts (mmlu_llama, arc_challenge_chat, llama3_instruct), or leave out --chat",
           run.rendered.task, run.rendered.protocol);
    }
    if (generate->turns.empty()) generate->turns = {{"user", generate->prompt}};
  }
}

void unmake_dialogues(PreparedRun& run) {
  if (run.rendered.protocol == "llama3_instruct") {
    fail(ExitCode::kUsage, "--chat off: protocol llama3_instruct asks in dialogues alone; leave out --chat");
  }
  for (Ask& ask : run.asks) {
    if (auto* generate = std::get_if<engine::GenerateRequest>(&ask.request)) generate->turns.clear();
  }
}

void write(PreparedRun& run, const engine::chat::ChatTemplate& chat, std::time_t now) {
  for (Ask& ask : run.asks) {
    auto* generate = std::get_if<engine::GenerateRequest>(&ask.request);
    if (generate == nullptr || generate->turns.empty()) continue;
    generate->pieces = chat.prompt(generate->turns, now);
    generate->prompt.clear();
    for (const engine::PromptPiece& piece : generate->pieces) generate->prompt += piece.text;
  }
  run.chat_template_sha256 = chat.sha256();
}

}  // namespace

bool asks_dialogues(const PreparedRun& run) {
  return std::any_of(run.asks.begin(), run.asks.end(), [](const Ask& ask) {
    const auto* generate = std::get_if<engine::GenerateRequest>(&ask.request);
    return generate != nullptr && !generate->turns.empty();
  });
}

void write_dialogues(std::vector<PreparedRun>& runs, const RunOptions& options, bool must_write) {
  const PreparedRun* first = nullptr;
  for (PreparedRun& run : runs) {
    if (options.chat == "on") make_dialogues(run);
    if (options.chat == "off" && asks_dialogues(run)) unmake_dialogues(run);
    if (first == nullptr && asks_dialogues(run)) first = &run;
  }
  if (first == nullptr || !is_local(options.model)) return;
  std::optional<engine::chat::ChatTemplate> chat;
  if (options.engine.tokenizer.empty()) {
    chat = engine::load_chat_template(engine::Checkpoint::open(options.model), options.model);
  }
  if (!chat) {
    if (!must_write) return;
    fail(
        ExitCode::kUsage,
        "{} has no chat template of its own (tokenizer_config.json, chat_template.jinja, GGUF), in which task {} is to "
        "be asked; name an instruct model, or a task without dialogues",
        options.model, first->rendered.task);
  }
  for (PreparedRun& run : runs) write(run, *chat, options.chat_time.value_or(0));
}

}  // namespace assay::harness

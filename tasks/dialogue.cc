#include "tasks/dialogue.h"

#include "base/text.h"

namespace assay::tasks {
namespace {

// PROTOCOLS.md §7: "per message <|start_header_id|>{role}<|end_header_id|>⏎⏎{content.strip()}<|eot_id|>".
std::string llama3_header(const std::string& role) {
  return "<|start_header_id|>" + role + "<|end_header_id|>\n\n";
}

bool ends_in_white_space(const std::string& text) {
  return python_rstrip(text).size() < text.size();
}

}  // namespace

std::string llama3_text(const std::vector<engine::Turn>& turns) {
  std::string text = "<|begin_of_text|>";
  for (size_t i = 0; i < turns.size(); ++i) {
    text += llama3_header(turns[i].role);
    text += python_strip(turns[i].content);
    // PROTOCOLS.md §7: "and the begun answer, if any, stripped too".
    const bool begun = i + 1 == turns.size() && turns[i].role == "assistant";
    if (begun) return text;
    text += "<|eot_id|>";
  }
  return text + llama3_header("assistant");
}

std::string plain_text(const std::vector<engine::Turn>& turns) {
  std::string text;
  for (size_t i = 0; i < turns.size(); ++i) {
    const engine::Turn& turn = turns[i];
    const bool last = i + 1 == turns.size();
    text += turn.content;
    if (last) break;
    if (turn.role == "user") {
      const bool parted =
          ends_in_white_space(turn.content) || python_lstrip(turns[i + 1].content).size() < turns[i + 1].content.size();
      if (!parted) text += " ";
    } else {
      text += "\n\n";
    }
  }
  return text;
}

std::string dialogue_text(const std::vector<engine::Turn>& turns, DialogueForm form) {
  return form == DialogueForm::kLlama3 ? llama3_text(turns) : plain_text(turns);
}

}  // namespace assay::tasks

// What the tests of chat templates share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/chat/chat_template.h"

namespace assay::engine::chat {

inline constexpr std::time_t kThen = 1767323045;  // 2026-01-02 03:04:05 UTC

inline std::vector<Turn> a_dialogue() {
  return {{"system", "Be brief."}, {"user", "  Hello World  "}};
}

inline std::string text_of(const std::vector<PromptPiece>& pieces) {
  std::string text;
  for (const PromptPiece& piece : pieces) text += piece.text;
  return text;
}

// "markup[literal]markup"
inline std::string marked(const std::vector<PromptPiece>& pieces) {
  std::string text;
  for (const PromptPiece& piece : pieces) text += piece.markup ? piece.text : "[" + piece.text + "]";
  return text;
}

inline ChatTemplate template_of(std::string_view source) {
  return ChatTemplate("model", source, {{"bos_token", "<s>"}});
}

inline std::string rendered(std::string_view source) {
  return text_of(template_of(source).render(a_dialogue(), true, kThen));
}

}  // namespace assay::engine::chat

#include "engine/load_chat_template.h"

namespace assay::engine {

std::optional<chat::ChatTemplate> load_chat_template(const Checkpoint& checkpoint, const std::string& model) {
  const std::optional<ChatSource>& source = checkpoint.chat_source();
  if (!source) return std::nullopt;
  if (!source->problem.empty()) return chat::ChatTemplate::unusable(model, source->problem);
  return chat::ChatTemplate(model, source->text, source->tokens);
}

}  // namespace assay::engine

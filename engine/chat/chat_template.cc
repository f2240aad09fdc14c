#include "engine/chat/chat_template.h"

#include <optional>
#include <utility>

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "engine/chat/globals.h"
#include "engine/chat/interpreter.h"
#include "engine/chat/parser.h"

namespace assay::engine::chat {
namespace {

// A template's own words on one line.
std::string on_one_line(std::string_view text) {
  constexpr size_t kLongest = 500;  // bytes
  std::string line;
  for (const char c : text.substr(0, kLongest)) line += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return line;
}

std::string explained(const std::string& model, const TemplateError& error, int line) {
  if (error.raised()) {
    return fmt::format("{}: its chat template refuses the dialogue: {}", model, on_one_line(error.what()));
  }
  return fmt::format("{}: its chat template, line {}: {}", model, error.line() > 0 ? error.line() : line,
                     on_one_line(error.what()));
}

Value messages_of(Runtime& runtime, std::span<const Turn> turns) {
  std::vector<Value> messages;
  for (const Turn& turn : turns) {
    Dict* message = runtime.dict();
    message->entries.emplace_back(runtime.text("role"), runtime.text(turn.role));
    message->entries.emplace_back(runtime.text("content"), runtime.text(MarkedText(turn.content, true)));
    messages.emplace_back(message);
  }
  return runtime.list(std::move(messages));
}

std::tm utc(std::time_t now) {
  std::tm date{};
  gmtime_r(&now, &date);
  return date;
}

// Where the content of the last turn ends in the rendered dialogue; nothing where it is not there (transformers,
// apply_chat_template with continue_final_message). What the template itself wrote is not mistaken for it.
std::optional<size_t> end_of_content(const MarkedText& rendered, const std::string& content) {
  const std::string_view text = rendered.text();
  const std::string_view stripped = python_strip(content);
  for (size_t at = text.rfind(stripped); at != std::string_view::npos; at = text.rfind(stripped, at - 1)) {
    if (rendered.literal_at(at) && rendered.literal_at(at + stripped.size() - 1)) {
      const size_t whole = python_lstrip(content).size();
      return at + (text.substr(at, whole) == content ? whole : stripped.size());
    }
    if (at == 0) break;
  }
  return std::nullopt;
}

}  // namespace

struct ChatTemplate::Impl {
  std::string model;
  std::map<std::string, std::string> tokens;
  Block block;
  std::string sha256;
  std::string problem;  // why it cannot be used; empty where it can

  MarkedText render(std::span<const Turn> turns, bool add_generation_prompt, std::time_t now) const;
};

ChatTemplate::ChatTemplate(std::string model, std::string_view source, std::map<std::string, std::string> tokens) {
  auto impl = std::make_shared<Impl>();
  impl->model = std::move(model);
  impl->tokens = std::move(tokens);
  impl->sha256 = sha256_hex(source);
  try {
    impl->block = parse_template(source);
  } catch (const TemplateError& error) {
    impl->problem = explained(impl->model, error, 1);
  }
  impl_ = std::move(impl);
}

ChatTemplate ChatTemplate::unusable(std::string model, std::string reason) {
  auto impl = std::make_shared<Impl>();
  impl->problem = fmt::format("{}: {}", model, reason);
  impl->model = std::move(model);
  return ChatTemplate(std::shared_ptr<const Impl>(std::move(impl)));
}

MarkedText ChatTemplate::Impl::render(std::span<const Turn> turns, bool add_generation_prompt, std::time_t now) const {
  if (!problem.empty()) fail_input("{}", problem);
  Runtime runtime({}, utc(now));
  try {
    Scope* names = runtime.scope(global_scope(runtime));
    names->names.emplace_back("messages", messages_of(runtime, turns));
    names->names.emplace_back("add_generation_prompt", Value(add_generation_prompt));
    names->names.emplace_back("tools", Value(None{}));
    names->names.emplace_back("documents", Value(None{}));
    for (const auto& [name, text] : tokens) names->names.emplace_back(name, runtime.text(text));
    return Interpreter(runtime, names).render(block);
  } catch (const TemplateError& error) {
    fail_input("{}", explained(model, error, runtime.line));
  }
}

std::vector<PromptPiece> ChatTemplate::render(std::span<const Turn> turns, bool add_generation_prompt,
                                              std::time_t now) const {
  return impl_->render(turns, add_generation_prompt, now).pieces();
}

std::vector<PromptPiece> ChatTemplate::prompt(std::span<const Turn> turns, std::time_t now) const {
  const bool begun = !turns.empty() && turns.back().role == "assistant";
  if (!begun) return render(turns, true, now);
  const std::string& content = turns.back().content;
  if (python_strip(content).empty()) return render(turns.first(turns.size() - 1), true, now);
  const MarkedText rendered = impl_->render(turns, false, now);
  const std::optional<size_t> end = end_of_content(rendered, content);
  if (!end) {
    fail_input("{}: its chat template does not write the begun answer as it is, so that it cannot be continued",
               impl_->model);
  }
  return rendered.slice(0, *end).pieces();
}

const std::string& ChatTemplate::sha256() const {
  return impl_->sha256;
}

}  // namespace assay::engine::chat

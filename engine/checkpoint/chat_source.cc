#include "engine/checkpoint/chat_source.h"

#include "base/error.h"
#include "base/file.h"
#include "engine/checkpoint/json_fields.h"
#include "engine/checkpoint/locate.h"

namespace assay::engine {
namespace {

namespace fs = std::filesystem;

// A list of objects with "name" and "template", of which "default" is the one for dialogues without tools.
void read_named_templates(const nlohmann::json& list, const std::string& where, ChatSource& source) {
  for (const nlohmann::json& entry : list) {
    const JsonFields fields(entry, where + ": chat_template");
    const std::optional<std::string> name = fields.text("name");
    const std::optional<std::string> text = fields.text("template");
    if (!name || !text) fail_input("{}: an entry of chat_template lacks its name or its template", where);
    if (*name == "default") source.text = *text;
  }
  if (source.text.empty()) source.problem = fmt::format("{}: chat_template has no template named default", where);
}

// Tokens are texts, or objects that have the text as "content"; null where there is none.
void read_tokens(const nlohmann::json& config, ChatSource& source) {
  for (const auto& [name, value] : config.items()) {
    if (!name.ends_with("_token")) continue;
    if (value.is_string()) source.tokens.emplace(name, value.get<std::string>());
    if (value.is_object() && value.contains("content") && value.at("content").is_string()) {
      source.tokens.emplace(name, value.at("content").get<std::string>());
    }
  }
}

void read_vocabulary_tokens(const GgufVocabulary& vocabulary, ChatSource& source) {
  const auto add = [&](const char* name, const std::optional<TokenId>& id) {
    if (id) source.tokens.emplace(name, vocabulary.tokens.at(static_cast<size_t>(*id)));
  };
  add("bos_token", vocabulary.bos);
  add("eos_token", vocabulary.eos);
}

// Whether tokenizer_config.json has a template.
bool read_tokenizer_config(const fs::path& path, ChatSource& source) {
  const nlohmann::json json = parse_json(read_file(path), path.string());
  const JsonFields config(json, path.string());
  read_tokens(json, source);
  const nlohmann::json* chat_template = config.find("chat_template");
  if (chat_template == nullptr) return false;
  if (chat_template->is_string()) {
    source.text = chat_template->get<std::string>();
  } else if (chat_template->is_array()) {
    read_named_templates(*chat_template, path.string(), source);
  } else {
    config.fail_field("chat_template", "is neither a text nor a list of named ones");
  }
  return true;
}

}  // namespace

std::optional<ChatSource> read_chat_source(const fs::path& folder, const GgufFile* gguf,
                                           const GgufVocabulary* vocabulary) {
  ChatSource source;
  bool found = false;
  if (const fs::path path = folder / "tokenizer_config.json"; is_file(path)) {
    found = read_tokenizer_config(path, source);
  }
  if (const fs::path path = folder / "chat_template.jinja"; is_file(path)) {
    source.text = read_text_file(path);
    source.problem.clear();
    found = true;
  }
  if (const auto embedded = gguf != nullptr ? gguf->text("tokenizer.chat_template") : std::nullopt;
      embedded && !found) {
    source.text = *embedded;
    found = true;
  }
  if (!found) return std::nullopt;
  if (vocabulary != nullptr) read_vocabulary_tokens(*vocabulary, source);
  return source;
}

}  // namespace assay::engine

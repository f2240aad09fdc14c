#include "engine/load_tokenizer.h"

#include <filesystem>

#include "base/error.h"
#include "base/hash.h"

namespace assay::engine {
namespace {

namespace fs = std::filesystem;

std::string sha256_vocabulary(const GgufVocabulary& vocabulary) {
  Sha256 hash;
  // Every string carries its length, so that no two vocabularies are the same bytes.
  const auto add = [&](const std::string& text) { hash.update(fmt::format("{}:", text.size())).update(text); };
  const auto flag = [](std::optional<bool> value) { return value ? (*value ? "true" : "false") : "absent"; };
  add(vocabulary.model);
  add(vocabulary.pre);
  for (const std::string& token : vocabulary.tokens) add(token);
  for (const float score : vocabulary.scores) add(fmt::format("{}", score));
  for (const int32_t type : vocabulary.types) add(fmt::format("{}", type));
  for (const std::string& merge : vocabulary.merges) add(merge);
  add(fmt::format("{} {} {} {}", vocabulary.bos.value_or(-1), vocabulary.eos.value_or(-1), flag(vocabulary.add_bos),
                  flag(vocabulary.add_space_prefix)));
  return hash.hex();
}

LoadedTokenizer from_file(const fs::path& path) {
  LoadedTokenizer loaded{Tokenizer::from_file(path), path.string(), sha256_file(path), {}, {}};
  loaded.wants_bos = loaded.tokenizer.declares_bos();
  loaded.bos = loaded.tokenizer.bos();
  return loaded;
}

LoadedTokenizer from_vocabulary(const GgufVocabulary& vocabulary, const std::string& source) {
  return {Tokenizer::from_gguf(vocabulary), source, sha256_vocabulary(vocabulary), {}, vocabulary.bos};
}

std::string weights_name(const Checkpoint& checkpoint) {
  const auto files = checkpoint.weight_files();
  return files.empty() ? "the checkpoint" : files.front().string();
}

LoadedTokenizer own_tokenizer(const Checkpoint& checkpoint) {
  const fs::path file = checkpoint.tokenizer_file();
  const auto& vocabulary = checkpoint.gguf_vocabulary();
  if (file.empty() && !vocabulary) {
    fail(ExitCode::kUnavailable, "{} comes without a tokenizer.json or tokenizer.model; name one with --tokenizer",
         weights_name(checkpoint));
  }
  LoadedTokenizer loaded = file.empty() ? from_vocabulary(*vocabulary, weights_name(checkpoint)) : from_file(file);
  if (!loaded.wants_bos) loaded.wants_bos = checkpoint.add_bos_token();
  if (!loaded.wants_bos && vocabulary) loaded.wants_bos = vocabulary->add_bos;
  if (!loaded.bos) loaded.bos = loaded.tokenizer.token_id(checkpoint.bos_token());
  return loaded;
}

LoadedTokenizer other_tokenizer(const fs::path& named) {
  std::error_code ignored;
  if (!fs::is_directory(named, ignored)) {
    if (named.extension() != ".gguf") return from_file(named);
    const Checkpoint checkpoint = Checkpoint::open(named.string());
    if (!checkpoint.gguf_vocabulary()) fail_input("{} holds no vocabulary; name another --tokenizer", named.string());
    LoadedTokenizer loaded = from_vocabulary(*checkpoint.gguf_vocabulary(), named.string());
    loaded.wants_bos = checkpoint.gguf_vocabulary()->add_bos;
    return loaded;
  }
  for (const char* name : {"tokenizer.json", "tokenizer.json.gz", "tokenizer.model"}) {
    if (fs::exists(named / name, ignored)) return from_file(named / name);
  }
  fail(ExitCode::kUnavailable, "--tokenizer {} holds neither tokenizer.json nor tokenizer.model", named.string());
}

}  // namespace

LoadedTokenizer load_tokenizer(const Checkpoint& checkpoint, const std::string& instead) {
  LoadedTokenizer loaded = instead.empty() ? own_tokenizer(checkpoint) : other_tokenizer(instead);
  const int rows = checkpoint.architecture().vocab;
  if (loaded.tokenizer.size() > rows) {
    fail_input("the tokenizer {} has {} ids, the embedding of {} only {} rows; they do not belong together",
               loaded.source, loaded.tokenizer.size(), weights_name(checkpoint), rows);
  }
  return loaded;
}

bool decide_bos(const LoadedTokenizer& loaded, const std::string& option) {
  if (option != "auto" && option != "on" && option != "off") {
    fail(ExitCode::kUsage, "--bos {} is none of auto, on, off", option);
  }
  if (option == "off") return false;
  const bool begin_of_text = loaded.tokenizer.token_id("<|begin_of_text|>").has_value();
  const bool wanted = option == "on" || loaded.wants_bos.value_or(begin_of_text);
  if (wanted && !loaded.bos) {
    fail(ExitCode::kUsage, "{} does not say which token begins a text; use --bos off", loaded.source);
  }
  return wanted;
}

}  // namespace assay::engine

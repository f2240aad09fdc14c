// Which files a model's name means (INTERFACE.md, "M").
#pragma once

#include <filesystem>
#include <string>

namespace assay::engine {

// Exactly one of the three is set.
struct ModelFiles {
  std::filesystem::path folder;  // where config.json, tokenizer.json and the like lie
  std::filesystem::path index;   // model.safetensors.index.json
  std::filesystem::path safetensors;
  std::filesystem::path gguf;
};

// `model`: demo or demo:early (base/program.h), a folder (model.safetensors.index.json, else model.safetensors, else
// exactly one GGUF), a .gguf file, or a name in the Hugging Face cache ("org/name": HF_HUB_CACHE, HF_HOME/hub,
// XDG_CACHE_HOME/huggingface/hub or
// ~/.cache/huggingface/hub; the snapshot that refs/main names, else the only one). A path that exists wins over a name.
// Errors: kUsage for several GGUF files or snapshots, listing them, and for a file of another kind or another
// demo:NAME; kBadInput for a folder without weights; kUnavailable where there is nothing of that name.
ModelFiles locate_model(const std::string& model);

// Whether there is a file at `path`; what cannot be asked about is none.
bool is_file(const std::filesystem::path& path);

}  // namespace assay::engine

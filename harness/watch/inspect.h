// Whether a checkpoint is whole, and what it is.
#pragma once

#include <filesystem>
#include <string>

namespace assay::harness {

struct Inspected {
  std::string weights_sha256;  // as a manifest has it
  std::string content_sha256;  // over the weights and the files beside them that decide answers
};

// Opens the checkpoint as a run does (every shard there, every tensor inside its file and of the architecture's shape,
// a tokenizer that can be read), without loading its weights, and hashes it. `tokenizer`: as --tokenizer. Errors: those
// of engine::Checkpoint::open and engine::load_tokenizer, where it is not whole.
//
// A file that is cut short meanwhile can end the process with SIGBUS (base/file.h): call it in one of its own.
Inspected inspect_checkpoint(const std::filesystem::path& path, const std::string& tokenizer);

}  // namespace assay::harness

#include "harness/watch/inspect.h"

#include "base/hash.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/load_tokenizer.h"
#include "harness/watch/folder.h"

namespace assay::harness {

Inspected inspect_checkpoint(const std::filesystem::path& path, const std::string& tokenizer) {
  const engine::Checkpoint checkpoint = engine::Checkpoint::open(path.string());
  engine::load_tokenizer(checkpoint, tokenizer);
  Inspected inspected;
  inspected.weights_sha256 = sha256_files(checkpoint.weight_files());
  const std::filesystem::path folder = checkpoint.weight_files().front().parent_path();
  Sha256 hash;
  hash.update(inspected.weights_sha256);
  for (const std::string& name : small_model_files()) {
    std::error_code unreadable;
    if (!std::filesystem::is_regular_file(folder / name, unreadable)) continue;
    hash.update(name + " " + sha256_file(folder / name) + "\n");
  }
  inspected.content_sha256 = hash.hex();
  return inspected;
}

}  // namespace assay::harness

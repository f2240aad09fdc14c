// safetensors: one mapped file, or the shards that an index names.
// Format: safetensors README, "Format": a u64 header length, a JSON header, the data.
//
// Everything that the format promises is checked on opening: the header's length (at most 100 MB), names given once,
// known types, sizes that fit types and shapes, and data that covers the rest of the file without gap or overlap.
// Tensors of no dimension and empty ones are legal. Errors: kBadInput that names file and tensor. Immutable and
// thread-safe after opening.
#pragma once

#include <filesystem>
#include <vector>

#include "base/file.h"
#include "engine/checkpoint/tensor.h"

namespace assay::engine {

class SafetensorsFile {
 public:
  explicit SafetensorsFile(const std::filesystem::path& path);
  const std::filesystem::path& path() const { return file_.path(); }
  const Tensors& tensors() const { return tensors_; }

 private:
  void read_header();
  void check_coverage(std::string_view data) const;

  MappedFile file_;
  Tensors tensors_;
};

// Shards in the order of their names, each once, with the tensors that model.safetensors.index.json places in them: a
// shard's other tensors are left out. Never a directory listing, which would find foreign files.
std::vector<SafetensorsFile> open_shards(const std::filesystem::path& index, Tensors& tensors);

}  // namespace assay::engine

// What a trainer has written into a folder: which checkpoints lie there, and by which signs their files are told from
// files that somebody still writes. Nothing of a file's content is looked at.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace assay::harness {

// A file as the system describes it. A file that is written to, or replaced, has another stamp.
struct FileStamp {
  std::string name;
  uint64_t size = 0;
  int64_t modified = 0;  // nanoseconds since 1970
  int64_t changed = 0;   // the same, of content, name or rights: a copied file keeps `modified`, and not this
  uint64_t inode = 0;

  bool operator==(const FileStamp&) const = default;
};

// A sub-folder that holds a part of a model, or a GGUF file.
struct CheckpointEntry {
  std::string name;              // in the folder, byte for byte
  std::filesystem::path path;    // absolute, as --model takes it
  std::filesystem::path folder;  // where its files lie
  std::optional<int64_t> step;   // that the name tells
  std::vector<FileStamp> files;  // those that a model is made of, by name; never empty where `problem` is
  std::string problem;           // why it cannot be looked at
};

// By step, those without one last, then by name. What is temporary (hidden files, *.tmp, *.incomplete, *.part,
// tmp-* and the like) is left out, and so are folders without any file of a model, links that lead nowhere and links to
// another entry of the same folder ("latest"). Error(kIo) where the folder cannot be read.
std::vector<CheckpointEntry> list_checkpoints(const std::filesystem::path& folder);

// The number behind the last "step", else "iter", "checkpoint", "ckpt", "epoch" (whatever their case) of a name, else
// its last number that no letter follows; nothing where there is none below 10^18.
std::optional<int64_t> step_of_name(const std::string& name);

// Files beside the weights that decide answers: config.json and its like.
const std::vector<std::string>& small_model_files();

// Whether somebody has written to it since it was looked at, so that what was read of it meanwhile may be half of one
// model and half of another. Weights that were replaced by other files of their names (rename) or removed are none of
// this: whoever had opened them has them still. Of the small files beside them any change counts.
bool was_written_to(const CheckpointEntry& entry);

// SHA-256 over the stamps of an entry's files.
std::string stamps_sha256(const CheckpointEntry& entry);

}  // namespace assay::harness

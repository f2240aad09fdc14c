// GGUF: metadata and tensor table of a mapped file, versions 2 and 3, little-endian.
// Format: ggml/docs/gguf.md.
//
//   const GgufFile file("model.gguf");
//   const std::optional<int64_t> layers = file.integer("llama.block_count");
//
// The whole structure is checked on opening: every length and count against the bytes that are left, before anything is
// allocated; each tensor against the file's end and against its neighbours. A file without tensors (a vocabulary alone)
// is well formed. Errors: kBadInput that names file and field. Immutable and thread-safe after opening.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "engine/checkpoint/tensor.h"

namespace assay::engine {

class GgufFile {
 public:
  explicit GgufFile(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return file_.path(); }
  const Tensors& tensors() const { return tensors_; }

  // Metadata by key: nothing where the key is absent, Error(kBadInput) where its value is of another kind. Views point
  // into the file and live as long as this object.
  std::optional<std::string_view> text(std::string_view key) const;
  std::optional<int64_t> integer(std::string_view key) const;  // any integer type of GGUF
  std::optional<double> real(std::string_view key) const;      // float32 or float64
  std::optional<bool> flag(std::string_view key) const;
  std::optional<std::vector<std::string_view>> texts(std::string_view key) const;
  std::optional<std::vector<int64_t>> integers(std::string_view key) const;
  std::optional<std::vector<double>> reals(std::string_view key) const;
  std::optional<std::vector<bool>> flags(std::string_view key) const;
  bool is_array(std::string_view key) const;

 private:
  enum class Kind : uint32_t { kU8, kI8, kU16, kI16, kU32, kI32, kF32, kBool, kString, kArray, kU64, kI64, kF64 };
  // A value as it lies in the file, checked; decoded when it is asked for.
  struct Value {
    Kind kind = Kind::kU8;
    Kind element = Kind::kU8;  // of an array
    uint64_t count = 1;        // elements of an array
    std::string_view bytes;    // of a string its characters, of an array its elements
  };
  class Cursor;

  static size_t scalar_bytes(Kind kind);
  static int64_t decode_integer(Kind kind, const char* bytes);
  static double decode_real(Kind kind, const char* bytes);
  static Value read_value(Cursor& cursor, std::string_view key);
  static void skip_elements(Cursor& cursor, Kind element, uint64_t count, std::string_view key, int depth);

  void read_metadata(Cursor& cursor, uint64_t count);
  void read_tensors(Cursor& cursor, uint64_t count);
  void check_overlaps() const;
  int64_t alignment() const;
  const Value* find(std::string_view key) const;
  [[noreturn]] void fail_kind(std::string_view key, const char* expected) const;

  MappedFile file_;
  std::map<std::string_view, Value> metadata_;
  Tensors tensors_;
};

}  // namespace assay::engine

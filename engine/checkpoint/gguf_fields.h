// Metadata of one GGUF below its architecture's prefix, with what a field may hold checked; as JsonFields for JSON.
//
//   const GgufFields fields(file, "llama");
//   const int layers = fields.required_size("block_count");  // llama.block_count
//
// Errors: kBadInput that names file and key. Valid as long as the file.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/checkpoint/gguf.h"

namespace assay::engine {

class GgufFields {
 public:
  GgufFields(const GgufFile& file, const std::string& prefix) : file_(file), prefix_(prefix + ".") {}

  const GgufFile& file() const { return file_; }
  std::string name(const char* field) const { return prefix_ + field; }

  std::optional<int64_t> integer(const char* field) const { return file_.integer(prefix_ + field); }
  std::optional<double> real(const char* field) const { return file_.real(prefix_ + field); }
  std::optional<bool> flag(const char* field) const { return file_.flag(prefix_ + field); }
  std::optional<std::string_view> text(const char* field) const { return file_.text(prefix_ + field); }

  std::optional<int> size(const char* field) const;         // an integer in 1 .. kLargestSize
  int count(const char* field) const;                       // an integer in 0 .. kLargestSize; 0 where it is absent
  std::optional<double> positive(const char* field) const;  // a finite number above 0
  int required_size(const char* field) const;
  double required_positive(const char* field) const;

  [[noreturn]] void fail_field(const char* field, std::string_view reason) const;

 private:
  const GgufFile& file_;
  std::string prefix_;
};

}  // namespace assay::engine

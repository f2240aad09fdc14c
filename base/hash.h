// SHA-256 (FIPS 180-4), by OpenSSL: it uses what processors have for it, and a checkpoint is hashed at every load.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

// Incremental hash. Not thread-safe; copyable, so that a common prefix is hashed once.
class Sha256 {
 public:
  Sha256();
  Sha256(const Sha256& other);
  Sha256& operator=(const Sha256& other);
  ~Sha256();

  Sha256& update(std::string_view bytes);
  // Lower-case hexadecimal, 64 characters. The object must not be updated afterwards.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_hex(std::string_view bytes);

// The first 64 bits of SHA-256: a number that stands for a name.
uint64_t sha256_number(std::string_view bytes);

// Throws Error(kIo) when the file cannot be read.
std::string sha256_file(const std::filesystem::path& path);
// Over the bytes of all of them, one after the other: what a manifest calls the weights' hash.
std::string sha256_files(const std::vector<std::filesystem::path>& paths);

}  // namespace assay

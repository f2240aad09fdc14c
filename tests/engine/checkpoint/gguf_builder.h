// GGUF files written by hand, entry by entry.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace assay::engine::testing {

template <typename T>
std::string raw(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

inline std::string raw_string(std::string_view text) {
  return raw(uint64_t{text.size()}) + std::string(text);
}

// Numbers of the metadata types.
enum : uint32_t { kU8, kI8, kU16, kI16, kU32, kI32, kF32, kBool, kString, kArray, kU64, kI64, kF64 };

// Builds a file entry by entry.
struct Builder {
  uint32_t version = 3;
  uint64_t entries = 0;
  uint64_t tensors = 0;
  std::string metadata;
  std::string table;
  std::string data;
  uint64_t alignment = 32;

  Builder& entry(std::string_view key, uint32_t type, const std::string& value) {
    ++entries;
    metadata += raw_string(key) + raw(type) + value;
    return *this;
  }
  Builder& number(std::string_view key, uint32_t value) { return entry(key, kU32, raw(value)); }
  Builder& real(std::string_view key, float value) { return entry(key, kF32, raw(value)); }
  Builder& text(std::string_view key, std::string_view value) { return entry(key, kString, raw_string(value)); }
  Builder& flag(std::string_view key, bool value) { return entry(key, kBool, raw(uint8_t{value})); }
  Builder& flags(std::string_view key, const std::vector<bool>& values) {
    std::string body = raw(uint32_t{kBool}) + raw(uint64_t{values.size()});
    for (const bool value : values) body += raw(uint8_t{value});
    return entry(key, kArray, body);
  }
  Builder& texts(std::string_view key, const std::vector<std::string>& values) {
    std::string body = raw(uint32_t{kString}) + raw(uint64_t{values.size()});
    for (const std::string& value : values) body += raw_string(value);
    return entry(key, kArray, body);
  }
  // An F32 tensor of zeros; sizes in the file's order, fastest first.
  Builder& tensor(std::string_view name, const std::vector<uint64_t>& sizes) {
    uint64_t values = 1;
    for (const uint64_t size : sizes) values *= size;
    return tensor(name, sizes, std::vector<float>(values));
  }
  Builder& tensor(std::string_view name, const std::vector<uint64_t>& sizes, const std::vector<float>& values) {
    entry_of_tensor(name, sizes, 0, data.size());
    data.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    data += std::string((alignment - data.size() % alignment) % alignment, '\0');
    return *this;
  }
  Builder& entry_of_tensor(std::string_view name, const std::vector<uint64_t>& sizes, uint32_t type, uint64_t offset) {
    ++tensors;
    table += raw_string(name) + raw(static_cast<uint32_t>(sizes.size()));
    for (const uint64_t size : sizes) table += raw(size);
    table += raw(type) + raw(offset);
    return *this;
  }
  std::string build() const {
    std::string file = "GGUF" + raw(version) + raw(tensors) + raw(entries) + metadata + table;
    if (tensors > 0) file += std::string((alignment - file.size() % alignment) % alignment, '\0');
    return file + data;
  }
};

}  // namespace assay::engine::testing

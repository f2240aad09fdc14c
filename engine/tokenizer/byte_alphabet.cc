#include "engine/tokenizer/byte_alphabet.h"

#include <array>

#include "base/text.h"

namespace assay::engine {
namespace {

constexpr bool stands_for_itself(int byte) {
  return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
}

struct Tables {
  std::array<char32_t, 256> code_points{};
  std::array<short, 0x144> bytes{};  // 0x100 + the 68 bytes that do not stand for themselves
};

constexpr Tables make_tables() {
  Tables tables;
  tables.bytes.fill(-1);
  char32_t next = 0x100;
  for (int byte = 0; byte < 256; ++byte) {
    const char32_t code_point = stands_for_itself(byte) ? static_cast<char32_t>(byte) : next++;
    tables.code_points[byte] = code_point;
    tables.bytes[code_point] = static_cast<short>(byte);
  }
  return tables;
}

constexpr Tables kTables = make_tables();

}  // namespace

char32_t byte_to_code_point(unsigned char byte) {
  return kTables.code_points[byte];
}

int code_point_to_byte(char32_t code_point) {
  return code_point < kTables.bytes.size() ? kTables.bytes[code_point] : -1;
}

std::string to_byte_alphabet(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) append_utf8(text, byte_to_code_point(static_cast<unsigned char>(byte)));
  return text;
}

bool append_from_byte_alphabet(std::string_view text, std::string& bytes) {
  const size_t before = bytes.size();
  for (size_t at = 0; at < text.size();) {
    const int byte = code_point_to_byte(next_code_point(text, at));
    if (byte < 0) {
      bytes.resize(before);
      return false;
    }
    bytes.push_back(static_cast<char>(byte));
  }
  return true;
}

}  // namespace assay::engine

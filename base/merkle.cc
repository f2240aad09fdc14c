#include "base/merkle.h"

#include <bit>
#include <span>

#include "base/error.h"
#include "base/hash.h"

namespace assay {
namespace {

unsigned digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  fail(ExitCode::kInternal, "a leaf of a hash tree has the character '{}', which is no hexadecimal digit", c);
}

std::string bytes_of(std::string_view hex) {
  if (hex.size() != 64) fail(ExitCode::kInternal, "a leaf of a hash tree has {} digits instead of 64", hex.size());
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) bytes += static_cast<char>(digit(hex[i]) << 4 | digit(hex[i + 1]));
  return bytes;
}

std::string root_of(std::span<const std::string> leaves) {
  if (leaves.size() == 1) return leaves[0];
  const size_t left = std::bit_floor(leaves.size() - 1);
  Sha256 node;
  node.update("\x01").update(bytes_of(root_of(leaves.first(left)))).update(bytes_of(root_of(leaves.subspan(left))));
  return node.hex();
}

}  // namespace

std::string merkle_leaf(std::string_view data) {
  return Sha256().update(std::string_view("\0", 1)).update(data).hex();
}

std::string merkle_root(const std::vector<std::string>& leaves) {
  return leaves.empty() ? sha256_hex("") : root_of(leaves);
}

}  // namespace assay

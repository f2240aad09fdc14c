// The file of a hidden set: every prompt encrypted alone, so that a changed one changes one line, under a clear header.
//
//   assay-sealed-set 1
//   {"set": …, "name": …, "canary": …, "prompts": 1800, "categories": {"advice": 150, …}, "merkle_root": …,
//    "slots": [{"role": "owner", "kind": "passphrase", …}, …], "mac": …}
//   {"id": "advice-001", "commitment": …, "box": …}        one line a prompt, by id
//   sha256 …                                               of everything above
//
// A commitment is SHA-256 over a random salt of 32 hexadecimal digits and the prompt's line (hidden_prompt.h); salt and
// line are in the box, so a prompt that is revealed later with its salt can be proved, and none can be guessed. The
// root is base/merkle.h's over the commitments. The data key that opens the boxes is in every slot, wrapped by a
// passphrase or for a public key; the mac is the header's without it, under that key. Plain values; parsing is pure.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto/cipher.h"

namespace assay::datasets {

// Who a key belongs to: an owner opens; an operator runs models and serves raters, and is never shown a prompt.
enum class Role { kOwner, kOperator };
std::string to_string(Role role);  // "owner", "operator"

struct Slot {
  Role role = Role::kOwner;
  std::string name;        // whose: shown, and not secret
  std::string public_key;  // 32 bytes; empty: a passphrase
  std::string salt;        // of a passphrase
  PassphraseCost cost;     // of a passphrase
  std::string box;         // the data key

  bool operator==(const Slot&) const = default;
};

struct SealedLine {
  std::string id;
  std::string commitment;  // 64 hexadecimal digits
  std::string box;

  bool operator==(const SealedLine&) const = default;
};

struct SealedFile {
  std::string origin;  // the path, for messages
  std::string set;     // 32 hexadecimal digits, drawn once: names the set whatever its file is called
  std::string name;
  std::string canary;
  std::map<std::string, int> categories;  // prompts in each
  std::string merkle_root;
  std::vector<Slot> slots;
  std::string mac;
  std::vector<SealedLine> lines;  // ascending by id
};

// The header's line without its mac: what the mac is of.
std::string header_without_mac(const SealedFile& file);

std::string merkle_root_of(const std::vector<SealedLine>& lines);

std::string to_text(const SealedFile& file);

// Checks all that can be checked without a key: form, hash, root, counts. Error(kBadInput) naming the line;
// kIo where it cannot be read.
SealedFile parse_sealed_file(std::string_view text, const std::string& origin);
SealedFile read_sealed_file(const std::filesystem::path& path);

}  // namespace assay::datasets

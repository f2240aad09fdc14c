// Merkle tree hash of RFC 6962, section 2.1, over SHA-256: one hash that stands for a list, in which no entry, and not
// their order or number, can be changed unseen. A leaf and a node are told apart by a first byte of their own, so that
// no node can be passed off as a leaf.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay {

// SHA-256(0x00 || data), 64 lower-case hexadecimal digits.
std::string merkle_leaf(std::string_view data);

// The root over leaf hashes (as merkle_leaf gives them), in their order. One leaf is its own root; a node is
// SHA-256(0x01 || left || right) over the hashes' 32 bytes, and the left part of n leaves holds the largest power of
// two below n. No leaves: SHA-256 of nothing. Error(kInternal) for a leaf that is not 64 hexadecimal digits.
std::string merkle_root(const std::vector<std::string>& leaves);

}  // namespace assay

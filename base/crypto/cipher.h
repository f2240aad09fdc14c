// Ciphers for texts that lie in a file which others can read. All of it is libsodium's; nothing is invented here.
// Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/crypto/secret.h"

namespace assay {

inline constexpr size_t kKeyBytes = 32;
inline constexpr size_t kSaltBytes = 16;

Secret random_key();
std::string random_bytes(size_t count);

// What trying one passphrase costs an attacker, and us.
struct PassphraseCost {
  uint64_t operations = 3;
  uint64_t memory_bytes = 64 << 20;

  bool operator==(const PassphraseCost&) const = default;
};

// Argon2id, version 1.3 (RFC 9106): 32 bytes from a passphrase and a salt of 16. Error(kBadInput) for a cost beyond
// 4 GiB or 1,000 operations, which a damaged file could ask for; kUnavailable without the memory.
Secret key_from_passphrase(const Secret& passphrase, std::string_view salt, const PassphraseCost& cost);

// A key for one purpose out of another: BLAKE2b of the purpose under the key.
Secret derive_key(const Secret& key, std::string_view purpose);

// BLAKE2b of a text under a key, 64 lower-case hexadecimal digits: who has the key knows that the text is whole.
std::string authenticate(const Secret& key, std::string_view text);

// XChaCha20-Poly1305: nonce (24 bytes, random), then what it encrypts to, 16 bytes longer than `plain`. `context` is
// not in the result, and must be the same to decrypt: a box that was moved elsewhere does not open there.
std::string encrypt(const Secret& key, std::string_view plain, std::string_view context);

// Nothing where key, context or any bit is not that of encrypt().
std::optional<Secret> decrypt(const Secret& key, std::string_view box, std::string_view context);

// Without line breaks, with padding.
std::string to_base64(std::string_view bytes);
// Nothing where it is not exactly what to_base64 gives.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace assay

// Keys of people: what is sealed for a public key opens with its secret key alone (X25519 and XSalsa20-Poly1305,
// libsodium's sealed boxes). Thread-safe.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/crypto/secret.h"

namespace assay {

struct KeyPair {
  std::string public_key;  // 32 bytes
  Secret secret_key;       // 32 bytes
};

KeyPair new_key_pair();

std::string seal_for(std::string_view public_key, const Secret& plain);
// Nothing where it was sealed for another, or was changed.
std::optional<Secret> open_sealed(const KeyPair& keys, std::string_view box);

// One line each: "assay-public-key-1 <base64>" and "assay-secret-key-1 <base64>". The file of a secret key is readable
// by its owner alone; with a passphrase the line holds "argon2id <operations> <bytes> <salt> <box>" in place of the
// key. Neither is written over a file that exists: Error(kUsage).
void write_key_pair(const KeyPair& keys, const std::filesystem::path& secret_file,
                    const std::filesystem::path& public_file, const Secret& passphrase);

// Errors: kIo; kBadInput for a file of another kind or damaged, kUsage where others may read a secret key, or where it
// needs a passphrase and `passphrase` is empty or wrong.
std::string read_public_key(const std::filesystem::path& file);
KeyPair read_secret_key(const std::filesystem::path& file, const Secret& passphrase);

}  // namespace assay

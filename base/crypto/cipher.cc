#include "base/crypto/cipher.h"

#include <sodium.h>

#include "base/error.h"

namespace assay {
namespace {

static_assert(kKeyBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(kSaltBytes == crypto_pwhash_SALTBYTES);

constexpr uint64_t kMostMemory = uint64_t{4} << 30;
constexpr uint64_t kMostOperations = 1000;
constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

std::string random_bytes(size_t count) {
  std::string bytes(count, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

Secret random_key() {
  Secret key(kKeyBytes);
  randombytes_buf(key.data(), key.size());
  return key;
}

Secret key_from_passphrase(const Secret& passphrase, std::string_view salt, const PassphraseCost& cost) {
  if (salt.size() != kSaltBytes || cost.operations < crypto_pwhash_OPSLIMIT_MIN || cost.operations > kMostOperations ||
      cost.memory_bytes < crypto_pwhash_MEMLIMIT_MIN || cost.memory_bytes > kMostMemory) {
    fail_input(
        "a passphrase is to be hashed with {} operations over {} bytes and a salt of {} bytes, which is not sane",
        cost.operations, cost.memory_bytes, salt.size());
  }
  Secret key(kKeyBytes);
  if (crypto_pwhash(key.data(), key.size(), passphrase.view().data(), passphrase.size(), bytes_of(salt),
                    cost.operations, cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    fail(ExitCode::kUnavailable, "hashing a passphrase needs {} MiB of memory, which are not there",
         cost.memory_bytes >> 20);
  }
  return key;
}

Secret derive_key(const Secret& key, std::string_view purpose) {
  Secret derived(kKeyBytes);
  crypto_generichash(derived.data(), derived.size(), bytes_of(purpose), purpose.size(), key.data(), key.size());
  return derived;
}

std::string authenticate(const Secret& key, std::string_view text) {
  unsigned char hash[32];
  crypto_generichash(hash, sizeof hash, bytes_of(text), text.size(), key.data(), key.size());
  char hex[2 * sizeof hash + 1];
  return sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
}

std::string encrypt(const Secret& key, std::string_view plain, std::string_view context) {
  std::string box(kNonceBytes + plain.size() + kTagBytes, '\0');
  randombytes_buf(box.data(), kNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(bytes_of(box) + kNonceBytes, nullptr, bytes_of(plain), plain.size(),
                                             bytes_of(context), context.size(), nullptr, bytes_of(box), key.data());
  return box;
}

std::optional<Secret> decrypt(const Secret& key, std::string_view box, std::string_view context) {
  if (box.size() < kNonceBytes + kTagBytes) return std::nullopt;
  Secret plain(box.size() - kNonceBytes - kTagBytes);
  const std::string_view sealed = box.substr(kNonceBytes);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain.data(), nullptr, nullptr, bytes_of(sealed), sealed.size(),
                                                 bytes_of(context), context.size(), bytes_of(box), key.data()) != 0) {
    return std::nullopt;
  }
  return plain;
}

std::string to_base64(std::string_view bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes_of(bytes), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  size_t count = 0;
  const char* end = nullptr;
  if (sodium_base642bin(bytes_of(bytes), bytes.size(), text.data(), text.size(), nullptr, &count, &end,
                        sodium_base64_VARIANT_ORIGINAL) != 0 ||
      end != text.data() + text.size()) {
    return std::nullopt;
  }
  bytes.resize(count);
  return bytes;
}

}  // namespace assay

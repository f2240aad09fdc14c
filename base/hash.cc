#include "base/hash.h"

#include <sodium.h>

#include <algorithm>

#include "base/file.h"
#include "base/sha256_blocks.h"

namespace assay {

struct Sha256::State {
  crypto_hash_sha256_state sodium;  // the words of the state, bits taken so far, and the bytes of an incomplete block

  void update(std::string_view bytes) {
    crypto_hash_sha256_update(&sodium, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  }
  // Whole blocks, when none is incomplete.
  void compress(std::string_view blocks) {
    compress_sha256_blocks(sodium.state, reinterpret_cast<const uint8_t*>(blocks.data()), blocks.size() / kBlock);
    sodium.count += 8 * blocks.size();
  }
  size_t missing() const { return (kBlock - sodium.count / 8 % kBlock) % kBlock; }

  static constexpr size_t kBlock = 64;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  crypto_hash_sha256_init(&state_->sodium);
}
Sha256::Sha256(const Sha256& other) : state_(std::make_unique<State>(*other.state_)) {}
Sha256& Sha256::operator=(const Sha256& other) {
  *state_ = *other.state_;
  return *this;
}
Sha256::~Sha256() = default;

Sha256& Sha256::update(std::string_view bytes) {
  if (has_sha256_instructions()) {
    const size_t head = std::min(state_->missing(), bytes.size());
    state_->update(bytes.substr(0, head));
    bytes.remove_prefix(head);
    const size_t whole = bytes.size() / State::kBlock * State::kBlock;
    state_->compress(bytes.substr(0, whole));
    bytes.remove_prefix(whole);
  }
  state_->update(bytes);
  return *this;
}

std::string Sha256::hex() {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest;
  crypto_hash_sha256_final(&state_->sodium, digest.data());
  std::array<char, 2 * digest.size() + 1> text;
  sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
  return std::string(text.data(), text.size() - 1);
}

std::string sha256_hex(std::string_view bytes) {
  return Sha256().update(bytes).hex();
}

std::string sha256_file(const std::filesystem::path& path) {
  return sha256_hex(MappedFile(path).bytes());
}

}  // namespace assay

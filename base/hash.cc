#include "base/hash.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <charconv>

#include "base/error.h"
#include "base/file.h"

namespace assay {
namespace {

void check(int one_if_good) {
  if (one_if_good != 1) fail(ExitCode::kInternal, "libcrypto refuses SHA-256");
}

}  // namespace

struct Sha256::State {
  State() : context(EVP_MD_CTX_new()) { check(EVP_DigestInit_ex(context, EVP_sha256(), nullptr)); }
  State(const State& other) : context(EVP_MD_CTX_new()) { check(EVP_MD_CTX_copy_ex(context, other.context)); }
  State& operator=(const State&) = delete;
  ~State() { EVP_MD_CTX_free(context); }

  EVP_MD_CTX* context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::Sha256(const Sha256& other) : state_(std::make_unique<State>(*other.state_)) {}
Sha256& Sha256::operator=(const Sha256& other) {
  state_ = std::make_unique<State>(*other.state_);
  return *this;
}
Sha256::~Sha256() = default;

Sha256& Sha256::update(std::string_view bytes) {
  check(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()));
  return *this;
}

std::string Sha256::hex() {
  std::array<unsigned char, 32> digest;
  check(EVP_DigestFinal_ex(state_->context, digest.data(), nullptr));
  std::string text;
  for (const unsigned char byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

std::string sha256_hex(std::string_view bytes) {
  return Sha256().update(bytes).hex();
}

uint64_t sha256_number(std::string_view bytes) {
  const std::string hash = sha256_hex(bytes);
  uint64_t number = 0;
  std::from_chars(hash.data(), hash.data() + 16, number, 16);
  return number;
}

std::string sha256_file(const std::filesystem::path& path) {
  return sha256_hex(MappedFile(path).bytes());
}

std::string sha256_files(const std::vector<std::filesystem::path>& paths) {
  Sha256 hash;
  for (const std::filesystem::path& path : paths) hash.update(MappedFile(path).bytes());
  return hash.hex();
}

}  // namespace assay

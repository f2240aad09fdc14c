#include "harness/rating/session.h"

#include <algorithm>
#include <charconv>

#include "base/crypto/cipher.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

namespace assay::harness {
namespace {

constexpr size_t kTokenLetters = 43;

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned different = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    different |= static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  }
  return different == 0;
}

}  // namespace

std::string new_token() {
  std::string token = to_base64(random_bytes(32));
  token.resize(kTokenLetters);  // without its padding
  std::replace(token.begin(), token.end(), '+', '-');
  std::replace(token.begin(), token.end(), '/', '_');
  return token;
}

bool has_token_form(std::string_view token) {
  return token.size() == kTokenLetters && std::all_of(token.begin(), token.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

std::string token_hash(std::string_view token) {
  return sha256_hex(token);
}

std::string new_session_secret() {
  return to_base64(random_bytes(kKeyBytes));
}

std::string session_value(const std::string& secret, int64_t rater, const std::string& hash) {
  const std::optional<std::string> key = from_base64(secret);
  // An empty key would make codes that anybody can compute.
  if (!key || key->size() != kKeyBytes) fail_input("the round has lost the key of its sessions");
  return fmt::format("{}.{}", rater, authenticate(Secret(*key), fmt::format("rater {} {}", rater, hash)));
}

std::optional<int64_t> session_rater(std::string_view value) {
  int64_t rater = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), rater);
  if (error != std::errc() || end == value.data() + value.size() || *end != '.' || rater <= 0) return std::nullopt;
  return rater;
}

bool session_is_valid(std::string_view value, const std::string& secret, int64_t rater, const std::string& hash) {
  return equal_in_constant_time(value, session_value(secret, rater, hash));
}

std::string cookie_value(std::string_view header, std::string_view name) {
  for (const std::string& part : split(header, ';')) {
    const std::string_view pair = python_strip(part);
    const size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) return std::string(pair.substr(equals + 1));
  }
  return "";
}

}  // namespace assay::harness

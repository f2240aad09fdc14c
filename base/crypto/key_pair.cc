#include "base/crypto/key_pair.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/crypto/cipher.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace assay {
namespace {

static_assert(kKeyBytes == crypto_box_SECRETKEYBYTES && kKeyBytes == crypto_box_PUBLICKEYBYTES);

constexpr std::string_view kPublicKind = "assay-public-key-1";
constexpr std::string_view kSecretKind = "assay-secret-key-1";

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// O_EXCL, so that no key is lost and no link is followed.
void write_new(const std::filesystem::path& path, std::string_view text, mode_t mode) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0 && errno == EEXIST) {
    fail(ExitCode::kUsage, "{}: exists already; name another file, or remove it first", path.string());
  }
  if (file < 0) fail(ExitCode::kIo, "{}: cannot be written: {}", path.string(), std::strerror(errno));
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(file) == 0;
  const int reason = errno;
  close(file);
  if (written) return;
  unlink(path.c_str());
  fail(ExitCode::kIo, "{}: cannot be written: {}", path.string(), std::strerror(reason));
}

// The words of a key file's only line, its kind left out.
std::vector<std::string> words_of(const std::filesystem::path& file, std::string_view kind) {
  const std::string text = read_file(file);
  std::vector<std::string> words = split(python_strip(text), ' ');
  if (words.front() != kind || words.size() < 2) {
    fail_input("{}: is no {} key of `assay preference keygen`", file.string(),
               kind == kPublicKind ? "public" : "secret");
  }
  words.erase(words.begin());
  return words;
}

std::string decoded(const std::filesystem::path& file, std::string_view word) {
  const std::optional<std::string> bytes = from_base64(word);
  if (!bytes) fail_input("{}: the key is damaged", file.string());
  return *bytes;
}

uint64_t number_of(const std::filesystem::path& file, const std::string& word) {
  uint64_t number = 0;
  const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (problem != std::errc() || end != word.data() + word.size()) fail_input("{}: the key is damaged", file.string());
  return number;
}

Secret unlocked(const std::filesystem::path& file, const std::vector<std::string>& words, const Secret& passphrase) {
  if (words.size() == 1) return Secret(decoded(file, words[0]));
  if (words.size() != 5 || words[0] != "argon2id") fail_input("{}: the key is damaged", file.string());
  if (passphrase.empty()) {
    fail(ExitCode::kUsage, "{}: is locked by a passphrase; give it with --passphrase-file or ASSAY_PASSPHRASE",
         file.string());
  }
  const PassphraseCost cost{number_of(file, words[1]), number_of(file, words[2])};
  const Secret key = key_from_passphrase(passphrase, decoded(file, words[3]), cost);
  std::optional<Secret> secret = decrypt(key, decoded(file, words[4]), kSecretKind);
  if (!secret) fail(ExitCode::kUsage, "{}: the passphrase is wrong, or the file is damaged", file.string());
  return std::move(*secret);
}

}  // namespace

KeyPair new_key_pair() {
  KeyPair keys{std::string(kKeyBytes, '\0'), Secret(kKeyBytes)};
  crypto_box_keypair(reinterpret_cast<unsigned char*>(keys.public_key.data()), keys.secret_key.data());
  return keys;
}

std::string seal_for(std::string_view public_key, const Secret& plain) {
  std::string box(plain.size() + crypto_box_SEALBYTES, '\0');
  if (public_key.size() != kKeyBytes || crypto_box_seal(reinterpret_cast<unsigned char*>(box.data()), plain.data(),
                                                        plain.size(), bytes_of(public_key)) != 0) {
    fail_input("a public key is not one of X25519");
  }
  return box;
}

std::optional<Secret> open_sealed(const KeyPair& keys, std::string_view box) {
  if (box.size() < crypto_box_SEALBYTES) return std::nullopt;
  Secret plain(box.size() - crypto_box_SEALBYTES);
  if (crypto_box_seal_open(plain.data(), bytes_of(box), box.size(), bytes_of(keys.public_key),
                           keys.secret_key.data()) != 0) {
    return std::nullopt;
  }
  return plain;
}

void write_key_pair(const KeyPair& keys, const std::filesystem::path& secret_file,
                    const std::filesystem::path& public_file, const Secret& passphrase) {
  std::string line;
  if (passphrase.empty()) {
    line = fmt::format("{} {}\n", kSecretKind, to_base64(keys.secret_key.view()));
  } else {
    const PassphraseCost cost;
    const std::string salt = random_bytes(kSaltBytes);
    const std::string box = encrypt(key_from_passphrase(passphrase, salt, cost), keys.secret_key.view(), kSecretKind);
    line = fmt::format("{} argon2id {} {} {} {}\n", kSecretKind, cost.operations, cost.memory_bytes, to_base64(salt),
                       to_base64(box));
  }
  write_new(secret_file, line, 0600);
  sodium_memzero(line.data(), line.size());
  write_new(public_file, fmt::format("{} {}\n", kPublicKind, to_base64(keys.public_key)), 0644);
}

std::string read_public_key(const std::filesystem::path& file) {
  const std::vector<std::string> words = words_of(file, kPublicKind);
  const std::string key = decoded(file, words[0]);
  if (words.size() != 1 || key.size() != kKeyBytes) fail_input("{}: the key is damaged", file.string());
  return key;
}

KeyPair read_secret_key(const std::filesystem::path& file, const Secret& passphrase) {
  struct stat status {};
  if (stat(file.c_str(), &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    fail(ExitCode::kUsage, "{}: others may read this secret key; `chmod 600` it first", file.string());
  }
  KeyPair keys{std::string(kKeyBytes, '\0'), unlocked(file, words_of(file, kSecretKind), passphrase)};
  if (keys.secret_key.size() != kKeyBytes) fail_input("{}: the key is damaged", file.string());
  crypto_scalarmult_base(reinterpret_cast<unsigned char*>(keys.public_key.data()), keys.secret_key.data());
  return keys;
}

}  // namespace assay

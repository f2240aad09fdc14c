#include "base/hash.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include "base/error.h"
#include "base/random.h"
#include "tests/support/temporary_folder.h"

namespace assay {
namespace {

struct Vector {
  std::string message;
  const char* digest;
};

// FIPS 180-4's examples (NIST, "Example values", SHA-256) and the borders of a 64-byte block, which come from
// sha256sum.
const std::vector<Vector>& vectors() {
  static const std::vector<Vector> cases = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrst"
       "u",
       "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
      {std::string(1000000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
      {std::string(55, 'a'), "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
      {std::string(56, 'a'), "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
      {std::string(63, 'a'), "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
      {std::string(64, 'a'), "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
      {std::string(65, 'a'), "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"},
      {std::string(1, '\0'), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
  };
  return cases;
}

TEST(Sha256, KnownAnswers) {
  for (const auto& [message, digest] : vectors()) EXPECT_EQ(sha256_hex(message), digest) << message.size();
}

// Texts of all lengths in pieces of all lengths, so that pieces begin and end everywhere in a block.
TEST(Sha256, EveryCutGivesLibsodiumsDigest) {
  PythonRandom random(4);
  for (size_t length = 0; length < 600; ++length) {
    std::string text;
    while (text.size() < length) text += static_cast<char>(random.below(256));
    Sha256 hash;
    for (size_t at = 0; at < length;) {
      const size_t piece = 1 + random.below(200);
      hash.update(std::string_view(text).substr(at, piece));
      at += piece;
    }
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest;
    crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(text.data()), length);
    std::string expected;
    for (const unsigned char byte : digest) expected += fmt::format("{:02x}", byte);
    ASSERT_EQ(hash.hex(), expected) << length;
  }
}

TEST(Sha256, PiecesAreTheWhole) {
  for (const auto& [message, digest] : vectors()) {
    for (const size_t piece : {1u, 7u, 64u, 1000u}) {
      if (message.size() / piece > 100000) continue;
      Sha256 hash;
      for (size_t at = 0; at < message.size(); at += piece) hash.update(std::string_view(message).substr(at, piece));
      EXPECT_EQ(hash.update({}).hex(), digest) << message.size() << " in pieces of " << piece;
    }
  }
}

TEST(Sha256, ACopyGoesItsOwnWay) {
  Sha256 prefix;
  prefix.update("ab");
  Sha256 copy(prefix);
  Sha256 assigned;
  assigned.update("something else");
  assigned = prefix;
  EXPECT_EQ(copy.update("c").hex(), sha256_hex("abc"));
  EXPECT_EQ(assigned.update("d").hex(), sha256_hex("abd"));
  EXPECT_EQ(prefix.hex(), sha256_hex("ab"));
}

TEST(Sha256, Files) {
  const testing::TemporaryFolder folder;
  EXPECT_EQ(sha256_file(folder.write("abc", "abc")), sha256_hex("abc"));
  EXPECT_EQ(sha256_file(folder.write("empty", "")), sha256_hex(""));
  for (const std::filesystem::path& path : {folder / "missing", folder.path()}) {
    try {
      sha256_file(path);
      ADD_FAILURE() << path;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kIo);
      EXPECT_EQ(std::string(error.what()).rfind(path.string() + ": ", 0), 0u) << error.what();
    }
  }
}

}  // namespace
}  // namespace assay

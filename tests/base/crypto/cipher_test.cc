#include "base/crypto/cipher.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"

namespace assay {
namespace {

// Cheap: these tests are about what comes out, not about what it costs.
constexpr PassphraseCost kCheap{1, 8 << 20};

TEST(Cipher, OpensWhatItSealed) {
  const Secret key = random_key();
  for (const std::string& plain :
       {std::string(), std::string("a"), std::string(100'000, 'x'), std::string("\0\xff", 2)}) {
    const std::string box = encrypt(key, plain, "place");
    EXPECT_EQ(box.size(), plain.size() + 40);
    EXPECT_TRUE(plain.size() < 4 || box.find(plain) == std::string::npos);
    const std::optional<Secret> opened = decrypt(key, box, "place");
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->view(), plain);
    EXPECT_NE(encrypt(key, plain, "place"), box) << "a nonce was used twice";
  }
}

TEST(Cipher, EveryFlippedBitIsNoticed) {
  const Secret key = random_key();
  const std::string box = encrypt(key, "forty-two", "place");
  for (size_t bit = 0; bit < 8 * box.size(); ++bit) {
    std::string changed = box;
    changed[bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_FALSE(decrypt(key, changed, "place")) << "bit " << bit;
  }
  for (size_t size = 0; size < box.size(); ++size) EXPECT_FALSE(decrypt(key, box.substr(0, size), "place"));
  EXPECT_FALSE(decrypt(key, box, "another place"));
  EXPECT_FALSE(decrypt(random_key(), box, "place"));
}

TEST(Cipher, PassphrasesGiveTheirKey) {
  const std::string salt(kSaltBytes, 's');
  const Secret key = key_from_passphrase(Secret("open sesame"), salt, kCheap);
  EXPECT_EQ(key.view(), key_from_passphrase(Secret("open sesame"), salt, kCheap).view());
  EXPECT_NE(key.view(), key_from_passphrase(Secret("open sesamf"), salt, kCheap).view());
  EXPECT_NE(key.view(), key_from_passphrase(Secret("open sesame"), std::string(kSaltBytes, 't'), kCheap).view());
  EXPECT_THROW(key_from_passphrase(Secret("x"), "short", kCheap), Error);
  EXPECT_THROW(key_from_passphrase(Secret("x"), salt, {1, uint64_t{1} << 40}), Error);
  EXPECT_THROW(key_from_passphrase(Secret("x"), salt, {1'000'000, 8 << 20}), Error);
}

// RFC 9106's own vector has a secret and associated data, which libsodium does not offer; BLAKE2b keyed is RFC 7693's.
TEST(Cipher, KeysForPurposesDiffer) {
  const Secret key = random_key();
  EXPECT_EQ(derive_key(key, "a").view(), derive_key(key, "a").view());
  EXPECT_NE(derive_key(key, "a").view(), derive_key(key, "b").view());
  EXPECT_NE(derive_key(key, "a").view(), key.view());
  EXPECT_EQ(authenticate(key, "text").size(), 64U);
  EXPECT_NE(authenticate(key, "text"), authenticate(key, "texu"));
}

TEST(Cipher, Base64IsExact) {
  for (const std::string& bytes : {std::string(), std::string("f"), std::string("fo"), std::string("\0\xff\x80", 3)}) {
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
  }
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
  for (const char* wrong : {"Zg", "Zg=", "Zg==x", "Zm9v\n", "Zm9*", "=", "Zh=="}) {
    EXPECT_FALSE(from_base64(wrong)) << wrong;
  }
}

TEST(Secret, MovesAndWipes) {
  Secret a("key");
  Secret b = std::move(a);
  EXPECT_EQ(b.view(), "key");
  Secret zeros(16);
  EXPECT_TRUE(std::all_of(zeros.data(), zeros.data() + 16, [](unsigned char byte) { return byte == 0; }));
  zeros = std::move(b);
  EXPECT_EQ(zeros.view(), "key");
  EXPECT_TRUE(Secret().empty());
}

}  // namespace
}  // namespace assay

#include "base/crypto/key_pair.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/crypto/cipher.h"
#include "base/error.h"
#include "base/file.h"
#include "tests/support/damage.h"
#include "tests/support/temporary_folder.h"

namespace assay {
namespace {

using testing::TemporaryFolder;

ExitCode code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return ExitCode::kDone;
}

TEST(KeyPair, OpensWhatWasSealedForIt) {
  const KeyPair keys = new_key_pair();
  const std::string box = seal_for(keys.public_key, Secret("data key"));
  EXPECT_EQ(open_sealed(keys, box)->view(), "data key");
  EXPECT_FALSE(open_sealed(new_key_pair(), box));
  for (size_t byte = 0; byte < box.size(); ++byte) {
    std::string changed = box;
    changed[byte] ^= 1;
    EXPECT_FALSE(open_sealed(keys, changed)) << byte;
  }
  EXPECT_EQ(code_of([] { seal_for("short", Secret("x")); }), ExitCode::kBadInput);
}

TEST(KeyPair, FilesKeepTheKey) {
  const TemporaryFolder folder;
  for (const char* passphrase : {"", "correct horse"}) {
    const auto secret = folder.path() / (std::string("secret") + passphrase);
    const auto open = folder.path() / (std::string("public") + passphrase);
    const KeyPair keys = new_key_pair();
    write_key_pair(keys, secret, open, Secret(passphrase));
    EXPECT_EQ(read_public_key(open), keys.public_key);
    const KeyPair read = read_secret_key(secret, Secret(passphrase));
    EXPECT_EQ(read.public_key, keys.public_key);
    EXPECT_EQ(read.secret_key.view(), keys.secret_key.view());
    EXPECT_EQ(std::filesystem::status(secret).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    // Nothing is written over.
    EXPECT_EQ(code_of([&] { write_key_pair(keys, secret, folder.path() / "other", Secret()); }), ExitCode::kUsage);
    EXPECT_EQ(code_of([&] { read_public_key(secret); }), ExitCode::kBadInput);
  }
  const auto locked = folder.path() / "secretcorrect horse";
  EXPECT_EQ(code_of([&] { read_secret_key(locked, Secret()); }), ExitCode::kUsage);
  EXPECT_EQ(code_of([&] { read_secret_key(locked, Secret("wrong")); }), ExitCode::kUsage);
}

TEST(KeyPair, KeyThatOthersMayReadIsRefused) {
  const TemporaryFolder folder;
  const auto secret = folder.path() / "secret";
  write_key_pair(new_key_pair(), secret, folder.path() / "public", Secret());
  std::filesystem::permissions(secret, std::filesystem::perms::group_read, std::filesystem::perm_options::add);
  EXPECT_EQ(code_of([&] { read_secret_key(secret, Secret()); }), ExitCode::kUsage);
}

TEST(KeyPair, DamagedFilesAreRefusedOrAnotherKey) {
  const TemporaryFolder folder;
  write_key_pair(new_key_pair(), folder.path() / "s", folder.path() / "p", Secret());
  const std::string line = read_file(folder.path() / "p");
  for (uint32_t seed = 0; seed < 200; ++seed) {
    write_file_atomically(folder.path() / "d", testing::damaged(line, seed));
    try {
      EXPECT_EQ(read_public_key(folder.path() / "d").size(), kKeyBytes);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kBadInput);
    }
  }
}

}  // namespace
}  // namespace assay

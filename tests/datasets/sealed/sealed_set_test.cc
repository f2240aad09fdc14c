#include "datasets/sealed/sealed_set.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/error.h"
#include "base/hash.h"
#include "tests/datasets/sealed/made_set.h"
#include "tests/support/damage.h"

namespace assay::datasets {
namespace {

using testing::made_credentials;
using testing::made_prompts;
using testing::made_request;

Error error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  return Error(ExitCode::kDone, "no error");
}

SealedFile parsed(const std::string& text) {
  return parse_sealed_file(text, "made.sealed");
}

TEST(SealedSet, OpensToWhatWasSealed) {
  const std::string text = to_text(seal_set(made_request()));
  const OpenedSet opened = open_set(parsed(text), made_credentials());
  EXPECT_EQ(opened.prompts, made_prompts());
  EXPECT_EQ(opened.role, Role::kOwner);
  EXPECT_EQ(opened.file.categories, (std::map<std::string, int>{{"advice", 2}, {"coding", 1}}));
  for (const HiddenPrompt& prompt : made_prompts()) {
    EXPECT_EQ(text.find(prompt.prompt.substr(0, 12)), std::string::npos) << "plain text in the sealed file";
  }
}

// Anyone can check a revealed prompt with nothing but SHA-256.
TEST(SealedSet, RevealedPromptIsProvedByItsSalt) {
  const OpenedSet opened = open_set(seal_set(made_request()), made_credentials());
  for (size_t i = 0; i < opened.prompts.size(); ++i) {
    EXPECT_EQ(sha256_hex(opened.salts[i] + to_json_line(opened.prompts[i])), opened.file.lines[i].commitment);
  }
}

TEST(SealedSet, WrongKeysAreRefused) {
  const SealedFile file = seal_set(made_request());
  EXPECT_EQ(error_of([&] { open_set(file, made_credentials("open sesamf")); }).code(), ExitCode::kUsage);
  EXPECT_EQ(error_of([&] { open_set(file, {}); }).code(), ExitCode::kUsage);
  Credentials stranger;
  stranger.keys = new_key_pair();
  EXPECT_EQ(error_of([&] { open_set(file, stranger); }).code(), ExitCode::kUsage);
}

TEST(SealedSet, RecipientsOpenItInTheirRole) {
  const KeyPair owner = new_key_pair();
  const KeyPair rater_host = new_key_pair();
  SealRequest request = made_request();
  request.passphrase = Secret();
  request.recipients = {{Role::kOperator, "host", rater_host.public_key}};
  EXPECT_EQ(error_of([&] { seal_set(request); }).code(), ExitCode::kUsage) << "no owner";
  request.recipients.push_back({Role::kOwner, "ann", owner.public_key});
  const SealedFile file = parsed(to_text(seal_set(request)));
  for (const auto& [keys, role, name] :
       {std::tuple{&owner, Role::kOwner, "ann"}, {&rater_host, Role::kOperator, "host"}}) {
    Credentials credentials;
    credentials.keys = {keys->public_key, Secret(keys->secret_key.view())};
    const OpenedSet opened = open_set(file, credentials);
    EXPECT_EQ(opened.role, role);
    EXPECT_EQ(opened.opened_by, name);
    EXPECT_EQ(opened.prompts, made_prompts());
  }
}

TEST(SealedSet, EveryFlippedBitIsNoticed) {
  const std::string text = to_text(seal_set(made_request()));
  for (size_t bit = 0; bit < 8 * text.size(); ++bit) {
    std::string changed = text;
    changed[bit / 8] ^= static_cast<char>(1 << bit % 8);
    ASSERT_EQ(error_of([&] { parsed(changed); }).code(), ExitCode::kBadInput) << "bit " << bit;
  }
}

TEST(SealedSet, CutOrDamagedFilesAreRefused) {
  const std::string text = to_text(seal_set(made_request()));
  for (size_t size = 0; size < text.size(); size += 7) {
    ASSERT_EQ(error_of([&] { parsed(text.substr(0, size)); }).code(), ExitCode::kBadInput) << size;
  }
  for (uint32_t seed = 0; seed < 500; ++seed) {
    const std::string changed = testing::damaged(text, seed);
    if (changed == text) continue;
    ASSERT_EQ(error_of([&] { parsed(changed); }).code(), ExitCode::kBadInput) << seed;
  }
}

// Who writes a new hash below a changed file is still found out by the key.
TEST(SealedSet, ForgedFilesDoNotOpen) {
  const SealedFile file = seal_set(made_request());
  const OpenedSet opened = open_set(file, made_credentials());
  struct Case {
    const char* what;
    std::function<void(SealedFile&)> change;
  };
  const Case cases[] = {
      {"name", [](SealedFile& f) { f.name = "other"; }},
      {"canary", [](SealedFile& f) { f.canary = ""; }},
      {"role", [](SealedFile& f) { f.slots[0].role = Role::kOperator; }},
      {"slot added", [](SealedFile& f) { f.slots.push_back(f.slots[0]); }},
      {"prompt left out",
       [](SealedFile& f) {
         f.lines.pop_back();
         --f.categories["coding"];
       }},
      {"boxes exchanged", [](SealedFile& f) { std::swap(f.lines[0].box, f.lines[1].box); }},
      {"commitments exchanged", [](SealedFile& f) { std::swap(f.lines[0].commitment, f.lines[1].commitment); }},
      {"box of another set", [](SealedFile& f) { f.lines[0].box = seal_set(made_request()).lines[0].box; }},
      {"box changed", [](SealedFile& f) { f.lines[2].box.back() ^= 1; }},
  };
  for (const Case& forged : cases) {
    SealedFile changed = file;
    forged.change(changed);
    changed.merkle_root = merkle_root_of(changed.lines);
    const SealedFile read = parsed(to_text(changed));
    EXPECT_EQ(error_of([&] { open_set(read, made_credentials()); }).code(), ExitCode::kBadInput) << forged.what;
  }
}

TEST(SealedSet, SealedAgainOnlyWhatChangedIsNew) {
  const OpenedSet before = open_set(seal_set(made_request()), made_credentials());
  std::vector<HiddenPrompt> prompts = made_prompts();
  prompts[1].note = "Another note.";
  prompts.push_back({"advice-003", "advice", "easy", "en", {}, "New here.", ""});
  const KeyPair host = new_key_pair();
  SealRequest request = made_request(prompts);
  request.recipients = {{Role::kOperator, "host", host.public_key}};
  const SealedFile after = seal_again(before, request);
  ASSERT_EQ(after.lines.size(), 4U);
  EXPECT_EQ(after.lines[0], before.file.lines[0]);
  EXPECT_NE(after.lines[1], before.file.lines[1]);
  EXPECT_EQ(after.lines[2].id, "advice-003");
  EXPECT_EQ(after.lines[3], before.file.lines[2]);
  EXPECT_EQ(after.set, before.file.set);
  EXPECT_EQ(open_set(parsed(to_text(after)), made_credentials()).prompts.size(), 4U);
  Credentials by_key;
  by_key.keys = {host.public_key, Secret(host.secret_key.view())};
  EXPECT_EQ(open_set(after, by_key).role, Role::kOperator);
}

}  // namespace
}  // namespace assay::datasets

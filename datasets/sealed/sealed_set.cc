#include "datasets/sealed/sealed_set.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/entropy.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

namespace assay::datasets {
namespace {

constexpr const char* kHeaderPurpose = "assay sealed set: header";
constexpr const char* kPromptPurpose = "assay sealed set: prompts";
constexpr size_t kSaltDigits = 32;

// What a box must be opened with beside its key: in another set, or under another id, it does not open.
std::string prompt_context(const std::string& set, const std::string& id) {
  return set + " " + id;
}

std::string slot_context(const std::string& set) {
  return set + " data key";
}

std::string commitment_of(const std::string& salt, const std::string& line) {
  return sha256_hex(salt + line);
}

// The salt's digits, then the prompt's line.
SealedLine seal_line(const HiddenPrompt& prompt, const std::string& set, const Secret& key) {
  const std::string salt = random_hex(kSaltDigits / 2);
  const std::string line = to_json_line(prompt);
  return {prompt.id, commitment_of(salt, line), encrypt(key, salt + line, prompt_context(set, prompt.id))};
}

Slot passphrase_slot(const std::string& set, const Secret& data_key, const Secret& passphrase,
                     const PassphraseCost& cost) {
  Slot slot;
  slot.name = "passphrase";
  slot.salt = random_bytes(kSaltBytes);
  slot.cost = cost;
  slot.box = encrypt(key_from_passphrase(passphrase, slot.salt, cost), data_key.view(), slot_context(set));
  return slot;
}

Slot recipient_slot(const Secret& data_key, const Recipient& recipient) {
  Slot slot;
  slot.role = recipient.role;
  slot.name = recipient.name;
  slot.public_key = recipient.public_key;
  slot.box = seal_for(recipient.public_key, data_key);
  return slot;
}

std::optional<Secret> open_slot(const Slot& slot, const std::string& set, const Credentials& credentials) {
  if (slot.public_key.empty()) {
    if (credentials.passphrase.empty()) return std::nullopt;
    return decrypt(key_from_passphrase(credentials.passphrase, slot.salt, slot.cost), slot.box, slot_context(set));
  }
  if (credentials.keys.public_key != slot.public_key) return std::nullopt;
  return open_sealed(credentials.keys, slot.box);
}

[[noreturn]] void refuse(const SealedFile& file) {
  std::vector<std::string> names;
  for (const Slot& slot : file.slots) {
    names.push_back(slot.public_key.empty() ? "a passphrase" : fmt::format("the key of {}", printable(slot.name)));
  }
  fail(ExitCode::kUsage, "{}: neither passphrase nor key opens it; it opens with {}", file.origin, some_of(names));
}

// Prompts sorted by id; of `before` the lines that are still right.
SealedFile sealed(SealedFile file, std::vector<HiddenPrompt> prompts, const Secret& data_key, const OpenedSet* before) {
  std::sort(prompts.begin(), prompts.end(), [](const HiddenPrompt& a, const HiddenPrompt& b) { return a.id < b.id; });
  std::map<std::string, size_t> old;
  if (before != nullptr) {
    for (size_t i = 0; i < before->prompts.size(); ++i) old[before->prompts[i].id] = i;
  }
  const Secret key = derive_key(data_key, kPromptPurpose);
  file.categories.clear();
  file.lines.clear();
  for (const HiddenPrompt& prompt : prompts) {
    ++file.categories[prompt.category];
    const auto found = old.find(prompt.id);
    const bool same = found != old.end() && before->prompts[found->second] == prompt;
    file.lines.push_back(same ? before->file.lines[found->second] : seal_line(prompt, file.set, key));
  }
  file.merkle_root = merkle_root_of(file.lines);
  file.mac = authenticate(derive_key(data_key, kHeaderPurpose), header_without_mac(file));
  return file;
}

}  // namespace

OpenedSet open_set(SealedFile file, const Credentials& credentials) {
  OpenedSet opened;
  for (const Slot& slot : file.slots) {
    std::optional<Secret> key = open_slot(slot, file.set, credentials);
    if (!key || key->size() != kKeyBytes) continue;
    opened.data_key = std::move(*key);
    opened.role = slot.role;
    opened.opened_by = slot.name;
    break;
  }
  if (opened.data_key.empty()) refuse(file);
  if (authenticate(derive_key(opened.data_key, kHeaderPurpose), header_without_mac(file)) != file.mac) {
    fail_input("{}: the header was changed after it was sealed", file.origin);
  }
  const Secret key = derive_key(opened.data_key, kPromptPurpose);
  for (const SealedLine& line : file.lines) {
    const std::string where = fmt::format("{}: prompt {}", file.origin, printable(line.id));
    const std::optional<Secret> plain = decrypt(key, line.box, prompt_context(file.set, line.id));
    if (!plain || plain->size() < kSaltDigits) fail_input("{}: was changed after it was sealed", where);
    const std::string salt(plain->view().substr(0, kSaltDigits));
    const std::string text(plain->view().substr(kSaltDigits));
    if (commitment_of(salt, text) != line.commitment) fail_input("{}: is not the prompt of its commitment", where);
    opened.prompts.push_back(parse_hidden_prompt(text, where));
    opened.salts.push_back(salt);
  }
  opened.file = std::move(file);
  return opened;
}

SealedFile seal_set(const SealRequest& request) {
  const Secret data_key = random_key();
  SealedFile file;
  file.set = random_hex(16);
  file.name = request.name;
  file.canary =
      fmt::format("Hidden evaluation data: must never appear in a training corpus. Canary {}", random_hex(16));
  if (!request.passphrase.empty()) {
    file.slots.push_back(passphrase_slot(file.set, data_key, request.passphrase, request.cost));
  }
  for (const Recipient& recipient : request.recipients) file.slots.push_back(recipient_slot(data_key, recipient));
  if (std::none_of(file.slots.begin(), file.slots.end(), [](const Slot& slot) { return slot.role == Role::kOwner; })) {
    fail(ExitCode::kUsage, "a sealed set needs an owner: give a passphrase, or an owner's public key");
  }
  return sealed(std::move(file), request.prompts, data_key, nullptr);
}

SealedFile seal_again(const OpenedSet& before, const SealRequest& request) {
  SealedFile file = before.file;
  for (const Recipient& recipient : request.recipients) {
    std::erase_if(file.slots, [&](const Slot& slot) { return slot.public_key == recipient.public_key; });
    file.slots.push_back(recipient_slot(before.data_key, recipient));
  }
  return sealed(std::move(file), request.prompts, before.data_key, &before);
}

}  // namespace assay::datasets

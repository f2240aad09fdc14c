// Sealing and opening a hidden set (sealed_file.h says what the file holds). Pure but for chance; not thread-safe while
// an OpenedSet is moved.
#pragma once

#include <string>
#include <vector>

#include "base/crypto/key_pair.h"
#include "datasets/sealed/hidden_prompt.h"
#include "datasets/sealed/sealed_file.h"

namespace assay::datasets {

struct OpenedSet {
  SealedFile file;
  Role role = Role::kOwner;  // of the slot that opened it
  std::string opened_by;     // that slot's name
  Secret data_key;
  std::vector<HiddenPrompt> prompts;  // in the order of file.lines
  std::vector<std::string> salts;     // of the commitments
};

// What a person opens a set with; either may be empty.
struct Credentials {
  Secret passphrase;
  KeyPair keys;
};

struct Recipient {
  Role role = Role::kOwner;
  std::string name;
  std::string public_key;
};

struct SealRequest {
  std::string name;
  std::vector<HiddenPrompt> prompts;
  Secret passphrase;  // of an owner; empty: none
  std::vector<Recipient> recipients;
  PassphraseCost cost;
};

// Opens every prompt and checks mac and commitments. Error(kUsage) where no slot fits the credentials, naming those
// there are; kBadInput naming the prompt that was changed.
OpenedSet open_set(SealedFile file, const Credentials& credentials);

// A new set. Error(kUsage) where neither a passphrase nor a recipient is an owner.
SealedFile seal_set(const SealRequest& request);

// The set `before` with the request's prompts in place of its own: prompts that did not change keep their line, and the
// slots stay, with those of the request's recipients added. The request's name and passphrase do not count.
SealedFile seal_again(const OpenedSet& before, const SealRequest& request);

}  // namespace assay::datasets

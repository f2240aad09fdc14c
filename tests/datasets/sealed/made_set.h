// Hidden sets for tests: few prompts, and a passphrase that costs nothing to try.
#pragma once

#include <string>
#include <vector>

#include "datasets/sealed/sealed_set.h"

namespace assay::testing {

inline constexpr PassphraseCost kCheapPassphrase{1, 8 << 20};

inline std::vector<datasets::HiddenPrompt> made_prompts() {
  return {
      {"advice-001", "advice", "easy", "en", {"home"}, "The kettle whistles before it boils. Should I worry?", ""},
      {"advice-002",
       "advice",
       "hard",
       "de",
       {"work", "law"},
       "Mein Chef zahlt seit März zu wenig. Was nun?",
       "Fristen."},
      {"coding-001",
       "coding",
       "medium",
       "en",
       {"cpp"},
       "Why does `while (i = 1)` never end?\nIt compiles.",
       "= and =="},
  };
}

inline datasets::SealRequest made_request(std::vector<datasets::HiddenPrompt> prompts = made_prompts()) {
  datasets::SealRequest request;
  request.name = "made";
  request.prompts = std::move(prompts);
  request.passphrase = Secret("open sesame");
  request.cost = kCheapPassphrase;
  return request;
}

inline datasets::Credentials made_credentials(std::string_view passphrase = "open sesame") {
  datasets::Credentials credentials;
  credentials.passphrase = Secret(passphrase);
  return credentials;
}

}  // namespace assay::testing

// Texts that belong to a hidden set - a model's response, a rater's comment - as they stand in the database: encrypted
// under a key of the set's own, so that who opens the set opens them.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "datasets/sealed/sealed_set.h"
#include "store/store.h"

namespace assay::harness {

// Thread-safe.
class HiddenTexts {
 public:
  explicit HiddenTexts(const datasets::OpenedSet& set);

  // "sealed:" and base64. `place` is what the text is of ("response advice-001 0"): at another place it does not open.
  std::string seal(std::string_view place, std::string_view text) const;
  // Error(kBadInput) naming the place where the text is not what was sealed there by this set.
  std::string open(std::string_view place, std::string_view sealed) const;
  // 64 hexadecimal digits that name a text and cannot be guessed from it without the set's key: where a plain hash of a
  // short prompt would give it away.
  std::string mark(std::string_view text) const;

 private:
  std::string set_;
  Secret key_;
  Secret mark_key_;
};

// The place of a model's response: a sample's id, and which of its answers.
std::string response_place(const std::string& id, int sample);

// The first response of every prompt of a run of `assay preference run`, by the prompt's id. Error(kUsage) where the
// run is of another task or set.
std::map<std::string, std::string> open_responses(const store::Store& store, const store::RunInfo& run,
                                                  const datasets::OpenedSet& set);

}  // namespace assay::harness

// The bodies of POST /api/vote, /api/undo and /api/session: read strictly, because anybody can send anything. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/ratings.h"

namespace assay::harness {

inline constexpr size_t kLongestComment = 4000;  // characters

struct VoteBody {
  int64_t assignment = 0;
  store::NewVote vote;  // its comment in the clear; flags in the order of the interface, each once
};

// Nothing where `body` is not the JSON that the interface describes; `problem` says in one sentence why.
std::optional<VoteBody> parse_vote(std::string_view body, std::string& problem);
std::optional<std::string> parse_undo(std::string_view body, std::string& problem);   // its key
std::optional<std::string> parse_login(std::string_view body, std::string& problem);  // the token

}  // namespace assay::harness

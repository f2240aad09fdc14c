#include "harness/rating/vote_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace assay::harness {
namespace {

using store::Json;

constexpr std::array kFlags = {
    "both_bad",    "left_unsafe", "right_unsafe", "left_refuses_wrongly", "right_refuses_wrongly",
    "left_broken", "right_broken"};
constexpr int64_t kLongestTime = 24LL * 60 * 60 * 1000;  // a rater may leave the page open over night

std::optional<Json> parse_object(std::string_view body, std::string& problem) {
  Json json = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (json.is_object()) return json;
  problem = "the body is not a JSON object in UTF-8";
  return std::nullopt;
}

// An integer, or a number without a fraction, within the limits.
std::optional<int64_t> integer_at(const Json& json, const char* field, int64_t low, int64_t high,
                                  std::string& problem) {
  const auto found = json.find(field);
  if (found != json.end() && found->is_number_integer() &&
      !(found->is_number_unsigned() && found->get<uint64_t>() > static_cast<uint64_t>(INT64_MAX))) {
    const int64_t value = found->get<int64_t>();
    if (value >= low && value <= high) return value;
  }
  problem = fmt::format("{}: is not a whole number from {} to {}", field, low, high);
  return std::nullopt;
}

std::optional<std::string> key_at(const Json& json, std::string& problem) {
  const auto found = json.find("key");
  if (found != json.end() && found->is_string()) {
    std::string key = found->get<std::string>();
    const bool plain = std::all_of(key.begin(), key.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
    if (plain && key.size() >= 8 && key.size() <= 64) return key;
  }
  problem = "key: is not a text of 8 to 64 letters, digits, '-' and '_'";
  return std::nullopt;
}

bool read_flags(const Json& json, std::vector<std::string>& flags, std::string& problem) {
  const auto found = json.find("flags");
  if (found == json.end() || !found->is_array()) {
    problem = "flags: is not a list";
    return false;
  }
  std::array<bool, kFlags.size()> set{};
  for (const Json& flag : *found) {
    const auto known =
        std::find_if(kFlags.begin(), kFlags.end(), [&](const char* name) { return flag.is_string() && flag == name; });
    if (known == kFlags.end() || std::exchange(set[static_cast<size_t>(known - kFlags.begin())], true)) {
      problem = "flags: one is unknown, or there twice";
      return false;
    }
  }
  for (size_t i = 0; i < kFlags.size(); ++i) {
    if (set[i]) flags.emplace_back(kFlags[i]);
  }
  return true;
}

bool read_comment(const Json& json, std::string& comment, std::string& problem) {
  const auto found = json.find("comment");
  if (found == json.end() || !found->is_string() ||
      count_code_points(found->get_ref<const std::string&>()) > kLongestComment) {
    problem = fmt::format("comment: is not a text of at most {} characters", kLongestComment);
    return false;
  }
  comment = found->get<std::string>();
  return true;
}

}  // namespace

std::optional<VoteBody> parse_vote(std::string_view body, std::string& problem) {
  const std::optional<Json> json = parse_object(body, problem);
  if (!json) return std::nullopt;
  const std::optional<int64_t> assignment = integer_at(*json, "assignment", 1, INT64_MAX, problem);
  const std::optional<std::string> key = assignment ? key_at(*json, problem) : std::nullopt;
  const std::optional<int64_t> choice = key ? integer_at(*json, "choice", -2, 2, problem) : std::nullopt;
  const std::optional<int64_t> active =
      choice ? integer_at(*json, "active_ms", 0, kLongestTime, problem) : std::nullopt;
  if (!active) return std::nullopt;
  VoteBody parsed;
  parsed.assignment = *assignment;
  parsed.vote.key = *key;
  parsed.vote.choice = static_cast<int>(*choice);
  parsed.vote.active_ms = *active;
  if (!read_flags(*json, parsed.vote.flags, problem) || !read_comment(*json, parsed.vote.comment, problem)) {
    return std::nullopt;
  }
  return parsed;
}

std::optional<std::string> parse_undo(std::string_view body, std::string& problem) {
  const std::optional<Json> json = parse_object(body, problem);
  return json ? key_at(*json, problem) : std::nullopt;
}

std::optional<std::string> parse_login(std::string_view body, std::string& problem) {
  const std::optional<Json> json = parse_object(body, problem);
  if (!json) return std::nullopt;
  const auto found = json->find("token");
  if (found != json->end() && found->is_string()) return found->get<std::string>();
  problem = "token: is not a text";
  return std::nullopt;
}

}  // namespace assay::harness

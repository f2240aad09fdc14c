// A rater's link and cookie. The link holds 256 random bits of which only the SHA-256 is kept; the cookie is a code
// over rater and that hash under a key of the round, so it outlives the server and dies with the link. Pure but for
// chance; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace assay::harness {

// 43 letters of base64url.
std::string new_token();
bool has_token_form(std::string_view token);
// What is stored: SHA-256 in hexadecimal.
std::string token_hash(std::string_view token);

// A round's key for cookies, to be stored with it.
std::string new_session_secret();

// "12.<64 hexadecimal digits>".
std::string session_value(const std::string& secret, int64_t rater, const std::string& hash);
// The rater that a value claims to be of; session_is_valid says whether it is.
std::optional<int64_t> session_rater(std::string_view value);
bool session_is_valid(std::string_view value, const std::string& secret, int64_t rater, const std::string& hash);

// The value of a cookie in the header `Cookie`; empty where it is not there.
std::string cookie_value(std::string_view header, std::string_view name);

}  // namespace assay::harness

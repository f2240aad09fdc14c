// How values lie in the columns: JSON text, and blobs of little-endian numbers. Everything reads back to the same bits;
// what cannot be read is Error(kBadInput) naming the database and `what`.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/request.h"
#include "store/sqlite.h"
#include "store/store.h"

namespace assay::store {

// JSON in UTF-8; bytes that are not UTF-8 become U+FFFD.
std::string encode_json(const Json& value);
std::string encode_json(const std::map<std::string, double>& values);  // doubles by format_double
Json parse_stored(std::string_view text, const Database& database, std::string_view what);

std::string encode_execution(const scorers::Execution& execution);
scorers::Execution decode_execution(std::string_view text, const Database& database, std::string_view what);

std::string to_string(engine::FinishReason finish);  // "stop", "length", "eos"

std::string encode_doubles(const std::vector<double>& values);
std::vector<double> decode_doubles(std::string_view blob, const Database& database, std::string_view what);
std::string encode_tokens(const std::vector<engine::TokenId>& tokens);
std::vector<engine::TokenId> decode_tokens(std::string_view blob, const Database& database, std::string_view what);
std::string encode_flags(const std::vector<bool>& flags);  // one byte each, 0 or 1
std::vector<bool> decode_flags(std::string_view blob);

}  // namespace assay::store

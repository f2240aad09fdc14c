#include "store/codec.h"

#include <bit>
#include <cstring>

#include "base/error.h"
#include "store/export.h"

namespace assay::store {
namespace {

static_assert(std::endian::native == std::endian::little, "the blobs of the database are little-endian");

template <typename T>
std::string encode_numbers(const std::vector<T>& values) {
  std::string blob(values.size() * sizeof(T), '\0');
  if (!values.empty()) std::memcpy(blob.data(), values.data(), blob.size());
  return blob;
}

template <typename T>
std::vector<T> decode_numbers(std::string_view blob, const Database& database, std::string_view what) {
  if (blob.size() % sizeof(T) != 0) {
    fail_input("{}: the database is damaged: {} has {} bytes, not a multiple of {}; restore a copy",
               database.path().string(), what, blob.size(), sizeof(T));
  }
  std::vector<T> values(blob.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), blob.data(), blob.size());
  return values;
}

}  // namespace

std::string encode_json(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string encode_json(const std::map<std::string, double>& values) {
  std::string text = "{";
  for (const auto& [name, value] : values) {
    if (text.size() > 1) text += ',';
    text += encode_json(Json(name)) + ':' + format_double(value);
  }
  return text + '}';
}

Json parse_stored(std::string_view text, const Database& database, std::string_view what) {
  Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded()) {
    fail_input("{}: the database is damaged: {} cannot be read; restore a copy", database.path().string(), what);
  }
  return value;
}

std::string encode_execution(const scorers::Execution& execution) {
  return encode_json({{"outcome", execution.outcome},
                      {"grading", execution.grading},
                      {"cpu_ms", execution.cpu_ms},
                      {"wall_ms", execution.wall_ms},
                      {"limits", execution.layers},
                      {"error", execution.error},
                      {"code_sha256", execution.code_sha256}});
}

scorers::Execution decode_execution(std::string_view text, const Database& database, std::string_view what) {
  const Json json = parse_stored(text, database, what);
  try {
    scorers::Execution execution;
    json.at("outcome").get_to(execution.outcome);
    json.at("grading").get_to(execution.grading);
    json.at("cpu_ms").get_to(execution.cpu_ms);
    json.at("wall_ms").get_to(execution.wall_ms);
    json.at("limits").get_to(execution.layers);
    json.at("error").get_to(execution.error);
    json.at("code_sha256").get_to(execution.code_sha256);
    return execution;
  } catch (const Json::exception&) {
    fail_input("{}: the database is damaged: the execution of {} has the wrong form; restore a copy",
               database.path().string(), what);
  }
}

std::string to_string(engine::FinishReason finish) {
  switch (finish) {
    case engine::FinishReason::kStop:
      return "stop";
    case engine::FinishReason::kLength:
      return "length";
    case engine::FinishReason::kEndToken:
      return "eos";
  }
  return "";
}

std::string encode_doubles(const std::vector<double>& values) {
  return encode_numbers(values);
}
std::vector<double> decode_doubles(std::string_view blob, const Database& database, std::string_view what) {
  return decode_numbers<double>(blob, database, what);
}

std::string encode_tokens(const std::vector<engine::TokenId>& tokens) {
  return encode_numbers(tokens);
}
std::vector<engine::TokenId> decode_tokens(std::string_view blob, const Database& database, std::string_view what) {
  return decode_numbers<engine::TokenId>(blob, database, what);
}

std::string encode_flags(const std::vector<bool>& flags) {
  std::string blob;
  for (const bool flag : flags) blob += flag ? '\1' : '\0';
  return blob;
}

std::vector<bool> decode_flags(std::string_view blob) {
  std::vector<bool> flags;
  for (const char byte : blob) flags.push_back(byte != '\0');
  return flags;
}

}  // namespace assay::store

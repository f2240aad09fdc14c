#include "tests/engine/tokenizer/vectors.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "engine/checkpoint/gguf_vocabulary.h"
#include "engine/tokenizer/stream_decoder.h"

namespace assay::engine::testing {
namespace {

std::string stream_decode(const Tokenizer& tokenizer, const std::vector<TokenId>& ids) {
  StreamDecoder decoder(tokenizer);
  std::string text;
  for (const TokenId id : ids) text += decoder.push(id);
  return text + decoder.finish();
}

}  // namespace

std::vector<Vector> read_vectors(const std::filesystem::path& file) {
  const std::string content = read_file(file);
  std::vector<Vector> vectors;
  for (const std::string_view line : split_lines(content)) {
    const nlohmann::json row = nlohmann::json::parse(line);
    Vector vector;
    vector.text = row.at("text");
    vector.ids = row.at("ids").get<std::vector<TokenId>>();
    vector.ids_parse_special = row.value("ids_parse_special", vector.ids);
    vector.decoded = row.value("decoded", vector.text);
    vector.decoded_parse_special = row.value("decoded_parse_special", vector.decoded);
    if (row.contains("decoded_skip_special")) {
      vector.decoded_skip_special = row["decoded_skip_special"];
    } else if (vector.ids == vector.ids_parse_special) {
      vector.decoded_skip_special = vector.decoded;
    }
    vectors.push_back(std::move(vector));
  }
  return vectors;
}

size_t compare_all(const Tokenizer& tokenizer, const std::vector<Vector>& vectors) {
  size_t ids = 0;
  for (const Vector& vector : vectors) {
    EXPECT_EQ(tokenizer.encode(vector.text), vector.ids) << vector.text.substr(0, 200);
    EXPECT_EQ(tokenizer.encode_markup(vector.text), vector.ids_parse_special) << vector.text.substr(0, 200);
    EXPECT_EQ(tokenizer.decode(vector.ids, false), vector.decoded);
    EXPECT_EQ(tokenizer.decode(vector.ids_parse_special, false), vector.decoded_parse_special);
    const std::string without_special = tokenizer.decode(vector.ids_parse_special, true);
    EXPECT_EQ(without_special, vector.decoded_skip_special.value_or(without_special));
    EXPECT_EQ(stream_decode(tokenizer, vector.ids_parse_special), without_special);
    EXPECT_EQ(stream_decode(tokenizer, vector.ids), tokenizer.decode(vector.ids, true));
    ids += vector.ids.size();
  }
  return ids;
}

Tokenizer load_tokenizer(const std::filesystem::path& file) {
  return file.extension() == ".gguf" ? Tokenizer::from_gguf(read_vocabulary(GgufFile(file)))
                                     : Tokenizer::from_file(file);
}

}  // namespace assay::engine::testing

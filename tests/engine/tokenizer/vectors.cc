#include "tests/engine/tokenizer/vectors.h"

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "engine/checkpoint/gguf_vocabulary.h"

namespace assay::engine::testing {

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

Tokenizer load_tokenizer(const std::filesystem::path& file) {
  return file.extension() == ".gguf" ? Tokenizer::from_gguf(read_vocabulary(GgufFile(file)))
                                     : Tokenizer::from_file(file);
}

}  // namespace assay::engine::testing

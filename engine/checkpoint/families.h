// The model families that are read: a family is a row.
#pragma once

#include <string>
#include <string_view>

namespace assay::engine {

struct Family {
  const char* model_type;      // config.json: model_type
  const char* architecture;    // config.json: architectures[0]
  const char* gguf;            // GGUF: general.architecture, and the prefix of its keys
  bool gguf_interleaves_rows;  // a GGUF has query and key rows in the order whose rotary pairs are (2i, 2i + 1)
  bool tied_by_default;        // where config.json is silent on tie_word_embeddings
  double default_theta;        // where the file is silent on the rotary base
};

// Error(kBadInput) that names the field, its value and the families that work. `where` names the file.
const Family& family_of_model_type(std::string_view model_type, const std::string& where);
const Family& family_of_architecture(std::string_view architecture, const std::string& where);
const Family& family_of_gguf(std::string_view architecture, const std::string& where);

}  // namespace assay::engine

// Python literals as repr() and ast.literal_eval write and read them: AGIEval's few-shot file keeps its examples so.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace assay::datasets {

// Dictionaries with string keys, lists, tuples (as arrays), strings with every escape but \N{...}, integers, floats,
// True, False and None. `where` ("file:line") begins every message. Error(kBadInput) with the offset.
nlohmann::json parse_python_literal(std::string_view text, const std::string& where);

}  // namespace assay::datasets

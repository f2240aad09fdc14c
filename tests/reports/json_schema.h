// JSON held against a schema: the keywords of JSON Schema 2020-12 that docs/report.schema.json uses.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace assay::testing {

// "/runs/0/n: is below the minimum", one for each thing that is wrong, at most twenty; empty where `value` is valid.
// std::invalid_argument for a keyword that this does not know: it would check nothing.
std::vector<std::string> schema_violations(const nlohmann::json& schema, const nlohmann::json& value);

}  // namespace assay::testing

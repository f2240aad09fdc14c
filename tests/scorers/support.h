// What the tests of the scorers share: specs as a task file has them, made answers, lines of golden files.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "scorers/scorer.h"

namespace assay::scorers::testing {

// The scorer table of a built-in task, read from tasks/definitions.
nlohmann::json task_spec(const std::string& task, const std::string& protocol);

// A generated text scored against a reference text.
Score score_text(const Scorer& scorer, const std::string& text, const std::string& gold,
                 const std::string& subset = "");
// Log-probabilities of options (the continuations are the options with a leading space).
Score score_options(const Scorer& scorer, const std::vector<std::string>& options, const std::vector<double>& logprobs,
                    const std::vector<int>& gold, const std::string& subset = "");

// One JSON value a line; .gz is unpacked.
std::vector<nlohmann::json> json_lines(const std::filesystem::path& file);

}  // namespace assay::scorers::testing

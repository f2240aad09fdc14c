// What a metric of multiple choice compares: the options' log-probabilities, whole or by length (PROTOCOLS.md §1.1).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay::scorers {

// "acc", "acc_norm", "acc_bytes".
std::vector<std::string> option_metrics();
bool is_option_metric(std::string_view metric);

// The option text of a continuation: without the one space that separates it from the context.
std::string_view option_text(std::string_view continuation);

// acc: the log-probability; acc_norm: divided by the code points of the option text; acc_bytes: by its UTF-8 bytes.
// Never by tokens. An option without text cannot win by its mean: its value is -infinity. Requires an option metric and
// as many log-probabilities as continuations.
std::vector<double> option_values(std::string_view metric, const std::vector<std::string>& continuations,
                                  std::vector<double> logprobs);

}  // namespace assay::scorers

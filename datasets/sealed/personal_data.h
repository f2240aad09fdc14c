// Patterns of personal data that no prompt of a shared set should hold. They find what is written in a usual form; they
// prove nothing of the rest.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay::datasets {

// The kinds found in `text`, each once: "e-mail address", "telephone number", "card number", "bank account",
// "identity number", "network address", "web address". What is reserved for examples (example.com, 192.0.2.0/24 and its
// like, private networks) is not personal.
std::vector<std::string> personal_data_in(std::string_view text);

}  // namespace assay::datasets

#include "datasets/sealed/personal_data.h"

#include <functional>

#include "base/regex.h"
#include "base/text.h"

namespace assay::datasets {
namespace {

// Luhn's check (ISO/IEC 7812-1, annex B): without it every long number would be a card.
bool is_card(std::string_view text) {
  int sum = 0;
  int digits = 0;
  for (size_t i = text.size(); i-- > 0;) {
    if (text[i] < '0' || text[i] > '9') continue;
    const int digit = text[i] - '0';
    const int doubled = 2 * digit;
    sum += digits % 2 == 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
    ++digits;
  }
  return sum % 10 == 0;
}

bool anything(std::string_view) {
  return true;
}

struct Kind {
  const char* name;
  Regex pattern;
  std::function<bool(std::string_view)> counts;
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = [] {
    std::vector<Kind> list;
    list.push_back({"e-mail address", Regex(R"([\w.+-]+@(?!(?:[\w-]+\.)*example\.(?:com|org|net)\b)[\w-]+\.[\w.-]*\w)"),
                    anything});
    list.push_back({"telephone number",
                    Regex(R"((?<![\d.,/-])(?:\+\d[\d ()-]{7,}\d|\(\d{3}\) ?\d{3}-\d{4}|\d{3}-\d{3}-\d{4})(?![\d-]))"),
                    anything});
    list.push_back({"card number", Regex(R"(\b\d{4}([ -])\d{4}\1\d{4}\1\d{4}\b|\b[3-6]\d{15}\b)"), is_card});
    list.push_back({"bank account", Regex(R"(\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b)"), anything});
    list.push_back({"identity number", Regex(R"((?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-]))"), anything});
    list.push_back(
        {"network address",
         Regex(
             R"((?<![\d.])(?!10\.|127\.|0\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|255\.)(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.]*\d))"),
         anything});
    list.push_back(
        {"web address", Regex(R"(https?://(?!(?:[\w-]+\.)*example\.|localhost\b|127\.|10\.|192\.168\.)\w)"), anything});
    return list;
  }();
  return all;
}

}  // namespace

std::vector<std::string> personal_data_in(std::string_view text) {
  std::vector<std::string> found;
  for (const Kind& kind : kinds()) {
    for (const Regex::Match& match : kind.pattern.find_all(text)) {
      if (!kind.counts(text.substr(match[0].begin, match[0].end - match[0].begin))) continue;
      found.emplace_back(kind.name);
      break;
    }
  }
  return found;
}

}  // namespace assay::datasets

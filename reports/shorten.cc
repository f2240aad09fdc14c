#include "reports/shorten.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/display_width.h"
#include "base/text.h"
#include "reports/model_names.h"
#include "reports/plain_text.h"

namespace assay::reports {
namespace {

constexpr size_t kMostMarks = 8;

// Whether texts that differ still do.
bool keeps_apart(const std::vector<std::string>& texts, const std::vector<std::string>& shown) {
  std::map<std::string, std::string> meant;
  for (size_t i = 0; i < texts.size(); ++i) {
    if (meant.emplace(shown[i], texts[i]).first->second != texts[i]) return false;
  }
  return true;
}

std::vector<std::string> shorten_all(const std::vector<std::string>& texts, size_t columns, Cut cut,
                                     const TextStyle& style) {
  std::vector<std::string> shown;
  for (const std::string& text : texts) shown.push_back(shortened(text, columns, cut, style));
  return shown;
}

std::vector<std::string> numbered(const std::vector<std::string>& texts, size_t columns, const TextStyle& style) {
  std::map<std::string, std::vector<std::string>> meant;  // by what they look like
  std::vector<std::string> shown = shorten_all(texts, columns, Cut::kEnd, style);
  for (size_t i = 0; i < texts.size(); ++i) {
    std::vector<std::string>& alike = meant[shown[i]];
    auto found = std::find(alike.begin(), alike.end(), texts[i]);
    if (found == alike.end()) found = alike.insert(found, texts[i]);
    if (found == alike.begin()) continue;
    const std::string number = fmt::format("~{}", found - alike.begin() + 1);
    const size_t room = columns - std::min(columns, number.size());
    shown[i] = shortened(texts[i], room, Cut::kEnd, style) + number;
  }
  return shown;
}

}  // namespace

std::string harmless(std::string_view text) {
  const std::string line = plain_line(text, text.size() + 1);
  std::string shown;
  size_t marks = 0;
  for (size_t offset = 0; offset < line.size();) {
    const size_t begin = offset;
    next_code_point(line, offset);
    const std::string_view character = std::string_view(line).substr(begin, offset - begin);
    marks = display_width(character) == 0 ? marks + 1 : 0;
    if (marks <= kMostMarks) shown += character;
  }
  return shown;
}

std::string shortened(std::string_view text, size_t columns, Cut cut, const TextStyle& style) {
  const std::string line = harmless(text);
  if (display_width(line) <= columns) return line;
  if (const size_t indent = line.find_first_not_of(' '); indent > 0 && indent < columns) {
    return std::string(indent, ' ') + shortened(line.substr(indent), columns - indent, cut, style);
  }
  const std::string_view mark = first_columns(style.ellipsis(), columns);
  const size_t room = columns - display_width(mark);
  const size_t end = cut == Cut::kEnd ? 0 : cut == Cut::kBeginning ? room : room / 2;
  return fmt::format("{}{}{}", first_columns(line, room - end), mark, last_columns(line, end));
}

std::vector<std::string> shortened_apart(const std::vector<std::string>& texts, size_t columns,
                                         const TextStyle& style) {
  for (const Cut cut : {Cut::kMiddle, Cut::kBeginning, Cut::kEnd}) {
    std::vector<std::string> shown = shorten_all(texts, columns, cut, style);
    if (keeps_apart(texts, shown)) return shown;
  }
  return numbered(texts, columns, style);
}

std::string shortened_model(std::string_view model, size_t columns, const TextStyle& style) {
  std::string whole = harmless(model);
  if (display_width(whole) <= columns) return whole;
  const bool cached = whole.find("models--") != std::string::npos;  // the folders below it are hashes
  const size_t mark = display_width(style.ellipsis());
  const std::string_view end = last_columns(whole, columns - std::min(columns, mark));
  if (const size_t slash = end.find('/'); !cached && slash < end.size() - 1) {
    return style.ellipsis() + std::string(end.substr(slash));
  }
  return shortened(last_part_of_model(model), columns, Cut::kMiddle, style);
}

}  // namespace assay::reports

#include "datasets/format.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "datasets/csv.h"
#include "datasets/python_literal.h"

namespace assay::datasets {
namespace {

using nlohmann::json;

// One row on its way to a sample: CSV cells and JSON objects alike are a JSON object here.
struct Row {
  std::string where;  // "file:line"
  int line = 0;
  json object;
};

// A byte-order mark at the start is an editor's, not data.
std::string_view without_mark(std::string_view text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  return text.substr(0, kMark.size()) == kMark ? text.substr(kMark.size()) : text;
}

void check_utf8(std::string_view text, const std::string& file) {
  if (is_valid_utf8(text)) return;
  int line = 1;
  for (const std::string_view piece : split_lines(text)) {
    if (!is_valid_utf8(piece))
      fail_input("{}:{}: the text is not valid UTF-8; convert or fetch the file again", file, line);
    ++line;
  }
}

std::vector<Row> rows_of_csv(std::string_view text, const Format& format, const std::string& file) {
  std::vector<CsvRow> cells = parse_csv(text, file);
  std::vector<std::string> names;
  if (format.header && !cells.empty()) {
    names = std::move(cells.front().cells);
    cells.erase(cells.begin());
  }
  size_t columns = static_cast<size_t>(format.columns);
  if (columns == 0) columns = format.header ? names.size() : cells.empty() ? 0 : cells.front().cells.size();
  std::vector<Row> rows;
  rows.reserve(cells.size());
  for (CsvRow& csv : cells) {
    if (csv.cells.size() != columns) {
      fail_input("{}:{}: the row has {} columns where {} are expected", file, csv.line, csv.cells.size(), columns);
    }
    Row row{fmt::format("{}:{}", file, csv.line), csv.line, json::object()};
    for (size_t i = 0; i < columns; ++i) {
      row.object[i < names.size() ? names[i] : std::to_string(i)] = std::move(csv.cells[i]);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

json parse_json(std::string_view text, const std::string& where) {
  try {
    return json::parse(text);
  } catch (const json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 5: ...": the line is ours to count.
    std::string_view reason = error.what();
    if (const size_t colon = reason.find(": "); colon != std::string_view::npos) reason.remove_prefix(colon + 2);
    fail_input("{}: the line is not valid JSON: {}", where, reason);
  }
}

std::vector<Row> rows_of_jsonl(std::string_view text, const std::string& file) {
  std::vector<Row> rows;
  int line = 0;
  for (const std::string_view piece : split_lines(text)) {
    ++line;
    if (piece.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    Row row{fmt::format("{}:{}", file, line), line, {}};
    row.object = parse_json(piece, row.where);
    if (!row.object.is_object()) fail_input("{}: the line is not a JSON object", row.where);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<Row> rows_of_agieval_examples(std::string_view text, const std::string& subset, const std::string& file) {
  const std::vector<CsvRow> cells = parse_csv(text, file);
  if (cells.empty()) fail_input("{}:1: the row that names the subsets is missing", file);
  const std::vector<std::string>& names = cells.front().cells;
  const auto column = static_cast<size_t>(std::find(names.begin(), names.end(), subset) - names.begin());
  if (column == names.size()) fail_input("{}:1: no column is named \"{}\"", file, subset);
  std::vector<Row> rows;
  for (size_t i = 1; i < cells.size(); ++i) {
    const CsvRow& csv = cells[i];
    if (csv.cells.size() != names.size()) {
      fail_input("{}:{}: the row has {} columns where {} are expected", file, csv.line, csv.cells.size(), names.size());
    }
    // "explanation N" rows belong to the chain-of-thought setting.
    if (!csv.cells[0].starts_with("sample ") || csv.cells[column].empty()) continue;
    Row row{fmt::format("{}:{}", file, csv.line), csv.line, {}};
    row.object = parse_python_literal(csv.cells[column], row.where);
    if (!row.object.is_object()) fail_input("{}: the example of \"{}\" is not a dictionary", row.where, subset);
    rows.push_back(std::move(row));
  }
  return rows;
}

struct Place {
  std::string path;
  bool optional = false;
};

Place parse_place(const std::string& text) {
  if (!text.ends_with('?')) return {text, false};
  return {text.substr(0, text.size() - 1), true};
}

// The values at a path below `value`: none where it is missing or null, several where an array lies on the way. An
// array may not have gaps: an element without a value counts as null, which is no text. Arrays inside arrays are not
// entered.
void collect(const json& value, std::string_view path, bool in_array, std::vector<const json*>& found) {
  static const json kGap;
  if (value.is_array() && !in_array) {
    for (const json& element : value) {
      const size_t before = found.size();
      collect(element, path, true, found);
      if (found.size() == before) found.push_back(&kGap);
    }
    return;
  }
  if (path.empty()) {
    if (!value.is_null()) found.push_back(&value);
    return;
  }
  if (!value.is_object()) return;
  // A name that has dots of its own comes first.
  if (const auto whole = value.find(std::string(path)); whole != value.end())
    return collect(*whole, {}, in_array, found);
  const size_t dot = path.find('.');
  if (dot == std::string_view::npos) return;
  const auto next = value.find(std::string(path.substr(0, dot)));
  if (next != value.end()) collect(*next, path.substr(dot + 1), in_array, found);
}

std::string text_of(const json& value, const Row& row, const std::string& path) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number() || value.is_boolean()) return value.dump();
  fail_input("{}: \"{}\" must be a text or a number, but is {}", row.where, path, value.type_name());
}

std::vector<std::string> texts_at(const Row& row, const std::string& place_text) {
  const Place place = parse_place(place_text);
  std::vector<const json*> found;
  collect(row.object, place.path, false, found);
  if (found.empty() && !place.optional) fail_input("{}: the field \"{}\" is missing", row.where, place.path);
  std::vector<std::string> texts;
  texts.reserve(found.size());
  for (const json* value : found) texts.push_back(text_of(*value, row, place.path));
  return texts;
}

std::string text_at(const Row& row, const std::string& place) {
  std::vector<std::string> texts = texts_at(row, place);
  if (texts.size() > 1) {
    fail_input("{}: \"{}\" has {} values where one is expected", row.where, parse_place(place).path, texts.size());
  }
  return texts.empty() ? std::string() : std::move(texts.front());
}

int correct_option(const Row& row, const Format& format, const Sample& sample) {
  if (format.correct.empty()) return -1;
  const std::string path = parse_place(format.correct).path;
  const std::string text = text_at(row, format.correct);
  if (text.empty() && parse_place(format.correct).optional) return -1;
  const int count = static_cast<int>(sample.options.size());
  if (count == 0) fail_input("{}: the item names a correct option ({}) but has no options", row.where, path);
  const auto position_in = [&](const std::vector<std::string>& among, std::string_view what) {
    const auto hit = std::find(among.begin(), among.end(), text);
    if (hit == among.end()) fail_input("{}: \"{}\" is \"{}\", which is none of the {}", row.where, path, text, what);
    return static_cast<int>(hit - among.begin());
  };
  switch (format.correct_form) {
    case CorrectForm::kLetter: {
      if (text.size() == 1 && text[0] >= 'A' && text[0] < 'A' + count) return text[0] - 'A';
      const char last = static_cast<char>('A' + std::min(count, 26) - 1);
      fail_input("{}: \"{}\" is \"{}\", which is not one of the letters A to {}", row.where, path, text, last);
    }
    case CorrectForm::kIndex: {
      int index = -1;
      const auto parsed = std::from_chars(text.data(), text.data() + text.size(), index);
      if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && index >= 0 && index < count)
        return index;
      fail_input("{}: \"{}\" is \"{}\", which is not a number from 0 to {}", row.where, path, text, count - 1);
    }
    case CorrectForm::kLabel: {
      const std::vector<std::string> labels = texts_at(row, format.labels);
      if (labels.size() != sample.options.size()) {
        fail_input("{}: the item has {} labels for {} options", row.where, labels.size(), count);
      }
      return position_in(labels, "labels");
    }
    case CorrectForm::kText:
      return position_in(sample.options, "options");
  }
  return -1;
}

std::string cluster_of(const Format& format, const Sample& sample) {
  if (format.cluster_by.empty()) return {};
  if (format.cluster_by == "subset") return sample.subset;
  const auto field = sample.fields.find(format.cluster_by);
  if (field == sample.fields.end() || field->second.empty()) return {};
  return sample.subset + "/" + sha256_hex(field->second).substr(0, 16);
}

Sample sample_of(const Row& row, const Format& format, const std::string& subset, int index) {
  Sample sample;
  sample.subset = subset;
  sample.index = index;
  for (const auto& [name, place] : format.fields) sample.fields[name] = text_at(row, place);
  for (const std::string& place : format.options) {
    for (std::string& option : texts_at(row, place)) sample.options.push_back(std::move(option));
  }
  sample.answer = correct_option(row, format, sample);
  sample.id = expand_pattern(format.id, sample);
  if (sample.id.empty()) fail_input("{}: the item's id is empty", row.where);
  sample.cluster = cluster_of(format, sample);
  return sample;
}

std::vector<Row> rows_of(std::string_view text, Layout layout, const Format& format, const std::string& subset,
                         const std::string& file) {
  switch (layout) {
    case Layout::kCsv:
      return rows_of_csv(text, format, file);
    case Layout::kJsonl:
      return rows_of_jsonl(text, file);
    case Layout::kAgievalExamples:
      return rows_of_agieval_examples(text, subset, file);
  }
  return {};
}

}  // namespace

std::string expand_pattern(const std::string& pattern, const Sample& sample) {
  std::string text;
  for (size_t at = 0; at < pattern.size();) {
    const size_t open = pattern.find('{', at);
    const size_t close = open == std::string::npos ? open : pattern.find('}', open);
    if (close == std::string::npos) return text + pattern.substr(at);
    text += pattern.substr(at, open - at);
    const std::string name = pattern.substr(open + 1, close - open - 1);
    if (name == "subset") {
      text += sample.subset;
    } else if (name == "index") {
      text += std::to_string(sample.index);
    } else if (const auto field = sample.fields.find(name); field != sample.fields.end()) {
      text += field->second;
    } else {
      text += pattern.substr(open, close - open + 1);
    }
    at = close + 1;
  }
  return text;
}

Split read_split(const std::filesystem::path& path, Layout layout, const Format& format, const std::string& subset) {
  return parse_split(read_text_file(path), path.string(), layout, format, subset);
}

Split parse_split(std::string_view content, const std::string& file, Layout layout, const Format& format,
                  const std::string& subset) {
  Split split;
  split.file = file;
  split.sha256 = sha256_hex(content);
  const std::string_view text = without_mark(content);
  check_utf8(text, split.file);
  const std::vector<Row> rows = rows_of(text, layout, format, subset, split.file);
  split.samples.reserve(rows.size());
  split.lines.reserve(rows.size());
  for (const Row& row : rows) {
    split.samples.push_back(sample_of(row, format, subset, static_cast<int>(split.samples.size())));
    split.lines.push_back(row.line);
  }
  return split;
}

}  // namespace assay::datasets

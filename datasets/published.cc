#include "datasets/published.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "base/embedded.h"
#include "base/error.h"
#include "base/text.h"
#include "datasets/csv.h"

namespace assay::datasets {

std::span<const EmbeddedFile> embedded_published();  // generated: datasets/CMakeLists.txt

namespace {

struct Column {
  const char* name;
  std::string PublishedNumber::*field;
  bool required;
  std::vector<std::string_view> words = {};  // that it may have; none: any
};

const std::vector<Column>& columns() {
  using P = PublishedNumber;
  static const std::vector<Column> all = {
      {"system", &P::system, true},
      {"variant", &P::variant, true, {"pretrained", "instruct", "vendor"}},
      {"task", &P::task, true},
      {"metric", &P::metric, true},
      {"value", &P::printed, true},
      {"unit", &P::unit, true, {"percent", "f1_x100"}},
      {"shots", &P::shots, false},
      {"setting", &P::setting, false},
      {"reported_by", &P::reported_by, true},
      {"source", &P::source, true},
      {"source_date", &P::source_date, true},
      {"confidence", &P::confidence, true, {"primary", "copy", "memory"}},
      {"notes", &P::notes, false},
  };
  return all;
}

void check_header(const CsvRow& row, const std::string& file) {
  std::vector<std::string> names;
  for (const Column& column : columns()) names.emplace_back(column.name);
  if (row.cells != names) fail_input("{}:{}: the columns must be {}", file, row.line, join(names, ","));
}

PublishedNumber parse_row(const CsvRow& row, const std::string& file) {
  if (row.cells.size() != columns().size()) {
    fail_input("{}:{}: has {} cells instead of {}", file, row.line, row.cells.size(), columns().size());
  }
  PublishedNumber number;
  for (size_t i = 0; i < columns().size(); ++i) {
    const Column& column = columns()[i];
    const std::string& cell = row.cells[i];
    if (column.required && cell.empty()) fail_input("{}:{}: {} is empty", file, row.line, column.name);
    if (!column.words.empty() && std::find(column.words.begin(), column.words.end(), cell) == column.words.end()) {
      fail_input("{}:{}: {} is \"{}\"; it must be {}", file, row.line, column.name, printable(cell),
                 join({column.words.begin(), column.words.end()}, ", "));
    }
    number.*column.field = cell;
  }
  const std::string& text = number.printed;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number.value);
  // Written so that what is no number is refused too.
  if (error != std::errc() || end != text.data() + text.size() || !(number.value >= 0 && number.value <= 100)) {
    fail_input("{}:{}: value is \"{}\", not a number from 0 to 100", file, row.line, printable(text));
  }
  return number;
}

}  // namespace

std::vector<PublishedNumber> parse_published(std::string_view text, const std::string& file) {
  const std::vector<CsvRow> rows = parse_csv(text, file);
  if (rows.empty()) fail_input("{}: the file is empty", file);
  check_header(rows.front(), file);
  std::vector<PublishedNumber> numbers;
  for (size_t i = 1; i < rows.size(); ++i) numbers.push_back(parse_row(rows[i], file));
  return numbers;
}

std::vector<PublishedNumber> published_numbers() {
  const EmbeddedFile& file = embedded_published().front();
  std::vector<PublishedNumber> numbers = parse_published(file.text, std::string(file.name));
  std::erase_if(numbers, [](const PublishedNumber& number) { return number.confidence == "memory"; });
  return numbers;
}

}  // namespace assay::datasets

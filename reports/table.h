// Plain text tables for a terminal.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "reports/text_style.h"

namespace assay::reports {

// Columns as wide as their widest cell, two spaces apart; the first column and those in `left` are left-aligned, the
// rest right-aligned. Cells are made harmless(); widths are columns of a terminal. A header of empty strings, and one
// above lines alone, is left out.
//
// A table whose columns may_shorten() is at most 80 columns wide (kTerminalColumns) as long as the others leave them
// four columns each: first they give way in the order of the calls down to `comfortable`, then one space alone parts
// columns, then they give way down to four.
class Table {
 public:
  // What is drawn at the right end of a row in so many columns.
  using Picture = std::function<std::string(size_t columns)>;

  explicit Table(std::vector<std::string> header, std::vector<size_t> left = {0});
  void may_shorten(size_t column, size_t comfortable);
  // Rows may have pictures, of `least` to `most` columns, with `head` above them. Columns that may shorten give way to
  // them down to `comfortable`; where that is not enough there are none.
  void add_pictures(size_t least, size_t most, Picture head);
  void add(std::vector<std::string> row, Picture picture = nullptr);
  // A line between the rows, as it is (without its newline).
  void add_line(std::string line);
  std::string text(const TextStyle& style = {}) const;

 private:
  struct Row {
    std::vector<std::string> cells;
    Picture picture;
    std::string line;  // where there are no cells
  };
  struct Elastic {
    size_t column;
    size_t comfortable;
  };
  struct Layout {
    std::vector<size_t> widths;
    size_t gap = 2;
    size_t picture = 0;  // its columns
  };
  Layout layout() const;
  std::vector<std::string> shown_cells(size_t column, size_t width, const TextStyle& style) const;

  std::vector<Row> rows_;  // the first is the header
  std::vector<size_t> left_;
  std::vector<Elastic> elastic_;
  bool pictured_ = false;  // some row has a picture
  size_t least_picture_ = 0;
  size_t most_picture_ = 0;
};

}  // namespace assay::reports

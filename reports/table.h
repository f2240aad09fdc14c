// Plain text tables for a terminal.
#pragma once

#include <string>
#include <vector>

namespace assay::reports {

// Columns as wide as their widest cell, two spaces apart; the first column and those in `left` are left-aligned, the
// rest right-aligned. Widths are counted in code points. A header of empty strings is left out.
class Table {
 public:
  explicit Table(std::vector<std::string> header, std::vector<size_t> left = {0});
  void add(std::vector<std::string> row);
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
  std::vector<size_t> left_;
};

}  // namespace assay::reports

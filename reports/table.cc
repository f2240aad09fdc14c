#include "reports/table.h"

#include <algorithm>
#include <numeric>

#include "base/display_width.h"
#include "reports/shorten.h"

namespace assay::reports {
namespace {

constexpr size_t kNarrowest = 4;

size_t total_width(const std::vector<size_t>& widths, size_t gap) {
  return std::accumulate(widths.begin(), widths.end(), widths.empty() ? 0 : gap * (widths.size() - 1));
}

// Makes `width` smaller by what `total` has too much, but not smaller than `least`.
void give_way(size_t& width, size_t least, size_t total, size_t allowed) {
  if (total > allowed && width > least) width -= std::min(total - allowed, width - least);
}

}  // namespace

Table::Table(std::vector<std::string> header, std::vector<size_t> left) : left_(std::move(left)) {
  add(std::move(header));
}

void Table::may_shorten(size_t column, size_t comfortable) {
  elastic_.push_back({column, comfortable});
}

void Table::add_pictures(size_t least, size_t most, Picture head) {
  least_picture_ = least;
  most_picture_ = most;
  rows_.front().picture = std::move(head);
}

void Table::add(std::vector<std::string> row, Picture picture) {
  pictured_ = pictured_ || picture != nullptr;
  for (std::string& cell : row) cell = harmless(cell);
  rows_.push_back({std::move(row), std::move(picture), ""});
}

void Table::add_line(std::string line) {
  rows_.push_back({{}, nullptr, std::move(line)});
}

Table::Layout Table::layout() const {
  Layout layout;
  std::vector<size_t>& widths = layout.widths;
  for (const Row& row : rows_) {
    widths.resize(std::max(widths.size(), row.cells.size()));
    for (size_t i = 0; i < row.cells.size(); ++i) widths[i] = std::max(widths[i], display_width(row.cells[i]));
  }
  if (pictured_) {
    std::vector<size_t> narrow = widths;
    const size_t allowed = kTerminalColumns - layout.gap - least_picture_;
    for (const auto& [column, comfortable] : elastic_) {
      give_way(narrow[column], comfortable, total_width(narrow, layout.gap), allowed);
    }
    if (const size_t total = total_width(narrow, layout.gap); total <= allowed) {
      widths = std::move(narrow);
      layout.picture = std::min(most_picture_, kTerminalColumns - layout.gap - total);
    }
  }
  if (layout.picture > 0 || elastic_.empty()) return layout;
  const auto narrow_to = [&](size_t column, size_t least) {
    give_way(widths[column], least, total_width(widths, layout.gap), kTerminalColumns);
  };
  for (const auto& [column, comfortable] : elastic_) narrow_to(column, comfortable);
  if (total_width(widths, layout.gap) > kTerminalColumns) layout.gap = 1;
  for (const Elastic& elastic : elastic_) narrow_to(elastic.column, kNarrowest);
  return layout;
}

// Of every row; where there is none, empty.
std::vector<std::string> Table::shown_cells(size_t column, size_t width, const TextStyle& style) const {
  std::vector<std::string> cells;
  for (const Row& row : rows_) cells.push_back(column < row.cells.size() ? row.cells[column] : "");
  const bool elastic =
      std::any_of(elastic_.begin(), elastic_.end(), [&](const Elastic& each) { return each.column == column; });
  if (elastic) cells = shortened_apart(cells, width, style);
  const bool left = std::find(left_.begin(), left_.end(), column) != left_.end();
  for (std::string& cell : cells) {
    const std::string padding(width - std::min(width, display_width(cell)), ' ');
    cell = left ? cell + padding : padding + cell;
  }
  return cells;
}

std::string Table::text(const TextStyle& style) const {
  const Layout layout = this->layout();
  std::vector<std::string> lines(rows_.size());
  for (size_t column = 0; column < layout.widths.size(); ++column) {
    const std::vector<std::string> cells = shown_cells(column, layout.widths[column], style);
    for (size_t i = 0; i < rows_.size(); ++i) {
      lines[i] += (column > 0 ? std::string(layout.gap, ' ') : "") + cells[i];
    }
  }
  const bool above_lines_alone =
      rows_.size() > 1 && std::all_of(rows_.begin() + 1, rows_.end(), [](const Row& row) { return row.cells.empty(); });
  std::string text;
  for (size_t i = above_lines_alone ? 1 : 0; i < rows_.size(); ++i) {
    std::string& line = lines[i];
    if (rows_[i].cells.empty()) line = rows_[i].line;
    if (rows_[i].picture && layout.picture > 0) {
      line += std::string(layout.gap, ' ') + rows_[i].picture(layout.picture);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    if (!line.empty()) text += line + "\n";
  }
  return text;
}

}  // namespace assay::reports

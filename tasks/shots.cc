#include "tasks/shots.h"

#include "base/error.h"

namespace assay::tasks {

ShotPicker::ShotPicker(const Shots& shots, int count, const datasets::Split& split, bool same_split)
    : rule_(shots.rule), count_(static_cast<size_t>(count)), same_split_(same_split), random_(shots.seed) {
  for (size_t row = 0; row < split.samples.size(); ++row) {
    const auto options = static_cast<int>(split.samples[row].options.size());
    if (shots.only_options == 0 || options == shots.only_options) usable_.push_back(row);
  }
  const size_t needed = count_ + (same_split ? 1 : 0);
  if (usable_.size() < needed) {
    fail(ExitCode::kUsage, "{}: {} examples are asked for, but the file has {} that can be shown; use --shots {}",
         split.file, count_, usable_.size(), usable_.size() - (same_split && !usable_.empty() ? 1 : 0));
  }
}

std::vector<size_t> ShotPicker::pick(size_t item_row) {
  // lm-evaluation-harness draws one row more where the items come from the same split, and leaves the item itself out.
  const size_t drawn = count_ + (same_split_ ? 1 : 0);
  std::vector<size_t> rows;
  if (count_ == 0) return rows;
  if (rule_ == ShotRule::kPythonRandom) {
    for (const uint32_t i : random_.sample(static_cast<uint32_t>(usable_.size()), static_cast<uint32_t>(drawn))) {
      rows.push_back(usable_[i]);
    }
  } else {
    rows.assign(usable_.begin(), usable_.begin() + static_cast<std::ptrdiff_t>(drawn));
  }
  if (same_split_) std::erase(rows, item_row);
  rows.resize(std::min(rows.size(), count_));
  return rows;
}

}  // namespace assay::tasks

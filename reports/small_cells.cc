#include "reports/small_cells.h"

#include <optional>

namespace assay::reports {

std::vector<bool> hidden_rows(std::span<const int64_t> counts, int64_t min_count, std::vector<bool> hidden) {
  hidden.resize(counts.size(), false);
  int64_t together = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] < min_count) hidden[i] = true;
    if (hidden[i]) together += counts[i];
  }
  while (together > 0 && together < min_count) {
    std::optional<size_t> smallest;
    for (size_t i = 0; i < counts.size(); ++i) {
      if (!hidden[i] && (!smallest || counts[i] < counts[*smallest])) smallest = i;
    }
    if (!smallest) break;
    hidden[*smallest] = true;
    together += counts[*smallest];
  }
  return hidden;
}

}  // namespace assay::reports

#include "engine/scheduler/entry.h"

#include <algorithm>
#include <functional>
#include <vector>

namespace assay::engine {

int64_t useful_pages(std::span<const Entry> entries, int step_tokens, int max_generating) {
  int64_t longest = 0;
  int64_t window_pages = 0;   // own pages of entries [first, k]
  int64_t window_tokens = 0;  // new tokens of entries (first, k)
  int64_t most_window_pages = 0;
  size_t first = 0;
  std::vector<int> generations;
  for (size_t k = 0; k < entries.size(); ++k) {
    const Entry& entry = entries[k];
    longest = std::max<int64_t>(longest, pages_for(entry.length()));
    if (entry.decodes()) generations.push_back(entry.own_pages());
    window_pages += pages_for(entry.length()) - entry.shared / kPageTokens;
    if (k > first + 1) window_tokens += entries[k - 1].length() - entries[k - 1].shared;
    while (window_tokens >= step_tokens) {
      window_pages -= pages_for(entries[first].length()) - entries[first].shared / kPageTokens;
      ++first;
      window_tokens -= entries[first].length() - entries[first].shared;
    }
    most_window_pages = std::max(most_window_pages, window_pages);
  }
  const size_t at_once = std::min(generations.size(), static_cast<size_t>(max_generating));
  std::nth_element(generations.begin(), generations.begin() + static_cast<ptrdiff_t>(at_once), generations.end(),
                   std::greater<>());
  int64_t generation_pages = 0;
  for (size_t i = 0; i < at_once; ++i) generation_pages += generations[i];
  return longest + most_window_pages + generation_pages;
}

}  // namespace assay::engine

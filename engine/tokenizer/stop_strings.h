// The stop rule of PROTOCOLS.md §1.3: stops are searched in the decoded text of the new tokens, so they may begin and
// end inside a token, and the result is the text before them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace assay::engine {

// Python: for s in stops: text = text.split(s)[0]. Empty stops are ignored.
std::string_view cut_at_stops(std::string_view text, std::span<const std::string> stops);

// Says, while text grows, whether a stop is in it: then the generation may end, and cut_at_stops gives the result.
// Looks at each piece of text once. Not thread-safe; copies are independent.
class StopSearch {
 public:
  explicit StopSearch(std::vector<std::string> stops);

  // Adds text; true once a stop is in what was added so far.
  bool add(std::string_view text);
  // Whether a stop is in what was added so far followed by `text`, which is not added: for text that may yet change.
  bool hit_with(std::string_view text) const;

 private:
  std::vector<std::string> stops_;
  size_t longest_ = 0;
  std::string tail_;  // the end of the text, too short by itself to hold a stop
  bool hit_ = false;
};

}  // namespace assay::engine

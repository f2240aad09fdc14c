// Makes valid UTF-8 of bytes that arrive in pieces. What is not valid becomes U+FFFD, one for each maximal subpart
// (Unicode 15, section 3.9, table 3-8), as Rust's String::from_utf8_lossy and Python's errors="replace" do.
#pragma once

#include <string>
#include <string_view>

namespace assay::engine {

class Utf8Stream {
 public:
  // Appends what is complete to `out`; an incomplete sequence at the end is held back.
  void push(std::string_view bytes, std::string& out);
  // Appends U+FFFD where a sequence was held back, and forgets it.
  void finish(std::string& out);
  bool holds_back() const { return !held_.empty(); }

 private:
  std::string held_;          // a proper prefix of a well-formed sequence
  int missing_ = 0;           // bytes that it lacks
  unsigned char low_ = 0x80;  // the range of the next one
  unsigned char high_ = 0xbf;
};

std::string lossy_utf8(std::string_view bytes);

}  // namespace assay::engine

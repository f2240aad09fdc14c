// The prompts of a report's samples: each once, however many runs ask it, and what several share at their beginning
// once as well.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "store/store.h"

namespace assay::reports {

class SamplePrompts {
 public:
  // The last code points of a longer text are kept: a question stands behind what leads to it.
  SamplePrompts(size_t head_points, size_t tail_points) : head_points_(head_points), tail_points_(tail_points) {}

  // The prompt's place in prompts().
  size_t place(const store::Prompt& prompt);

  // A list of {"text","full" (code points, where it is cut)}.
  const store::Json& heads() const { return heads_; }
  // The same, with "head", a place in heads(), where there is one.
  const store::Json& prompts() const { return prompts_; }

 private:
  size_t head_points_;
  size_t tail_points_;
  std::map<std::string, size_t> head_places_;
  std::map<std::pair<std::string, std::string>, size_t> places_;  // by head and tail
  store::Json heads_ = store::Json::array();
  store::Json prompts_ = store::Json::array();
};

}  // namespace assay::reports

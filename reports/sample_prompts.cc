#include "reports/sample_prompts.h"

#include <string_view>

#include "base/text.h"

namespace assay::reports {
namespace {

store::Json end_of_text(std::string_view text, size_t most) {
  const size_t all = count_code_points(text);
  if (all <= most) return {{"text", text}};
  size_t offset = 0;
  for (size_t left_out = 0; left_out < all - most; ++left_out) next_code_point(text, offset);
  return {{"text", text.substr(offset)}, {"full", all}};
}

}  // namespace

size_t SamplePrompts::place(const store::Prompt& prompt) {
  const auto [found, is_new] = places_.try_emplace({prompt.head, prompt.tail}, prompts_.size());
  if (!is_new) return found->second;
  store::Json json = end_of_text(prompt.tail, tail_points_);
  if (!prompt.head.empty()) {
    const auto [head, is_new_head] = head_places_.try_emplace(prompt.head, heads_.size());
    if (is_new_head) heads_.push_back(end_of_text(prompt.head, head_points_));
    json["head"] = head->second;
  }
  prompts_.push_back(std::move(json));
  return found->second;
}

}  // namespace assay::reports

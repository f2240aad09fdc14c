#include "engine/tokenizer/stop_strings.h"

#include <algorithm>
#include <utility>

namespace assay::engine {

std::string_view cut_at_stops(std::string_view text, std::span<const std::string> stops) {
  for (const std::string& stop : stops) {
    if (!stop.empty()) text = text.substr(0, text.find(stop));
  }
  return text;
}

StopSearch::StopSearch(std::vector<std::string> stops) : stops_(std::move(stops)) {
  std::erase(stops_, std::string());
  for (const std::string& stop : stops_) longest_ = std::max(longest_, stop.size());
}

bool StopSearch::hit_with(std::string_view text) const {
  if (hit_ || stops_.empty()) return hit_;
  std::string joined = tail_;
  joined += text;
  return std::any_of(stops_.begin(), stops_.end(),
                     [&](const std::string& stop) { return joined.find(stop) != std::string::npos; });
}

bool StopSearch::add(std::string_view text) {
  if (stops_.empty()) return false;
  hit_ = hit_with(text);
  tail_ += text;
  if (tail_.size() >= longest_) tail_.erase(0, tail_.size() - (longest_ - 1));
  return hit_;
}

}  // namespace assay::engine

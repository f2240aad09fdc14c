// When a published number was measured as one of our protocols measures: a short table, read from PROTOCOLS.md and the
// settings that the sources state. Everything that is not in it is another setting.
#pragma once

#include <span>
#include <string_view>

namespace assay::reports {

struct SameSetting {
  // Ours.
  std::string_view task;
  std::string_view protocol;
  int shots;       // as the manifest counts them: the most that any subset has
  int samples;     // the whole benchmark, as the protocol asks it
  int max_tokens;  // of a greedy generation; 0: nothing is generated
  bool chat;
  std::string_view metric;
  std::string_view average;
  // The published row's, letter for letter.
  std::string_view variant;
  std::string_view reported_by;
  std::string_view source_date;
  std::string_view published_metric;
  std::string_view published_shots;
  std::string_view setting;
};

std::span<const SameSetting> same_settings();

}  // namespace assay::reports

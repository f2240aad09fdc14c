// The one line that is rewritten while a run goes on: tokens done of those planned, rate, time left, running score.
#pragma once

#include <chrono>
#include <string>

#include "engine/engine.h"

namespace assay::harness {

// "1:02:03", "4:05", "12 s"
std::string format_duration(double seconds);
// "1.50 M", "312 k", "980"
std::string format_count(double count);

class ProgressLine {
 public:
  // Shown only where standard error is a terminal and `quiet` is false.
  explicit ProgressLine(bool quiet);
  ~ProgressLine();

  // At most ten times a second. `score`: the running score, "" while there is none.
  void update(const engine::Progress& progress, const std::string& score);
  // The same with a text of the caller's.
  void update(const std::string& text);
  // Removes the line.
  void clear();

 private:
  bool is_due();
  void draw(const std::string& text);

  using Clock = std::chrono::steady_clock;
  bool shown_;
  bool drawn_ = false;
  Clock::time_point begin_;
  Clock::time_point last_;
};

// The text of the line, without the terminal's control characters; `columns` wide at most.
std::string progress_text(const engine::Progress& progress, double seconds, const std::string& score, int columns);

}  // namespace assay::harness

#include "harness/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>

namespace assay::harness {
namespace {

int terminal_columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// So many columns of it: a column is a code point, and none is cut apart.
std::string first_columns(const std::string& text, int columns) {
  int seen = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
    if (begins && ++seen > columns) return text.substr(0, i);
  }
  return text;
}

}  // namespace

std::string format_duration(double seconds) {
  const auto whole = static_cast<int64_t>(std::llround(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string format_count(double count) {
  if (count >= 1e9) return fmt::format("{:.2f} G", count / 1e9);
  if (count >= 1e6) return fmt::format("{:.2f} M", count / 1e6);
  if (count >= 1e4) return fmt::format("{:.1f} k", count / 1e3);
  return fmt::format("{:.0f}", count);
}

std::string progress_text(const engine::Progress& progress, double seconds, const std::string& score, int columns) {
  const double done = static_cast<double>(progress.prompt_tokens_done + progress.generated_tokens_done);
  const double left =
      static_cast<double>(progress.prompt_tokens_total - progress.prompt_tokens_done + progress.generated_tokens_left);
  const double rate = seconds > 0 ? done / seconds : 0;
  std::string text = fmt::format("{:3.0f} %  {} of {} tokens  {}/s", 100 * done / std::max(1.0, done + left),
                                 format_count(done), format_count(done + left), format_count(rate));
  // Generations end when they like: what is left of them is an upper limit, and so is the time.
  if (rate > 0) {
    text +=
        fmt::format("  {}{} left", progress.generated_tokens_left > 0 ? "at most " : "", format_duration(left / rate));
  }
  if (!score.empty()) text += "  " + score;
  return first_columns(text, columns);
}

ProgressLine::ProgressLine(bool quiet)
    : shown_(!quiet && isatty(STDERR_FILENO) != 0), begin_(Clock::now()), last_(begin_) {}

ProgressLine::~ProgressLine() {
  clear();
}

void ProgressLine::update(const engine::Progress& progress, const std::string& score) {
  if (!is_due()) return;
  const double seconds = std::chrono::duration<double>(last_ - begin_).count();
  draw(progress_text(progress, seconds, score, terminal_columns() - 1));
}

void ProgressLine::update(const std::string& text) {
  if (is_due()) draw(first_columns(text, terminal_columns() - 1));
}

bool ProgressLine::is_due() {
  const Clock::time_point now = Clock::now();
  if (!shown_ || (drawn_ && now - last_ < std::chrono::milliseconds(100))) return false;
  last_ = now;
  return true;
}

void ProgressLine::draw(const std::string& text) {
  drawn_ = true;
  fmt::print(stderr, "\r\x1b[K{}", text);
  std::fflush(stderr);
}

void ProgressLine::clear() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
  drawn_ = false;
}

}  // namespace assay::harness

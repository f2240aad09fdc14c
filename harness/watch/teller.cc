#include "harness/watch/teller.h"

#include <cstdio>

#include "base/log.h"
#include "base/text.h"

namespace assay::harness {
namespace {

// Names of files may hold what would begin another line.
std::string on_one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return text;
}

std::string of_checkpoint(const std::string& checkpoint, const std::string& text) {
  return on_one_line(checkpoint.empty() ? text : checkpoint + ": " + text);
}

// Whoever reads it waits for it.
void print_line(const std::string& line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

std::string line_of_json(const store::Json& json) {
  return json.dump(-1, ' ', false, store::Json::error_handler_t::replace);
}

}  // namespace

void WatchTeller::note(const char* event, const std::string& checkpoint, const std::string& text) const {
  print_event(event, checkpoint, text);
  if (!quiet_) log_note(of_checkpoint(checkpoint, text));
}

void WatchTeller::warn(const char* event, const std::string& checkpoint, const std::string& text) const {
  print_event(event, checkpoint, text);
  log_warning(of_checkpoint(checkpoint, text));
}

void WatchTeller::result(const std::string& line, store::Json fields) const {
  if (!json_) return print_line(on_one_line(line));
  store::Json json = {{"event", "scored"}};
  json.update(fields);
  print_line(line_of_json(json));
}

void WatchTeller::print_event(const char* event, const std::string& checkpoint, const std::string& text) const {
  if (!json_) return;
  store::Json json = {{"event", event}};
  if (!checkpoint.empty()) json["checkpoint"] = checkpoint;
  json["says"] = text;
  print_line(line_of_json(json));
}

std::string label_of(const CheckpointEntry& entry) {
  return printable(entry.name);
}

}  // namespace assay::harness

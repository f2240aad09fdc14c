// What a watch says: lines for people on standard error, results on standard output; with --json every event as a line
// of JSON there.
#pragma once

#include <string>

#include "harness/watch/folder.h"
#include "store/store.h"

namespace assay::harness {

class WatchTeller {
 public:
  WatchTeller(bool json, bool quiet) : json_(json), quiet_(quiet) {}

  // "assay: checkpoint-500: waits: ..."; `event` is its kind for programs. --quiet leaves notes out.
  void note(const char* event, const std::string& checkpoint, const std::string& text) const;
  // The same as a warning.
  void warn(const char* event, const std::string& checkpoint, const std::string& text) const;
  // Nothing of one checkpoint.
  void note(const char* event, const std::string& text) const { note(event, "", text); }
  void warn(const char* event, const std::string& text) const { warn(event, "", text); }
  // A checkpoint's verdict, on standard output.
  void result(const std::string& line, store::Json fields) const;

 private:
  void print_event(const char* event, const std::string& checkpoint, const std::string& text) const;

  bool json_;
  bool quiet_;
};

// An entry's name for a line of text.
std::string label_of(const CheckpointEntry& entry);

}  // namespace assay::harness

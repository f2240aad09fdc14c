// One file over HTTP(S), by libcurl: resumed where it stopped, never waiting for ever, and put into a part file that
// the caller checks before it counts for anything. Proxies are taken from the environment (https_proxy, no_proxy ...).
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace assay::datasets {

// What a long piece of work tells, and is told, on its way.
struct Watch {
  const std::atomic<bool>* stop = nullptr;  // set: Error(kInterrupted)
  std::function<void(const std::string& name, int64_t done, int64_t total)> progress = nullptr;  // total 0: unknown

  // Error(kInterrupted) once a stop was asked for.
  void check() const;
};

struct Patience {
  double stall_seconds = 30;  // without a byte: the connection is given up and tried again
  int attempts = 4;           // in a row that bring no new byte
  double pause_seconds = 1;   // before the second attempt; twice as long before each further one
};

struct Address {
  std::string url;
  std::filesystem::path part;  // where the bytes go
  std::string name;            // for progress
  std::string identity;        // what is expected ("" or a SHA-256): a part file of anything else is not resumed
  int64_t bytes = 0;           // exactly; 0: unknown
  int64_t most_bytes = 0;      // more is refused
};

// Not thread-safe; connections are kept from one file to the next.
class Downloader {
 public:
  explicit Downloader(const Patience& patience = {});
  ~Downloader();

  // After it the part file holds all that the server has. PART.from beside it remembers what the part is of.
  // Error(kUnavailable): no answer, no such file, stalled or cut off too often (the part is kept for the next time),
  // redirected too often or from https to http; a host that cannot be reached is not asked again.
  // Error(kBadInput): an HTML page instead of the file, or more than `most_bytes`; the part is removed.
  // Error(kIo): the part cannot be written. Error(kInterrupted).
  void fetch(const Address& address, const Watch& watch);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Removes a part file and what is remembered of it.
void remove_part(const std::filesystem::path& part);

}  // namespace assay::datasets

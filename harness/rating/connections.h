// Which connections are open, and who has to go when there are too many: of the address that has the most, the one that
// has let us wait the longest. So a client that opens many and sends nothing pushes out its own. Thread-safe.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

namespace assay::harness {

class Connections {
 public:
  explicit Connections(size_t most) : most_(most) {}

  // While it lives, the connection counts; it must end before its socket is closed.
  class Visit {
   public:
    Visit(Connections& connections, int socket, const std::string& address);
    ~Visit();
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

    // From here on the server waits for the client to send (`reading`) or to take bytes, or works.
    void waits(bool reading);
    void works();

   private:
    Connections& connections_;
    int64_t id_ = 0;
  };

  // Ends what waits for a request, now and from now on; with `all` everything.
  void close(bool all);
  bool closing() const;
  size_t count() const;

 private:
  enum class State { kReading, kWriting, kWorking, kEvicted };
  struct Entry {
    int socket = -1;
    std::string address;
    State state = State::kWorking;
    std::chrono::steady_clock::time_point since;
  };
  void make_room();

  const size_t most_;
  mutable std::mutex mutex_;
  int64_t next_ = 0;
  bool closing_ = false;
  std::map<int64_t, Entry> entries_;
};

}  // namespace assay::harness

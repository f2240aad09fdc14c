#include "harness/rating/connections.h"

#include <sys/socket.h>

#include <tuple>

namespace assay::harness {

using SteadyClock = std::chrono::steady_clock;

Connections::Visit::Visit(Connections& connections, int socket, const std::string& address)
    : connections_(connections) {
  const std::scoped_lock lock(connections_.mutex_);
  connections_.make_room();
  id_ = connections_.next_++;
  connections_.entries_[id_] = {socket, address, State::kWorking, SteadyClock::now()};
}

Connections::Visit::~Visit() {
  const std::scoped_lock lock(connections_.mutex_);
  connections_.entries_.erase(id_);
}

void Connections::Visit::waits(bool reading) {
  const std::scoped_lock lock(connections_.mutex_);
  Entry& entry = connections_.entries_.at(id_);
  if (entry.state == State::kEvicted) return;
  entry.state = reading ? State::kReading : State::kWriting;
  entry.since = SteadyClock::now();
  if (reading && connections_.closing_) ::shutdown(entry.socket, SHUT_RD);
}

void Connections::Visit::works() {
  const std::scoped_lock lock(connections_.mutex_);
  Entry& entry = connections_.entries_.at(id_);
  if (entry.state != State::kEvicted) entry.state = State::kWorking;
}

void Connections::make_room() {
  std::map<std::string, size_t> of_address;
  size_t standing = 0;
  for (const auto& [id, entry] : entries_) {
    if (entry.state == State::kEvicted) continue;
    ++standing;
    ++of_address[entry.address];
  }
  if (standing < most_) return;
  Entry* victim = nullptr;
  const auto rank = [&](const Entry& entry) {
    return std::tuple(of_address[entry.address], SteadyClock::now() - entry.since);
  };
  for (auto& [id, entry] : entries_) {
    if (entry.state != State::kReading && entry.state != State::kWriting) continue;
    if (victim == nullptr || rank(entry) > rank(*victim)) victim = &entry;
  }
  if (victim == nullptr) return;
  ::shutdown(victim->socket, SHUT_RDWR);
  victim->state = State::kEvicted;
}

void Connections::close(bool all) {
  const std::scoped_lock lock(mutex_);
  closing_ = true;
  for (const auto& [id, entry] : entries_) {
    if (all) ::shutdown(entry.socket, SHUT_RDWR);
    if (entry.state == State::kReading) ::shutdown(entry.socket, SHUT_RD);
  }
}

bool Connections::closing() const {
  const std::scoped_lock lock(mutex_);
  return closing_;
}

size_t Connections::count() const {
  const std::scoped_lock lock(mutex_);
  return entries_.size();
}

}  // namespace assay::harness

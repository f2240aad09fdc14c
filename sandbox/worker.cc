#include "sandbox/worker.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/process.hpp>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "base/error.h"
#include "base/program.h"
#include "base/text.h"

namespace assay::sandbox {
namespace {

constexpr const char* kWayOut =
    "user namespaces may be forbidden here: allow them (sysctl kernel.unprivileged_userns_clone and "
    "user.max_user_namespaces, or a container's seccomp profile)";

// One a processor; each costs two interpreters, and beyond some number answers come faster than anybody asks.
int slots_of_this_machine() {
  return static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1u, 16u));
}

std::filesystem::path beside_this_program() {
  return program_folder() / "assay-jail";
}

// As it is built, beside this program; as it is installed, <prefix>/libexec/assay for a program in <prefix>/bin.
std::filesystem::path find_jail() {
  const std::filesystem::path beside = beside_this_program();
  const std::filesystem::path folder = beside.parent_path();
  if (access(beside.c_str(), F_OK) == 0 || folder.filename() != "bin") return beside;
  return folder.parent_path() / "libexec/assay" / beside.filename();
}

}  // namespace

struct Worker::Impl {
  boost::process::child process;
  Fd socket;
  std::thread listener;
  std::mutex mutex;
  // Under the mutex:
  uint64_t next_id = 0;
  std::map<std::string, Answer> awaited;
  std::deque<std::pair<std::string, Fields>> waiting;  // not sent yet: what is sent holds descriptors
  size_t sent = 0;
  size_t most_sent = 1;
  bool gone = false;

  void send_more() {
    while (!gone && sent < most_sent && !waiting.empty()) {
      Fields message = std::move(waiting.front().second);
      message.insert(message.begin(), waiting.front().first);
      waiting.pop_front();
      ++sent;
      try {
        send_fields(socket.get(), message);
      } catch (const std::exception&) {
        gone = true;  // the listener hears the end and tells everybody
      }
    }
  }

  void listen() {
    try {
      while (std::optional<Fields> message = receive_fields(socket.get())) take(*message);
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): the end is the end
    }
    std::map<std::string, Answer> left;
    {
      const std::lock_guard lock(mutex);
      gone = true;
      left.swap(awaited);
      waiting.clear();
    }
    for (const auto& [id, answer] : left) answer({"error", "assay-jail has ended; its jobs were not run"});
  }

  void take(Fields& message) {
    Answer answer;
    {
      const std::lock_guard lock(mutex);
      const auto found = message.empty() ? awaited.end() : awaited.find(message.front());
      if (found == awaited.end()) return;
      answer = std::move(found->second);
      awaited.erase(found);
      --sent;
      send_more();
    }
    message.erase(message.begin());
    answer(message);
  }
};

Worker::Worker(const JailOptions& options, Kind kind) : impl_(std::make_unique<Impl>()) {
  const std::filesystem::path program = options.program.empty() ? find_jail() : options.program;
  if (access(program.c_str(), X_OK) != 0) {
    fail(ExitCode::kUnavailable,
         "{} is not there or cannot be executed; it comes with assay: install the package again, or build it beside "
         "assay with scripts/build",
         program.string());
  }
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    fail(ExitCode::kUnavailable, "no socket for assay-jail: {}", strerror(errno));
  }
  impl_->socket.reset(ends[0]);
  const Fd inside(ends[1]);
  const int slots = options.slots > 0 ? options.slots : slots_of_this_machine();
  impl_->most_sent = 2 * static_cast<size_t>(slots);
  std::vector<std::string> words = {kind == Kind::kPython ? "python" : "programs", std::to_string(slots)};
  if (options.reduced) words.emplace_back("--reduced");
  if (!options.python.empty()) words.insert(words.end(), {"--python", options.python.string()});
  words.insert(words.end(), options.switches.begin(), options.switches.end());
  namespace process = boost::process;
  // Boost 1.74 leaves every descriptor open in the child; ours are close-on-exec, and the first act of assay-jail is to
  // close all others.
  impl_->process = process::child(process::exe = program.string(), process::args = words,
                                  process::env = process::environment{}, process::posix::fd.bind(0, inside.get()));
  const_cast<Fd&>(inside).reset();
  std::optional<Fields> hello;
  try {
    hello = receive_fields(impl_->socket.get());
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): as if it had said nothing
  }
  if (!hello || hello->size() < 2 || hello->front() != "ready") {
    impl_->socket.reset();
    impl_->process.wait();
    const std::string said = hello && hello->size() == 2 ? (*hello)[1] : "assay-jail does not start";
    const bool is_layer = said.starts_with("layer ");
    fail(ExitCode::kUnavailable, "code cannot be run safely here: {}{}{}", said, is_layer ? "; " : "",
         is_layer ? kWayOut : "");
  }
  layers_ = split((*hello)[1], ' ');
  if (hello->size() > 2) python_ = (*hello)[2];
  impl_->listener = std::thread([this] { impl_->listen(); });
}

Worker::~Worker() {
  shutdown(impl_->socket.get(), SHUT_RDWR);
  if (impl_->listener.joinable()) impl_->listener.join();
  impl_->socket.reset();
  if (impl_->process.valid()) impl_->process.wait();
}

void Worker::ask(Fields asked, Answer answer) {
  const std::unique_lock lock(impl_->mutex);
  if (impl_->gone) {
    answer({"error", "assay-jail has ended; its jobs were not run"});
    return;
  }
  const std::string id = std::to_string(impl_->next_id++);
  impl_->awaited.emplace(id, std::move(answer));
  impl_->waiting.emplace_back(id, std::move(asked));
  impl_->send_more();
}

}  // namespace assay::sandbox

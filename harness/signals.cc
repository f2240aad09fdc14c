#include "harness/signals.h"

#include <signal.h>
#include <sys/time.h>

#include <cmath>

namespace assay::harness {
namespace {

// The one piece of global state: a signal handler can reach nothing else.
std::atomic<bool> g_stop{false};
std::atomic<int> g_signal{0};

void on_signal(int signal_number) {
  if (g_stop.exchange(true) && signal_number == SIGINT) {
    signal(SIGINT, SIG_DFL);
    raise(SIGINT);
  }
  int none = 0;
  g_signal.compare_exchange_strong(none, signal_number);
}

void handle(int signal_number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigaction(signal_number, &action, nullptr);
}

void set_timer(double seconds) {
  itimerval timer{};
  timer.it_value.tv_sec = static_cast<time_t>(seconds);
  timer.it_value.tv_usec = static_cast<suseconds_t>(std::fmod(seconds, 1.0) * 1e6);
  setitimer(ITIMER_REAL, &timer, nullptr);
}

}  // namespace

StopRequest::StopRequest(double seconds) {
  g_stop = false;
  g_signal = 0;
  handle(SIGINT, on_signal);
  handle(SIGTERM, on_signal);
  handle(SIGALRM, on_signal);
  if (seconds > 0) set_timer(seconds);
}

StopRequest::~StopRequest() {
  set_timer(0);
  handle(SIGINT, SIG_DFL);
  handle(SIGTERM, SIG_DFL);
  handle(SIGALRM, SIG_DFL);
}

const std::atomic<bool>& StopRequest::flag() const {
  return g_stop;
}

std::string StopRequest::reason() const {
  switch (g_signal.load()) {
    case SIGINT:
      return "Ctrl-C";
    case SIGTERM:
      return "SIGTERM";
    case SIGALRM:
      return "the time limit";
    default:
      return "";
  }
}

}  // namespace assay::harness

#include "datasets/download.h"

#include <curl/curl.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <map>
#include <thread>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "datasets/new_file.h"
#include "datasets/transfer.h"

namespace assay::datasets {

namespace fs = std::filesystem;

namespace {

struct CloseHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

std::string host_of(const std::string& url) {
  const size_t begin = url.find("://");
  return begin == std::string::npos ? url : url.substr(0, url.find('/', begin + 3));
}

void pause(double seconds, const Watch& watch) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < end) {
    watch.check();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

fs::path memory_of(const fs::path& part) {
  fs::path memory = part;
  return memory += ".from";
}

int64_t size_of(const fs::path& path) {
  std::error_code missing;
  const auto size = fs::file_size(path, missing);
  return missing ? 0 : static_cast<int64_t>(size);
}

// PART.from has two lines: whose bytes these are, and by what the server knows them (an ETag or a date).
struct Memory {
  std::string whose;
  std::string validator;
};

Memory recall(const fs::path& part) {
  std::error_code missing;
  if (!fs::is_regular_file(memory_of(part), missing)) return {};
  const std::vector<std::string> lines = split(read_file(memory_of(part)), '\n');
  return {lines[0], lines.size() > 1 ? lines[1] : ""};
}

// Half of it after a crash is no harm: then the part is fetched anew.
void remember(const fs::path& part, const Memory& memory) {
  std::ofstream file(memory_of(part), std::ios::binary | std::ios::trunc);
  file << memory.whose << "\n" << memory.validator;
  if (!file.flush()) fail_to_write(memory_of(part), errno);
}

}  // namespace

struct Downloader::State {
  Patience patience;
  std::unique_ptr<CURL, CloseHandle> handle;
  std::map<std::string, std::string> unreachable;  // host -> why
};

void Watch::check() const {
  if (stop != nullptr && stop->load()) {
    fail(ExitCode::kInterrupted, "interrupted; the same command goes on where it stopped");
  }
}

Downloader::Downloader(const Patience& patience) : state_(std::make_unique<State>()) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  state_->patience = patience;
  state_->handle.reset(curl_easy_init());
  if (ready != CURLE_OK || state_->handle == nullptr) fail(ExitCode::kInternal, "libcurl does not start");
}

Downloader::~Downloader() = default;

void Downloader::fetch(const Address& address, const Watch& watch) {
  const std::string host = host_of(address.url);
  if (const auto known = state_->unreachable.find(host); known != state_->unreachable.end()) {
    fail(ExitCode::kUnavailable, "{}: {}", address.url, known->second);
  }
  const std::string whose = address.identity.empty() ? address.url : address.identity;
  if (recall(address.part).whose != whose) remove_part(address.part);
  int64_t most = size_of(address.part);
  for (int tries = 0;;) {
    watch.check();
    const Transfer transfer =
        transfer_once(state_->handle.get(), address, {size_of(address.part), recall(address.part).validator},
                      state_->patience.stall_seconds, watch, [&](const std::string& validator) {
                        remember(address.part, {whose, validator});
                      });
    switch (transfer.end) {
      case Transfer::End::kWhole:
        return;
      case Transfer::End::kUnreachable:
        state_->unreachable[host] = transfer.why;
        fail(ExitCode::kUnavailable, "{}: {}", address.url, transfer.why);
      case Transfer::End::kRefused:
        fail(ExitCode::kUnavailable, "{}: {}", address.url, transfer.why);
      case Transfer::End::kWrong:
        remove_part(address.part);
        fail_input("{}: {}", address.url, transfer.why);
      case Transfer::End::kNotThisPart:
        remove_part(address.part);
        break;
      case Transfer::End::kCutOff:
        break;
    }
    if (size_of(address.part) > most) {
      most = size_of(address.part);
      tries = 0;
    }
    if (++tries >= state_->patience.attempts) {
      fail(ExitCode::kUnavailable,
           "{}: {}, {} times in a row; run the same command again later: it goes on from {} bytes", address.url,
           transfer.why, tries, size_of(address.part));
    }
    pause(state_->patience.pause_seconds * (1 << std::min(tries - 1, 6)), watch);
  }
}

void remove_part(const fs::path& part) {
  std::error_code ignored;
  fs::remove(part, ignored);
  fs::remove(memory_of(part), ignored);
}

}  // namespace assay::datasets

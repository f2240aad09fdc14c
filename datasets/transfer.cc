#include "datasets/transfer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <exception>
#include <map>
#include <memory>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "datasets/new_file.h"

namespace assay::datasets {
namespace {

using End = Transfer::End;

constexpr long kMostRedirects = 5;
constexpr long kConnectSeconds = 30;
constexpr const char* kSilent = "does not answer; check the network and https_proxy, or use a mirror with --from";

// What a page begins with that a proxy or a login wall sends instead of the file. No benchmark file begins so.
bool looks_like_html(std::string_view head) {
  const std::string text = python_lower(python_strip(head));
  return text.starts_with("<!doctype html") || text.starts_with("<html");
}

// "bytes 100-199/200" or "bytes */200".
struct ContentRange {
  int64_t begin = -1;
  int64_t total = -1;
};

int64_t number_at(std::string_view text) {
  int64_t number = -1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

ContentRange parse_content_range(std::string_view text) {
  ContentRange range;
  if (!text.starts_with("bytes ")) return range;
  range.begin = number_at(text.substr(6));
  const size_t slash = text.find('/');
  if (slash != std::string_view::npos) range.total = number_at(text.substr(slash + 1));
  return range;
}

// The state of one request, which libcurl's callbacks work on. No exception may cross libcurl: it is kept and thrown
// again afterwards.
class Receiver {
 public:
  Receiver(CURL* handle, const Address& address, const Here& here, double stall_seconds, const Watch& watch,
           const std::function<void(const std::string&)>& starts_over)
      : handle_(handle),
        address_(address),
        offset_(here.bytes),
        stall_seconds_(stall_seconds),
        watch_(watch),
        starts_over_(starts_over) {}
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;
  ~Receiver() {
    if (fd_ >= 0) ::close(fd_);
  }

  void header(std::string_view line) {
    if (line.starts_with("HTTP/")) headers_.clear();  // of the answer before a redirect
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    headers_[python_lower(line.substr(0, colon))] = std::string(python_strip(line.substr(colon + 1)));
  }

  bool body(std::string_view bytes) {
    try {
      return take(bytes);
    } catch (...) {
      thrown_ = std::current_exception();
      return false;
    }
  }

  // libcurl calls it whenever something happens, and once a second when nothing does.
  bool progress(int64_t now, int64_t total) {
    const Clock::time_point time = Clock::now();
    if (now != last_now_) last_time_ = time;
    last_now_ = now;
    if (std::chrono::duration<double>(time - last_time_).count() > stall_seconds_) {
      return stop_with(is_connected() ? End::kCutOff : End::kUnreachable,
                       is_connected() ? "nothing came for too long" : kSilent);
    }
    try {
      if (watch_.progress != nullptr && begun_) {
        const int64_t expected = address_.bytes > 0 ? address_.bytes : (total > 0 ? begin_ + total : 0);
        watch_.progress(address_.name, begin_ + now, expected);
      }
    } catch (...) {
      thrown_ = std::current_exception();
      return false;
    }
    return watch_.stop == nullptr || !watch_.stop->load();
  }

  Transfer finish(CURLcode result) {
    if (thrown_) std::rethrow_exception(thrown_);
    watch_.check();
    if (verdict_) return *verdict_;
    if (result != CURLE_OK) return of_failure(result);
    return of_status(status());
  }

 private:
  long status() const {
    long code = 0;
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &code);
    return code;
  }

  bool is_connected() const {
    curl_off_t connected = 0;
    curl_easy_getinfo(handle_, CURLINFO_CONNECT_TIME_T, &connected);
    return connected > 0;
  }

  std::string header_value(const std::string& name) const {
    const auto found = headers_.find(name);
    return found == headers_.end() ? "" : found->second;
  }

  // What If-Range takes: a strong ETag, else the date.
  std::string validator() const {
    const std::string etag = header_value("etag");
    return etag.starts_with('"') ? etag : header_value("last-modified");
  }

  bool stop_with(End end, std::string why) {
    verdict_ = Transfer{end, std::move(why)};
    return false;
  }

  // The part file is opened when there is something to put in: a failure leaves no empty files and folders.
  bool begin(long code) {
    begun_ = true;
    make_folders_above(address_.part);
    fd_ = ::open(address_.part.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd_ < 0) fail_to_write(address_.part, errno);
    if (code == 206) {
      const ContentRange range = parse_content_range(header_value("content-range"));
      if (range.begin != offset_) return stop_with(End::kNotThisPart, "sent another part than was asked for");
      total_ = range.total;
    } else {
      if (::ftruncate(fd_, 0) != 0) fail_to_write(address_.part, errno);
      offset_ = 0;
      starts_over_(validator());
    }
    begin_ = offset_;
    if (::lseek(fd_, offset_, SEEK_SET) < 0) fail_to_write(address_.part, errno);
    return true;
  }

  bool take(std::string_view bytes) {
    const long code = status();
    if (code != 200 && code != 206) return true;  // the text of an error
    if (!begun_ && !begin(code)) return false;
    if (begin_ == 0 && head_.size() < 64) {
      head_ += bytes.substr(0, 256);
      if (looks_like_html(head_)) {
        return stop_with(End::kWrong,
                         fmt::format("sent an HTML page instead of the file (\"{}\"), as proxies and login pages do; "
                                     "open the address in a browser, set https_proxy, or use a mirror with --from",
                                     printable(head_.substr(0, 60))));
      }
    }
    if (offset_ + static_cast<int64_t>(bytes.size()) > address_.most_bytes) {
      return stop_with(End::kWrong, fmt::format("sends more than the {} bytes that are expected at most; fetch it "
                                                "from a mirror with --from",
                                                address_.most_bytes));
    }
    while (!bytes.empty()) {
      const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail_to_write(address_.part, errno);
      offset_ += count;
      bytes.remove_prefix(static_cast<size_t>(count));
    }
    return true;
  }

  Transfer of_status(long code) {
    const std::string page = python_lower(header_value("content-type")).starts_with("text/html") ? " with a page" : "";
    if (code == 200 || code == 206) {
      if (!begun_ && !begin(code)) return *verdict_;  // an empty file
      if (total_ >= 0 && offset_ < total_) return {End::kCutOff, "sent less than was asked for"};
      // A server that says no length and closes: whether all came shows in the size alone.
      const bool may_be_short = header_value("content-length").empty() && offset_ < address_.bytes;
      return may_be_short ? Transfer{End::kCutOff, "the connection was closed early"} : Transfer{End::kWhole, ""};
    }
    if (code == 416) {
      const int64_t total = parse_content_range(header_value("content-range")).total;
      if (total == offset_ && offset_ > 0) return {End::kWhole, ""};
      return {End::kNotThisPart, "does not have the part that was asked for"};
    }
    const std::string why = fmt::format("the server answered {}{}", code, page);
    if (code >= 500 || code == 408 || code == 429) return {End::kCutOff, why};
    if (code == 404 || code == 410)
      return {End::kRefused, why + ": it does not have the file; use a mirror with --from"};
    if (code == 407) return {End::kUnreachable, why + ": the proxy wants a name and password in https_proxy"};
    return {End::kRefused, why + "; use a mirror with --from"};
  }

  Transfer of_failure(CURLcode result) const {
    const std::string why = curl_easy_strerror(result);
    switch (result) {
      case CURLE_TOO_MANY_REDIRECTS:
        return {End::kRefused,
                fmt::format("redirects more than {} times, or in a circle; use a mirror with --from", kMostRedirects)};
      case CURLE_UNSUPPORTED_PROTOCOL:
      case CURLE_URL_MALFORMAT:
        return {End::kRefused,
                "leads to an address that is not https (or http, where it began so); use a mirror with "
                "--from"};
      case CURLE_COULDNT_RESOLVE_HOST:
      case CURLE_COULDNT_RESOLVE_PROXY:
      case CURLE_COULDNT_CONNECT:
        return {
            End::kUnreachable,
            why + "; check the network and https_proxy, or bring the files with `assay datasets bundle` and --from"};
      case CURLE_PEER_FAILED_VERIFICATION:
      case CURLE_SSL_CACERT_BADFILE:
        return {End::kUnreachable, why + "; install the package ca-certificates, and your proxy's own certificate"};
      case CURLE_OPERATION_TIMEDOUT:
        return {End::kUnreachable, kSilent};
      default:
        return {End::kCutOff, python_lower(why)};
    }
  }

  CURL* handle_;
  const Address& address_;
  int64_t offset_;     // where the next byte goes
  int64_t begin_ = 0;  // where this answer's first byte went
  int64_t total_ = -1;
  bool begun_ = false;
  using Clock = std::chrono::steady_clock;
  double stall_seconds_;
  int64_t last_now_ = 0;
  Clock::time_point last_time_ = Clock::now();
  const Watch& watch_;
  const std::function<void(const std::string&)>& starts_over_;
  int fd_ = -1;
  std::map<std::string, std::string> headers_;
  std::string head_;
  std::optional<Transfer> verdict_;
  std::exception_ptr thrown_;
};

size_t on_header(char* data, size_t size, size_t count, void* receiver) {
  static_cast<Receiver*>(receiver)->header({data, size * count});
  return size * count;
}

size_t on_body(char* data, size_t size, size_t count, void* receiver) {
  return static_cast<Receiver*>(receiver)->body({data, size * count}) ? size * count : 0;
}

int on_progress(void* receiver, curl_off_t total, curl_off_t now, curl_off_t, curl_off_t) {
  return static_cast<Receiver*>(receiver)->progress(now, total) ? 0 : 1;
}

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

}  // namespace

Transfer transfer_once(CURL* handle, const Address& address, const Here& here, double stall_seconds, const Watch& watch,
                       const std::function<void(const std::string& validator)>& starts_over) {
  Receiver receiver(handle, address, here, stall_seconds, watch, starts_over);
  curl_easy_reset(handle);
  const auto set = [&](CURLoption option, auto value) {
    if (curl_easy_setopt(handle, option, value) != CURLE_OK)
      fail(ExitCode::kInternal, "libcurl option {}", int{option});
  };
  set(CURLOPT_URL, address.url.c_str());
  set(CURLOPT_USERAGENT, "assay");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, address.url.starts_with("https:") ? "https" : "http,https");
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, kMostRedirects);
  set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  set(CURLOPT_HEADERFUNCTION, &on_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(&receiver));
  set(CURLOPT_WRITEFUNCTION, &on_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&receiver));
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &on_progress);
  set(CURLOPT_XFERINFODATA, static_cast<void*>(&receiver));
  std::unique_ptr<curl_slist, FreeList> headers;
  const std::string range = std::to_string(here.bytes) + "-";
  if (here.bytes > 0) {
    // The range is libcurl's business only as a header: whether it was honoured is decided here.
    set(CURLOPT_RANGE, range.c_str());
    if (!here.validator.empty()) headers.reset(curl_slist_append(nullptr, ("If-Range: " + here.validator).c_str()));
    set(CURLOPT_HTTPHEADER, headers.get());
  }
  return receiver.finish(curl_easy_perform(handle));
}

}  // namespace assay::datasets

#include "engine/remote/http.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <list>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace assay::engine {
namespace {

using Clock = std::chrono::steady_clock;
using Failure = HttpReply::Failure;

constexpr size_t kLargestBody = size_t{64} << 20;

struct FreeEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeMulti {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// One request while it is in flight; libcurl points into it, so it stays where it is.
struct Exchange {
  std::unique_ptr<CURL, FreeEasy> handle;
  std::string sent;
  HttpReply reply;
  bool too_large = false;
  curl_off_t moved = 0;  // bytes in both directions
  Clock::time_point last_byte = Clock::now();
};

size_t on_header(char* data, size_t size, size_t count, void* exchange) {
  HttpReply& reply = static_cast<Exchange*>(exchange)->reply;
  const std::string_view line(data, size * count);
  const size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    const std::string name = python_lower(line.substr(0, colon));
    const std::string value(python_strip(line.substr(colon + 1)));
    if (name == "retry-after") reply.retry_after = value;
    if (name == "location") reply.location = value;
  }
  return size * count;
}

size_t on_body(char* data, size_t size, size_t count, void* exchange) {
  Exchange& of = *static_cast<Exchange*>(exchange);
  of.too_large = of.reply.body.size() + size * count > kLargestBody;
  if (of.too_large) return 0;
  of.reply.body.append(data, size * count);
  return size * count;
}

int on_progress(void* exchange, curl_off_t, curl_off_t received, curl_off_t, curl_off_t sent) {
  Exchange& of = *static_cast<Exchange*>(exchange);
  if (received + sent != of.moved) of.last_byte = Clock::now();
  of.moved = received + sent;
  return 0;
}

Failure failure_of(CURLcode result, const Exchange& exchange) {
  if (exchange.too_large) return Failure::kTooLarge;
  switch (result) {
    case CURLE_OK:
      return Failure::kNone;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return Failure::kUnreachable;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return Failure::kCertificate;
    case CURLE_OPERATION_TIMEDOUT:
      return Failure::kTimeout;
    default:
      return Failure::kBroken;
  }
}

template <typename Value>
void set(CURL* handle, CURLoption option, Value value) {
  if (curl_easy_setopt(handle, option, value) != CURLE_OK) fail(ExitCode::kInternal, "libcurl option {}", int{option});
}

}  // namespace

struct HttpPool::Impl {
  HttpOptions options;
  std::unique_ptr<CURLM, FreeMulti> multi{curl_multi_init()};
  std::unique_ptr<curl_slist, FreeList> headers;
  std::list<Exchange> exchanges;

  void add_header(const std::string& line) {
    curl_slist* longer = curl_slist_append(headers.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(headers.release());
    headers.reset(longer);
  }

  void prepare(Exchange& exchange, const std::string& url) const {
    CURL* handle = exchange.handle.get();
    set(handle, CURLOPT_URL, url.c_str());
    set(handle, CURLOPT_USERAGENT, "assay");
    set(handle, CURLOPT_NOSIGNAL, 1L);
    set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    set(handle, CURLOPT_FOLLOWLOCATION, 0L);
    set(handle, CURLOPT_ACCEPT_ENCODING, "");
    if (const char* authorities = std::getenv("SSL_CERT_FILE"); authorities != nullptr && *authorities != '\0') {
      set(handle, CURLOPT_CAINFO, authorities);
    }
    set(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(1000 * options.connect_seconds));
    set(handle, CURLOPT_HTTPHEADER, headers.get());
    set(handle, CURLOPT_POSTFIELDS, exchange.sent.c_str());
    set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(exchange.sent.size()));
    set(handle, CURLOPT_HEADERFUNCTION, &on_header);
    set(handle, CURLOPT_HEADERDATA, static_cast<void*>(&exchange));
    set(handle, CURLOPT_WRITEFUNCTION, &on_body);
    set(handle, CURLOPT_WRITEDATA, static_cast<void*>(&exchange));
    set(handle, CURLOPT_NOPROGRESS, 0L);
    set(handle, CURLOPT_XFERINFOFUNCTION, &on_progress);
    set(handle, CURLOPT_XFERINFODATA, static_cast<void*>(&exchange));
    set(handle, CURLOPT_PRIVATE, static_cast<void*>(&exchange));
  }

  HttpReply take(Exchange& exchange, CURLcode result) {
    HttpReply reply = std::move(exchange.reply);
    curl_easy_getinfo(exchange.handle.get(), CURLINFO_RESPONSE_CODE, &reply.status);
    reply.failure = failure_of(result, exchange);
    if (reply.failure != Failure::kNone) reply.why = python_lower(curl_easy_strerror(result));
    reply.body = options.key.redact(reply.body);
    reply.location = options.key.redact(reply.location);
    curl_multi_remove_handle(multi.get(), exchange.handle.get());
    exchanges.remove_if([&](const Exchange& other) { return &other == &exchange; });
    return reply;
  }

  void take_stalled(std::vector<HttpReply>& replies) {
    std::vector<Exchange*> stalled;
    for (Exchange& exchange : exchanges) {
      const double silent = std::chrono::duration<double>(Clock::now() - exchange.last_byte).count();
      if (silent > options.stall_seconds) stalled.push_back(&exchange);
    }
    for (Exchange* exchange : stalled) replies.push_back(take(*exchange, CURLE_OPERATION_TIMEDOUT));
  }
};

HttpPool::HttpPool(const HttpOptions& options) : impl_(std::make_unique<Impl>()) {
  impl_->options = options;
  if (impl_->multi == nullptr) throw std::bad_alloc();
  impl_->add_header("Content-Type: application/json");
  impl_->add_header("Accept: application/json");
  impl_->add_header("Expect:");  // or a long body waits a second for a server that says nothing to it
  if (!options.key.empty()) impl_->add_header(options.key.header());
}

HttpPool::~HttpPool() {
  for (Exchange& exchange : impl_->exchanges) curl_multi_remove_handle(impl_->multi.get(), exchange.handle.get());
}

void HttpPool::post(size_t id, const std::string& url, std::string body) {
  Exchange& exchange = impl_->exchanges.emplace_back();
  exchange.handle.reset(curl_easy_init());
  if (exchange.handle == nullptr) throw std::bad_alloc();
  exchange.sent = std::move(body);
  exchange.reply.id = id;
  impl_->prepare(exchange, url);
  if (curl_multi_add_handle(impl_->multi.get(), exchange.handle.get()) != CURLM_OK) {
    fail(ExitCode::kInternal, "libcurl takes no further request");
  }
}

std::vector<HttpReply> HttpPool::wait(int milliseconds) {
  int running = 0;
  // A signal may end the wait early.
  curl_multi_poll(impl_->multi.get(), nullptr, 0, milliseconds, nullptr);
  if (const CURLMcode code = curl_multi_perform(impl_->multi.get(), &running); code != CURLM_OK) {
    fail(ExitCode::kInternal, "libcurl: {}", curl_multi_strerror(code));
  }
  std::vector<HttpReply> replies;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(impl_->multi.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    void* exchange = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange);
    replies.push_back(impl_->take(*static_cast<Exchange*>(exchange), message->data.result));
  }
  impl_->take_stalled(replies);
  return replies;
}

size_t HttpPool::in_flight() const {
  return impl_->exchanges.size();
}

}  // namespace assay::engine

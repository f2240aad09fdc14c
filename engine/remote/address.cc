#include "engine/remote/address.h"

#include <curl/curl.h>

#include <memory>

#include "base/error.h"
#include "base/text.h"

namespace assay::engine {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, FreeUrl>;

std::string part_of(const Url& url, CURLUPart part, unsigned int flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, flags) != CURLUE_OK) return "";
  std::string copy = text;
  curl_free(text);
  return copy;
}

[[noreturn]] void refuse(const std::string& what) {
  fail(ExitCode::kUsage, "--model: {}; write an endpoint as https://host/v1#model", what);
}

bool is_this_machine(const std::string& host) {
  const bool loopback = host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos;
  return loopback || host == "localhost" || host.ends_with(".localhost") || host == "::1";
}

}  // namespace

bool is_endpoint(std::string_view model) {
  return model.starts_with("http://") || model.starts_with("https://");
}

EndpointAddress parse_endpoint(const std::string& text) {
  const Url url(curl_url());
  if (url == nullptr || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    refuse("this is not a valid address");
  }
  if (!part_of(url, CURLUPART_USER).empty() || !part_of(url, CURLUPART_PASSWORD).empty()) {
    refuse(
        "a user name or password does not belong into the address, where it would be recorded: keys come from "
        "--api-key-file, ASSAY_API_KEY or OPENAI_API_KEY");
  }
  if (!part_of(url, CURLUPART_QUERY).empty()) {
    refuse("a query (what follows the ?) does not belong into the address, where it would be recorded");
  }
  EndpointAddress address;
  address.model = part_of(url, CURLUPART_FRAGMENT, CURLU_URLDECODE);
  if (address.model.empty()) refuse("the model's name is missing behind a #");
  if (!is_valid_utf8(address.model)) refuse("the model's name is not UTF-8");
  const std::string scheme = part_of(url, CURLUPART_SCHEME);
  address.host = part_of(url, CURLUPART_HOST);
  if (address.host.starts_with('[')) address.host = address.host.substr(1, address.host.size() - 2);
  address.encrypted = scheme == "https";
  address.local = is_this_machine(address.host);
  curl_url_set(url.get(), CURLUPART_FRAGMENT, nullptr, 0);
  address.base = part_of(url, CURLUPART_URL);
  while (address.base.ends_with('/')) address.base.pop_back();
  return address;
}

std::string redirect_on_same_host(const std::string& url, const std::string& location) {
  const Url from(curl_url());
  const Url to(curl_url());
  if (from == nullptr || to == nullptr || location.empty()) return "";
  if (curl_url_set(from.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return "";
  if (curl_url_set(to.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return "";
  if (curl_url_set(to.get(), CURLUPART_URL, location.c_str(), 0) != CURLUE_OK) return "";
  for (const CURLUPart part : {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT}) {
    if (part_of(from, part, CURLU_DEFAULT_PORT) != part_of(to, part, CURLU_DEFAULT_PORT)) return "";
  }
  return part_of(to, CURLUPART_USER).empty() ? part_of(to, CURLUPART_URL) : "";
}

}  // namespace assay::engine

#include "harness/rating/routes.h"

#include <cmath>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "harness/rating/assets.h"
#include "harness/rating/session.h"

namespace assay::harness {
namespace {

constexpr const char* kJsonType = "application/json";

HttpReply json_reply(int status, const store::Json& body) {
  HttpReply reply;
  reply.status = status;
  reply.content_type = kJsonType;
  // A model may have written bytes that are not UTF-8.
  reply.body = body.dump(-1, ' ', false, store::Json::error_handler_t::replace);
  return reply;
}

HttpReply too_fast(double seconds) {
  HttpReply reply = error_reply(429, "too many requests; wait a little");
  reply.headers.emplace_back("Retry-After", std::to_string(static_cast<int>(std::ceil(seconds))));
  return reply;
}

HttpReply not_allowed(const char* allowed) {
  HttpReply reply = error_reply(405, "this address is asked otherwise");
  reply.headers.emplace_back("Allow", allowed);
  return reply;
}

bool is_post_route(const std::string& path) {
  return path == "/api/session" || path == "/api/leave" || path == "/api/vote" || path == "/api/undo";
}

bool is_json(const std::string& content_type) {
  const std::string type = python_lower(content_type);
  const size_t end = type.find(';');
  return python_strip(std::string_view(type).substr(0, end)) == kJsonType;
}

}  // namespace

const std::vector<std::pair<std::string, std::string>>& security_headers() {
  static const std::vector<std::pair<std::string, std::string>> headers = {
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src data:; connect-src 'self'; "
       "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"X-Frame-Options", "DENY"},
      {"Referrer-Policy", "no-referrer"},
      {"Cache-Control", "no-store"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Permissions-Policy", "camera=(), microphone=(), geolocation=()"},
      {"X-Robots-Tag", "noindex"},
  };
  return headers;
}

HttpReply error_reply(int status, const std::string& sentence) {
  return json_reply(status, {{"error", sentence}});
}

Routes::Routes(Desk& desk, Exposure exposure, int port, const ServerLimits& limits)
    : desk_(desk),
      exposure_(std::move(exposure)),
      port_(port),
      secret_(desk.secret()),
      // Browsers share cookies among the ports of a name, and two rounds may be served at once.
      cookie_name_(fmt::format("{}assay_{}", exposure_.secure ? "__Host-" : "", desk.round().uid.substr(0, 8))),
      requests_(limits.requests_at_once, limits.requests_per_second),
      wrong_links_(limits.wrong_links_at_once, limits.wrong_links_per_second) {}

HttpReply Routes::answer(const HttpRequest& request) {
  try {
    return dispatch(request);
  } catch (const Error& error) {
    log_warning(error.what());
    return error_reply(503, "the server cannot store or read just now; what was not confirmed was not counted");
  }
}

HttpReply Routes::dispatch(const HttpRequest& request) {
  if (!exposure_.is_own_host(request.host, port_)) return error_reply(421, "this is not the server of that name");
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (is_post_route(request.path)) {
    if (request.method != "POST") return not_allowed("POST");
    if (const std::string why = foreign(request); !why.empty()) return error_reply(403, why);
    return request.path == "/api/session" ? log_in(request) : with_session(request);
  }
  if (request.path == "/api/item") {
    if (request.method != "GET") return not_allowed("GET");
    if (!request.fetch_site.empty() && request.fetch_site != "same-origin") {
      return error_reply(403, "another site asks for this");
    }
    return with_session(request);
  }
  if (!reads && (request.path == "/" || request.path.starts_with("/assets/"))) return not_allowed("GET, HEAD");
  return reads ? static_file(request) : error_reply(404, "there is nothing here");
}

HttpReply Routes::static_file(const HttpRequest& request) const {
  constexpr std::string_view kAssets = "/assets/", kFonts = "fonts/";
  std::string_view name = request.path;
  if (request.path == "/") {
    name = "page.html";
  } else if (name.starts_with(kAssets) && !name.ends_with(".html")) {
    name.remove_prefix(kAssets.size());
    if (name.starts_with(kFonts) && name.ends_with(".woff2")) name.remove_prefix(kFonts.size());
  } else {
    return error_reply(404, "there is nothing here");
  }
  const EmbeddedFile* file = find_asset(name);
  if (file == nullptr) return error_reply(404, "there is nothing here");
  HttpReply reply;
  reply.content_type = content_type_of(name);
  reply.body = std::string(file->text);
  return reply;
}

std::string Routes::foreign(const HttpRequest& request) const {
  if (!is_json(request.content_type)) return "Content-Type is not application/json";
  if (request.assay_header != "1") return "the header X-Assay is missing";
  if (!request.origin.empty() && !exposure_.is_own_origin(request.origin, port_)) return "another site sent this";
  if (!request.fetch_site.empty() && request.fetch_site != "same-origin") return "another site sent this";
  return "";
}

std::string Routes::cookie(const std::string& value, bool ends) const {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict{}; Max-Age={}", cookie_name_, value,
                     exposure_.secure ? "; Secure" : "", ends ? 0 : 90 * 24 * 60 * 60);
}

// A right link always opens, so that who guesses from a rater's address does not lock the rater out: that nobody
// guesses is the doing of 256 bits. What is limited is the work that guesses make.
HttpReply Routes::log_in(const HttpRequest& request) {
  std::string problem;
  const std::optional<std::string> token = parse_login(request.body, problem);
  if (!token) return error_reply(403, problem);
  std::optional<store::Rater> rater;
  std::string hash;
  if (has_token_form(*token)) {
    hash = token_hash(*token);
    rater = desk_.rater_with_token(hash);
  }
  if (!rater) {
    if (const double seconds = wrong_links_.take(address_key(request.address)); seconds > 0) return too_fast(seconds);
    return error_reply(401, "this link is not valid; ask for a new one");
  }
  HttpReply reply = json_reply(200, {{"rater", rater->name}, {"round", desk_.round().name}});
  reply.headers.emplace_back("Set-Cookie", cookie(session_value(secret_, rater->id, hash), false));
  return reply;
}

HttpReply Routes::with_session(const HttpRequest& request) {
  const std::string value = cookie_value(request.cookie, cookie_name_);
  const std::optional<int64_t> claimed = session_rater(value);
  const auto rater = claimed ? desk_.rater(*claimed) : std::nullopt;
  if (!rater || !session_is_valid(value, secret_, rater->first.id, rater->second)) {
    HttpReply reply = error_reply(401, "no session; open your link again");
    if (!value.empty()) reply.headers.emplace_back("Set-Cookie", cookie("", true));
    return reply;
  }
  if (const double seconds = requests_.take(std::to_string(rater->first.id)); seconds > 0) return too_fast(seconds);
  if (request.path == "/api/leave") {
    HttpReply reply = json_reply(200, store::Json::object());
    reply.headers.emplace_back("Set-Cookie", cookie("", true));
    return reply;
  }
  return for_rater(request, rater->first.id);
}

HttpReply Routes::for_rater(const HttpRequest& request, int64_t rater) {
  std::string problem;
  DeskAnswer answer;
  if (request.path == "/api/item") {
    answer = desk_.item(rater);
  } else if (request.path == "/api/vote") {
    const std::optional<VoteBody> vote = parse_vote(request.body, problem);
    answer = vote ? desk_.vote(rater, *vote) : refusal(403, problem);
  } else {
    const std::optional<std::string> key = parse_undo(request.body, problem);
    answer = key ? desk_.undo(rater, *key) : refusal(403, problem);
  }
  return json_reply(answer.status, answer.body);
}

}  // namespace assay::harness

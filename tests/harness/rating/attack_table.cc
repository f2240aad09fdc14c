#include "tests/harness/rating/attack_table.h"

#include <fmt/format.h>

namespace assay::testing {
namespace {

std::string post(
    const std::string& path, const std::string& body, const std::string& more = "",
    const std::string& headers = "Content-Type: application/json\r\nX-Assay: 1\r\nHost: 127.0.0.1:PORT\r\n") {
  return fmt::format("POST {} HTTP/1.1\r\n{}Cookie: COOKIE\r\nContent-Length: {}\r\n{}\r\n{}", path, headers,
                     body.size(), more, body);
}

std::string get(const std::string& path, const std::string& more = "") {
  return fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n{}\r\n", path, more);
}

std::string vote(const std::string& fields) {
  return post("/api/vote", fmt::format("{{\"assignment\":OPEN,\"key\":\"abcdefgh\",\"active_ms\":1,{}}}", fields));
}

const char* const kGoodVote = "\"choice\":1,\"flags\":[],\"comment\":\"\"";

}  // namespace

std::vector<Attack> attacks() {
  const std::string long_key(65, 'k'), deep(60000, '['), big(70000, 'x');
  return {
      // Links and sessions.
      {"a wrong token", post("/api/session", R"({"token":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})"), 401},
      {"an empty token", post("/api/session", R"({"token":""})"), 401},
      {"a huge token", post("/api/session", fmt::format("{{\"token\":\"{}\"}}", std::string(60000, 'A'))), 401},
      {"a token that is SQL", post("/api/session", R"({"token":"' OR 1=1 --"})"), 401},
      {"a token's hash for a token", post("/api/session", fmt::format("{{\"token\":\"{}\"}}", std::string(64, 'a'))),
       401},
      {"a token that is a number", post("/api/session", R"({"token":7})"), 403},
      {"no token", post("/api/session", "{}"), 403},
      {"an item without a session", get("/api/item"), 401},
      {"a cookie that is made up",
       get("/api/item", "Cookie: NAME=1.0000000000000000000000000000000000000000000000000000000000000000\r\n"), 401},
      {"a cookie without a code", get("/api/item", "Cookie: NAME=1\r\n"), 401},
      {"a cookie of rater -1", get("/api/item", "Cookie: NAME=-1.00\r\n"), 401},
      {"a cookie of another rater", get("/api/item", "Cookie: OTHERS\r\n"), 401},
      {"a vote without a session",
       "POST /api/vote HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Type: application/json\r\nX-Assay: "
       "1\r\nContent-Length: 2\r\n\r\n{}",
       401},
      // Paths.
      {"traversal", get("/assets/../../../etc/passwd"), 404},
      {"traversal, encoded", get("/assets/%2e%2e/%2e%2e/etc/passwd"), 404},
      {"traversal with backslashes", get("/assets/..\\..\\etc\\passwd"), 404},
      {"a NUL in the path", get("/assets/page.js%00.html"), 404},
      {"the page as an asset", get("/assets/page.html"), 404},
      {"the database", get("/assay.db"), 404},
      {"an unknown interface", get("/api/raters"), 404},
      {"an unknown interface, posted to", post("/api/admin", "{}"), 404},
      {"a double slash", get("//api/item"), 404},
      {"an absolute target", "GET http://127.0.0.1:PORT/ HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n", 400},
      {"a long path", get("/" + std::string(3000, 'a')), 414},
      // Methods.
      {"PUT", "PUT /api/vote HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Length: 0\r\n\r\n", 405},
      {"DELETE", "DELETE /api/item HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n", 405},
      {"TRACE", "TRACE / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n", 405},
      {"CONNECT", "CONNECT 127.0.0.1:PORT HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n", 400},
      {"OPTIONS, as a foreign page asks first",
       "OPTIONS /api/vote HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nOrigin: http://evil.example\r\n\r\n", 405},
      {"GET of a vote", get("/api/vote"), 405},
      {"POST of an item", post("/api/item", "{}"), 405},
      {"POST of the page", post("/", "{}"), 405},
      // Other sites.
      {"no X-Assay", post("/api/vote", "{}", "", "Content-Type: application/json\r\nHost: 127.0.0.1:PORT\r\n"), 403},
      {"a form",
       post("/api/vote", "choice=1", "",
            "Content-Type: application/x-www-form-urlencoded\r\nX-Assay: 1\r\nHost: 127.0.0.1:PORT\r\n"),
       403},
      {"text/plain", post("/api/vote", "{}", "", "Content-Type: text/plain\r\nX-Assay: 1\r\nHost: 127.0.0.1:PORT\r\n"),
       403},
      {"a foreign Origin", post("/api/vote", "{}", "Origin: http://evil.example\r\n"), 403},
      {"Origin null", post("/api/vote", "{}", "Origin: null\r\n"), 403},
      {"an Origin of another port", post("/api/vote", "{}", "Origin: http://127.0.0.1:1\r\n"), 403},
      {"an Origin under https", post("/api/vote", "{}", "Origin: https://127.0.0.1:PORT\r\n"), 403},
      {"Sec-Fetch-Site cross-site", post("/api/vote", "{}", "Sec-Fetch-Site: cross-site\r\n"), 403},
      {"Sec-Fetch-Site same-site", post("/api/vote", "{}", "Sec-Fetch-Site: same-site\r\n"), 403},
      {"an item embedded elsewhere", get("/api/item", "Cookie: COOKIE\r\nSec-Fetch-Site: cross-site\r\n"), 403},
      {"a foreign Host", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421},
      {"a Host of another port", "GET / HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n", 421},
      {"a Host that begins as ours", "GET / HTTP/1.1\r\nHost: 127.0.0.1.evil.example:PORT\r\n\r\n", 421},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 421},
      {"two Hosts", "GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: evil.example\r\n\r\n", 400},
      // Requests that are none.
      {"not HTTP", "\x16\x03\x01\x02 hello\r\n\r\n", 400},
      {"HTTP/0.9", "GET /\r\n\r\n", 400},
      {"HTTP/2 without asking", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
      {"a folded header", get("/", "X: a\r\n b\r\n"), 400},
      {"a space before the colon", get("/", "Content-Length : 5\r\n"), 400},
      {"a NUL in a header", get("/", std::string("X: a\0b\r\n", 8)), 400},
      {"two lengths", post("/api/vote", "{}", "Content-Length: 3\r\n"), 400},
      {"a negative length", "POST /api/vote HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Length: -1\r\n\r\n", 400},
      {"a length with a sign", "POST /api/vote HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Length: +2\r\n\r\n{}", 400},
      {"a length that overflows",
       "POST /api/vote HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Length: 99999999999999999999\r\n\r\n", 413},
      {"chunks",
       "POST /api/vote HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
       400},
      {"length and chunks", post("/api/vote", "{}", "Transfer-Encoding: chunked\r\n"), 400},
      {"a packed body", post("/api/vote", "{}", "Content-Encoding: gzip\r\n"), 415},
      {"a body of 70 KB", post("/api/vote", big), 413},
      {"a length of 10 GB", "POST /api/vote HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Length: 10000000000\r\n\r\n",
       413},
      {"a header of 50 KB", get("/", "X: " + std::string(50000, 'x') + "\r\n"), 431},
      {"5,000 headers",
       get("/",
           [] {
             std::string headers;
             for (int i = 0; i < 5000; ++i) headers += fmt::format("X-{}: 1\r\n", i);
             return headers;
           }()),
       431},
      {"Range of a thousand pieces",
       get(
           "/assets/page.js", "Range: bytes=" +
                                  [] {
                                    std::string ranges = "0-1";
                                    for (int i = 0; i < 1000; ++i) ranges += ",0-1";
                                    return ranges;
                                  }() +
                                  "\r\n"),
       200},
      // Bodies.
      {"no JSON", post("/api/vote", "hello"), 403},
      {"nothing", post("/api/vote", ""), 403},
      {"a list", post("/api/vote", "[1]"), 403},
      {"60,000 brackets", post("/api/vote", deep), 403},
      {"invalid UTF-8", vote("\"choice\":1,\"flags\":[],\"comment\":\"\xff\xfe\""), 403},
      {"half a surrogate", vote("\"choice\":1,\"flags\":[],\"comment\":\"\\ud800\""), 403},
      {"choice 3", vote("\"choice\":3,\"flags\":[],\"comment\":\"\""), 403},
      {"choice -3", vote("\"choice\":-3,\"flags\":[],\"comment\":\"\""), 403},
      {"choice 0.5", vote("\"choice\":0.5,\"flags\":[],\"comment\":\"\""), 403},
      {"choice as text", vote("\"choice\":\"1\",\"flags\":[],\"comment\":\"\""), 403},
      {"choice null", vote("\"choice\":null,\"flags\":[],\"comment\":\"\""), 403},
      {"no choice", vote("\"flags\":[],\"comment\":\"\""), 403},
      {"an unknown flag", vote("\"choice\":1,\"flags\":[\"rude\"],\"comment\":\"\""), 403},
      {"a flag twice", vote("\"choice\":1,\"flags\":[\"both_bad\",\"both_bad\"],\"comment\":\"\""), 403},
      {"a flag of the report's", vote("\"choice\":1,\"flags\":[\"first_unsafe\"],\"comment\":\"\""), 403},
      {"flags as text", vote("\"choice\":1,\"flags\":\"both_bad\",\"comment\":\"\""), 403},
      {"flags of numbers", vote("\"choice\":1,\"flags\":[1],\"comment\":\"\""), 403},
      {"a comment too long", vote(fmt::format("\"choice\":1,\"flags\":[],\"comment\":\"{}\"", std::string(4001, 'c'))),
       403},
      {"a comment of numbers", vote("\"choice\":1,\"flags\":[],\"comment\":1"), 403},
      {"time running backwards",
       post("/api/vote", fmt::format("{{\"assignment\":OPEN,\"key\":\"abcdefgh\",\"active_ms\":-1,{}}}", kGoodVote)),
       403},
      {"a year of time",
       post("/api/vote",
            fmt::format("{{\"assignment\":OPEN,\"key\":\"abcdefgh\",\"active_ms\":31536000000,{}}}", kGoodVote)),
       403},
      {"a short key",
       post("/api/vote", fmt::format("{{\"assignment\":OPEN,\"key\":\"a\",\"active_ms\":1,{}}}", kGoodVote)), 403},
      {"a long key",
       post("/api/vote", fmt::format("{{\"assignment\":OPEN,\"key\":\"{}\",\"active_ms\":1,{}}}", long_key, kGoodVote)),
       403},
      {"a key with quotes",
       post("/api/vote", fmt::format("{{\"assignment\":OPEN,\"key\":\"abcdefg'\",\"active_ms\":1,{}}}", kGoodVote)),
       403},
      {"assignment 0",
       post("/api/vote", fmt::format("{{\"assignment\":0,\"key\":\"abcdefgh\",\"active_ms\":1,{}}}", kGoodVote)), 403},
      {"assignment 2^63",
       post("/api/vote",
            fmt::format("{{\"assignment\":9223372036854775808,\"key\":\"abcdefgh\",\"active_ms\":1,{}}}", kGoodVote)),
       403},
      {"assignment 1e99",
       post("/api/vote", fmt::format("{{\"assignment\":1e99,\"key\":\"abcdefgh\",\"active_ms\":1,{}}}", kGoodVote)),
       403},
      {"an assignment of nobody",
       post("/api/vote", fmt::format("{{\"assignment\":99999,\"key\":\"abcdefgh\",\"active_ms\":1,{}}}", kGoodVote)),
       409},
      {"another rater's assignment",
       post("/api/vote", fmt::format("{{\"assignment\":BOBS,\"key\":\"abcdefgh\",\"active_ms\":1,{}}}", kGoodVote)),
       409},
      {"undo without a key", post("/api/undo", "{}"), 403},
      {"undo of nothing", post("/api/undo", "{\"key\":\"abcdefgh\"}"), 409},
  };
}

}  // namespace assay::testing

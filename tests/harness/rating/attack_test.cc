// What is tried against the server, and what comes of it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <iostream>
#include <regex>

#include "base/text.h"
#include "harness/rating/assets.h"
#include "harness/rating/session.h"
#include "tests/harness/rating/attack_table.h"
#include "tests/harness/rating/served_round.h"
#include "tests/support/sanitizers.h"

namespace assay::testing {
namespace {

using Json = nlohmann::json;

// The headers of every answer, whatever it is.
void expect_guarded(const Answer& answer) {
  EXPECT_NE(answer.header("content-security-policy").find("default-src 'none'"), std::string::npos) << answer.head;
  EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
  EXPECT_EQ(answer.header("referrer-policy"), "no-referrer");
  EXPECT_EQ(answer.header("cache-control"), "no-store");
  EXPECT_EQ(answer.header("cross-origin-opener-policy"), "same-origin");
  EXPECT_EQ(answer.header("cross-origin-resource-policy"), "same-origin");
}

TEST(Attacks, EachHasItsOutcomeAndNoneCounts) {
  ServedRound served;
  Client ann(served.port()), bob(served.port());
  const std::string token = served.add_rater("ann");
  ASSERT_TRUE(ann.log_in(token) && bob.log_in(served.add_rater("bob")));
  const std::string open = ann.item().json()["assignment"].dump(), bobs = bob.item().json()["assignment"].dump();
  const std::string name = ann.cookie().substr(0, ann.cookie().find('='));
  const std::string others =
      name + "=1." + bob.cookie().substr(bob.cookie().find('.') + 1);  // bob's code, ann's number
  const std::vector<Attack> table = attacks();
  for (const Attack& attack : table) {
    std::string bytes = attack.bytes;
    for (const auto& [from, to] :
         {std::pair{"PORT", std::to_string(served.port())}, std::pair{"COOKIE", ann.cookie()},
          std::pair{"OTHERS", others}, std::pair{"NAME", name}, std::pair{"OPEN", open}, std::pair{"BOBS", bobs}}) {
      bytes = replace_all(bytes, from, to);
    }
    // What was put in place of the words may be longer than they were.
    const size_t body = bytes.find("\r\n\r\n");
    if (bytes.starts_with("POST") && bytes.find("OPEN") == std::string::npos && attack.bytes != bytes &&
        attack.bytes.find("{\"assignment\"") != std::string::npos) {
      bytes = std::regex_replace(bytes, std::regex("Content-Length: [0-9]+"),
                                 fmt::format("Content-Length: {}", bytes.size() - body - 4),
                                 std::regex_constants::format_first_only);
    }
    Client attacker(served.port());
    const Answer answer = attacker.send(bytes);
    EXPECT_EQ(answer.status, attack.status) << attack.what << "\n" << answer.body;
    if (answer.status != 0) expect_guarded(answer);
    if (answer.status >= 400) {
      EXPECT_TRUE(answer.json().contains("error")) << attack.what << ": " << answer.body;
    }
  }
  EXPECT_TRUE(served.ratings().empty());
  EXPECT_EQ(ann.item().json()["assignment"].dump(), open) << "and the session goes on";
  std::cout << table.size() << " attacks\n";
}

TEST(Attacks, AFloodOfGuessesIsSlowedAndLocksNobodyOut) {
  harness::ServerLimits limits = ServedRound::generous();
  limits.wrong_links_at_once = 10;
  limits.wrong_links_per_second = 0.1;
  ServedRound served({}, {}, limits);
  const std::string token = served.add_rater("ann");
  Client guesser(served.port()), ann(served.port());
  int refused = 0, slowed = 0;
  for (int i = 0; i < 60; ++i) {
    const Answer answer = guesser.post("/api/session", {{"token", harness::new_token()}});
    refused += answer.status == 401 ? 1 : 0;
    slowed += answer.status == 429 ? 1 : 0;
    if (answer.status == 429) {
      EXPECT_GE(std::stoi(answer.header("retry-after")), 1);
    }
  }
  EXPECT_LE(refused, 12);
  EXPECT_EQ(refused + slowed, 60);
  EXPECT_TRUE(ann.log_in(token)) << "from the same address";
}

TEST(Attacks, ASessionThatAsksTooFastIsSlowed) {
  harness::ServerLimits limits;
  limits.requests_at_once = 20;
  limits.requests_per_second = 0.5;
  ServedRound served({}, {}, limits);
  Client ann(served.port()), bob(served.port());
  ASSERT_TRUE(ann.log_in(served.add_rater("ann")) && bob.log_in(served.add_rater("bob")));
  int slowed = 0;
  for (int i = 0; i < 40; ++i) slowed += ann.item().status == 429 ? 1 : 0;
  EXPECT_GE(slowed, 15);
  EXPECT_EQ(bob.item().status, 200) << "others are not";
}

TEST(Attacks, ARevokedOrReplacedLinkEndsItsSessions) {
  ServedRound served;
  const std::string anns = served.add_rater("ann"), bobs = served.add_rater("bob");
  Client ann(served.port()), bob(served.port());
  ASSERT_TRUE(ann.log_in(anns) && bob.log_in(bobs));
  store::Ratings ratings(served.made().database(), store::Store::Mode::kWrite);
  const std::vector<store::Rater> raters = ratings.raters(served.round().id);
  const std::string fresh = harness::new_token();
  ratings.revoke(raters[0].id);
  ratings.set_token(raters[1].id, harness::token_hash(fresh));
  EXPECT_EQ(ann.item().status, 401);
  EXPECT_EQ(bob.item().status, 401);
  EXPECT_FALSE(ann.log_in(anns));
  EXPECT_FALSE(bob.log_in(bobs));
  EXPECT_TRUE(bob.log_in(fresh));
  EXPECT_EQ(bob.item().status, 200);
}

TEST(Attacks, TheCookieIsOutOfReachOfScriptsAndEndsOnLeaving) {
  ServedRound served;
  Client ann(served.port());
  const Answer answer = ann.post("/api/session", {{"token", served.add_rater("ann")}});
  EXPECT_EQ(answer.json(), (Json{{"rater", "ann"}, {"round", "spring"}}));
  const std::string cookie = answer.header("set-cookie");
  for (const char* part : {"HttpOnly", "SameSite=Strict", "Path=/"}) {
    EXPECT_NE(cookie.find(part), std::string::npos) << cookie;
  }
  EXPECT_EQ(cookie.find("Secure"), std::string::npos) << "this is http";
  ann.set_cookie(cookie.substr(0, cookie.find(';')));
  const Answer left = ann.post("/api/leave", Json::object());
  EXPECT_EQ(left.status, 200);
  EXPECT_NE(left.header("set-cookie").find("Max-Age=0"), std::string::npos);
}

TEST(Attacks, BehindAProxyCookiesAreSecureAndTheClientIsTheProxys) {
  harness::ServerLimits limits = ServedRound::generous();
  limits.wrong_links_at_once = 2;
  limits.wrong_links_per_second = 0.01;
  ServedRound served({}, {}, limits, {"127.0.0.1:0", "", "", "https://rate.example"});
  EXPECT_EQ(served.origin(), "https://rate.example");
  Client ann(served.port());
  const std::map<std::string, std::string> proxied = {{"Host", "rate.example"}, {"Origin", "https://rate.example"}};
  const Answer answer = ann.post("/api/session", {{"token", served.add_rater("ann")}}, proxied);
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.header("set-cookie").starts_with("__Host-assay_"));
  EXPECT_NE(answer.header("set-cookie").find("; Secure"), std::string::npos);
  EXPECT_EQ(
      ann.post("/api/session", {{"token", ""}}, {{"Host", "rate.example"}, {"Origin", "http://rate.example"}}).status,
      403);
  const auto guess = [&](const std::string& forwarded) {
    std::map<std::string, std::string> headers = proxied;
    headers["X-Forwarded-For"] = forwarded;
    return ann.post("/api/session", {{"token", "guess"}}, headers).status;
  };
  EXPECT_EQ(guess("192.0.2.1"), 401);
  EXPECT_EQ(guess("198.51.100.7, 192.0.2.1"), 401) << "what the client wrote itself does not count";
  EXPECT_EQ(guess("203.0.113.9, 192.0.2.1"), 429);
  EXPECT_EQ(guess("192.0.2.2"), 401);
}

TEST(Attacks, SlowClientsDoNotKeepOthersWaiting) {
  harness::ServerLimits limits = ServedRound::generous();
  limits.connections = kSanitizers ? 60 : 150;
  limits.request_seconds = 20;
  limits.idle_seconds = 20;
  ServedRound served({}, {}, limits);
  const std::string token = served.add_rater("ann");
  std::vector<std::unique_ptr<Client>> slow;
  const int count = cases(200, 80);
  for (int i = 0; i < count; ++i) {
    slow.push_back(std::make_unique<Client>(served.port()));
    ASSERT_TRUE(slow.back()->connect());
    // Half a head, half a body, or nothing at all.
    if (i % 3 == 0) slow.back()->write("GET / HTTP/1.1\r\nHost: ");
    if (i % 3 == 1) slow.back()->write("POST /api/vote HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{");
  }
  const auto begin = std::chrono::steady_clock::now();
  Client ann(served.port());
  ASSERT_TRUE(ann.log_in(token));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ann.vote(ann.item().json()["assignment"], fresh_key(), 1).status, 200);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  EXPECT_LT(seconds, 10) << "no slow client was waited for";
  std::cout << count << " slow connections held; five votes took " << seconds << " s\n";
}

TEST(Attacks, ASlowRequestEndsAfterItsTime) {
  harness::ServerLimits limits = ServedRound::generous();
  limits.request_seconds = 1;
  ServedRound served({}, {}, limits);
  Client slow(served.port());
  ASSERT_TRUE(slow.connect());
  const auto begin = std::chrono::steady_clock::now();
  // A letter now and then does not win time.
  bool open = slow.write("GET / HTTP/1.1\r\nX: ");
  for (int i = 0; i < 60 && open; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    open = slow.write("x");
  }
  EXPECT_FALSE(open);
  EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(), 5);
}

TEST(Attacks, ConnectionsMayBeKeptAndRequestsMayComeTogether) {
  ServedRound served;
  Client client(served.port());
  ASSERT_TRUE(client.connect());
  const std::string request = fmt::format("GET /nothing HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", served.port());
  client.write(request + request + "HEAD" + request.substr(3, 0));
  EXPECT_EQ(client.read().status, 404);
  EXPECT_EQ(client.read().status, 404);
}

}  // namespace
}  // namespace assay::testing

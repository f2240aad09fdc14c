// The small parts of the server: heads of requests, limits, sessions, where it may listen.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "harness/rating/exposure.h"
#include "harness/rating/limits.h"
#include "harness/rating/request_text.h"
#include "harness/rating/session.h"
#include "tests/support/damage.h"
#include "tests/support/temporary_folder.h"

namespace assay::harness {
namespace {

using testing::TemporaryFolder;

TEST(RequestText, OnlyWhatIsLookedAtIsHandedOn) {
  int status = 0;
  const auto head = parse_head(
      "POST /api/vote?x=1 HTTP/1.1\r\nHost: a:1\r\nUser-Agent: x\r\nAccept-Encoding: br\r\nRange: bytes=0-1\r\n"
      "cookie: a=b\r\nX-ASSAY:1\r\nContent-Length: 12\r\nExpect: 100-continue\r\nConnection: keep-alive, Close\r\n"
      "X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 2.2.2.2, 3.3.3.3\r\n\r\n",
      status);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->text,
            "POST /api/vote?x=1 HTTP/1.1\r\nhost: a:1\r\ncontent-length: 12\r\ncookie: a=b\r\nx-assay: 1\r\n\r\n");
  EXPECT_EQ(head->body_size, 12u);
  EXPECT_FALSE(head->keep_alive);
  EXPECT_EQ(head->forwarded_for, "3.3.3.3");
}

TEST(RequestText, DamagedHeadsAreRefusedOrUnderstoodAndNeverCrash) {
  const std::string good =
      "POST /api/vote HTTP/1.1\r\nHost: 127.0.0.1:8484\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n";
  int refused = 0;
  for (uint32_t seed = 0; seed < 4000; ++seed) {
    int status = 0;
    const auto head = parse_head(testing::damaged(good, seed), status);
    if (!head) {
      EXPECT_TRUE(status == 400 || status == 405 || status == 413 || status == 414 || status == 415) << status;
      ++refused;
    } else {
      EXPECT_LE(head->body_size, kLongestBody);
    }
  }
  EXPECT_GT(refused, 1000);
}

TEST(RateLimits, ABucketEmptiesAndFills) {
  RateLimit limit(3, 2);
  const RateLimit::Clock::time_point start{};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limit.take("a", start), 0);
  EXPECT_NEAR(limit.take("a", start), 0.5, 1e-9);
  EXPECT_EQ(limit.take("b", start), 0) << "keys do not share";
  EXPECT_EQ(limit.take("a", start + std::chrono::milliseconds(500)), 0);
  EXPECT_GT(limit.take("a", start + std::chrono::milliseconds(500)), 0);
  EXPECT_EQ(limit.wait("a", start + std::chrono::hours(1)), 0);
}

TEST(RateLimits, AFloodOfKeysIsBounded) {
  RateLimit limit(1, 0.001, 100);
  RateLimit::Clock::time_point now{};
  for (int i = 0; i < 5000; ++i) EXPECT_EQ(limit.take(std::to_string(i), now += std::chrono::microseconds(1)), 0);
  EXPECT_GT(limit.take("4999", now), 0) << "the newest are remembered";
  EXPECT_EQ(limit.take("0", now), 0) << "the oldest are not";
}

TEST(RateLimits, AnAddressOfIpv6CountsByItsFirstHalf) {
  EXPECT_EQ(address_key("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(address_key("2001:db8:1:2:3:4:5:6"), address_key("2001:db8:1:2::9"));
  EXPECT_NE(address_key("2001:db8:1:2::9"), address_key("2001:db8:1:3::9"));
  EXPECT_EQ(address_key("::1"), "::1");
  EXPECT_EQ(address_key("gibberish"), "gibberish");
}

TEST(Sessions, ACookieStandsForRaterAndLink) {
  const std::string secret = new_session_secret(), hash = token_hash(new_token());
  const std::string value = session_value(secret, 12, hash);
  EXPECT_EQ(session_rater(value), 12);
  EXPECT_TRUE(session_is_valid(value, secret, 12, hash));
  EXPECT_FALSE(session_is_valid(value, secret, 13, hash));
  EXPECT_FALSE(session_is_valid(value, secret, 12, token_hash("another")));
  EXPECT_FALSE(session_is_valid(value, new_session_secret(), 12, hash));
  EXPECT_FALSE(session_is_valid("", secret, 12, hash));
  for (const char* bad : {"", "x", "1", ".x", "-1.x", "0.x", "99999999999999999999.x", " 1.x"}) {
    EXPECT_FALSE(session_rater(bad)) << bad;
  }
  EXPECT_THROW(session_value("", 12, hash), Error) << "an empty key would be everybody's";
}

TEST(Sessions, TokensAreOf256BitsInLettersOfAnAddress) {
  const std::string token = new_token();
  EXPECT_TRUE(has_token_form(token));
  EXPECT_NE(token, new_token());
  EXPECT_FALSE(has_token_form(token + "A"));
  EXPECT_FALSE(has_token_form(token.substr(1)));
  EXPECT_FALSE(has_token_form("+" + token.substr(1)));
  EXPECT_EQ(cookie_value("a=1; assay_x=2.3; b=4", "assay_x"), "2.3");
  EXPECT_EQ(cookie_value("xassay_x=2; assay_x", "assay_x"), "");
}

void expect_usage(const ListenOptions& options, const std::string& part) {
  try {
    read_exposure(options);
    ADD_FAILURE() << options.listen << " is accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

TEST(Exposures, OthersReachTheServerUnderTlsOrBehindAProxyAlone) {
  for (const char* open : {"0.0.0.0:8484", "192.0.2.1:80", "[::]:8484", "[2001:db8::1]:1"}) {
    expect_usage({open, "", "", ""}, "others can reach");
    EXPECT_TRUE(read_exposure({open, "", "", "https://rate.example"}).secure);
  }
  for (const char* bad : {"", "8484", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "example.org:80",
                          "[::1", "[::1]8484", "127.0.0.1:-1"}) {
    expect_usage({bad, "", "", ""}, "--listen");
  }
  for (const char* bad :
       {"http://rate.example", "rate.example", "https://", "https://a/b", "https://a@b", "https://a?b"}) {
    expect_usage({"127.0.0.1:1", "", "", bad}, "--behind-proxy");
  }
  expect_usage({"127.0.0.1:1", "cert.pem", "", ""}, "belong together");
  for (const char* loopback : {"127.0.0.1:0", "[::1]:8484", "localhost:80", "127.9.9.9:1"}) {
    EXPECT_FALSE(read_exposure({loopback, "", "", ""}).secure);
  }
}

TEST(Exposures, AHostIsOursOrNot) {
  const Exposure local = read_exposure({"127.0.0.1:0", "", "", ""});
  EXPECT_EQ(local.origin(81), "http://127.0.0.1:81");
  EXPECT_EQ(read_exposure({"[::1]:0", "", "", ""}).origin(81), "http://[::1]:81");
  for (const char* ours : {"127.0.0.1:81", "localhost:81", "LOCALHOST:81", "[::1]:81"}) {
    EXPECT_TRUE(local.is_own_host(ours, 81)) << ours;
  }
  for (const char* foreign : {"", ":81", "127.0.0.1", "127.0.0.1:82", "evil.example:81", "localhost.evil.example:81",
                              "127.0.0.1:81:81", "[::1]", "127.evil.example:81"}) {
    EXPECT_FALSE(local.is_own_host(foreign, 81)) << foreign;
  }
  const Exposure proxied = read_exposure({"0.0.0.0:0", "", "", "https://Rate.example"});
  EXPECT_TRUE(proxied.is_own_host("rate.example", 81));
  EXPECT_FALSE(proxied.is_own_host("evil.example", 81));
  EXPECT_TRUE(proxied.is_own_origin("https://rate.example", 81));
  EXPECT_FALSE(proxied.is_own_origin("http://rate.example", 81));
}

TEST(Exposures, FilesThatAreNoCertificateAreNamed) {
  const TemporaryFolder folder;
  const std::string nothing = folder.write("cert.pem", "hello").string();
  try {
    read_exposure({"0.0.0.0:1", nothing, nothing, ""});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kBadInput);
    EXPECT_NE(std::string(error.what()).find("cert.pem"), std::string::npos);
  }
}

}  // namespace
}  // namespace assay::harness

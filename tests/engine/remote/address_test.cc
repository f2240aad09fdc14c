#include "engine/remote/address.h"

#include <gtest/gtest.h>

#include <iostream>

#include "base/error.h"
#include "engine/remote/secret.h"

namespace assay::engine {
namespace {

TEST(Address, IsTakenApart) {
  struct Case {
    const char* text;
    const char* base;
    const char* host;
    const char* model;
    bool encrypted;
    bool local;
  };
  const Case cases[] = {
      {"https://api.example.com/v1#gpt-4o", "https://api.example.com/v1", "api.example.com", "gpt-4o", true, false},
      {"http://localhost:8000/v1/#meta-llama/Llama-3-70B", "http://localhost:8000/v1", "localhost",
       "meta-llama/Llama-3-70B", false, true},
      {"http://127.0.0.1:8000#a%20b", "http://127.0.0.1:8000", "127.0.0.1", "a b", false, true},
      {"http://[::1]:8000/v1#m", "http://[::1]:8000/v1", "::1", "m", false, true},
      {"http://node12:8000/v1#m", "http://node12:8000/v1", "node12", "m", false, false},
      {"http://127.example.com/v1#m", "http://127.example.com/v1", "127.example.com", "m", false, false},
  };
  int checked = 0;
  for (const Case& c : cases) {
    const EndpointAddress address = parse_endpoint(c.text);
    EXPECT_EQ(address.base, c.base);
    EXPECT_EQ(address.host, c.host) << c.text;
    EXPECT_EQ(address.model, c.model) << c.text;
    EXPECT_EQ(address.encrypted, c.encrypted) << c.text;
    EXPECT_EQ(address.local, c.local) << c.text;
    ++checked;
  }
  std::cout << checked << " addresses taken apart\n";
}

TEST(Address, WhatIsNoneIsRefusedWithoutRepeatingIt) {
  for (const char* text :
       {"https://host/v1", "https://host/v1#", "https://me:hunter2@host/v1#m", "https://hunter2@host/v1#m",
        "https://host/v1?key=hunter2#m", "https://", "http://a b/v1#m", "https://host/v1#%ff"}) {
    try {
      parse_endpoint(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kUsage) << text;
      EXPECT_EQ(std::string(error.what()).find("hunter2"), std::string::npos) << error.what();
    }
  }
}

TEST(Address, RedirectsStayOnTheHost) {
  const std::string url = "https://host/v1/completions";
  const std::pair<const char*, const char*> cases[] = {
      {"/v2/completions", "https://host/v2/completions"},
      {"https://host:443/v2/completions", "https://host:443/v2/completions"},
      {"https://other/v1/completions", ""},
      {"http://host/v1/completions", ""},
      {"https://host:8443/v1/completions", ""},
      {"//other/v1", ""},
      {"https://user@host/v1", ""},
      {"ftp://host/v1", ""},
      {"", ""},
  };
  for (const auto& [location, target] : cases) EXPECT_EQ(redirect_on_same_host(url, location), target) << location;
}

TEST(Secret, IsAWordAndIsTakenOut) {
  const Secret key("sk-a/b", "ASSAY_API_KEY");
  EXPECT_EQ(key.header(), "Authorization: Bearer sk-a/b");
  EXPECT_EQ(key.redact(R"(Bearer sk-a/b, "sk-a\/b")"), R"(Bearer [key], "[key]")");
  EXPECT_EQ(Secret().redact("as it is"), "as it is");
  for (const char* wrong : {"two words", "line\nX-Header: 1", "k\xC3\xA9y", "\x01"}) {
    try {
      const Secret secret(wrong, "--api-key-file k");
      ADD_FAILURE() << wrong;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()), "--api-key-file k: the key must be one word of printable ASCII characters");
    }
  }
}

}  // namespace
}  // namespace assay::engine

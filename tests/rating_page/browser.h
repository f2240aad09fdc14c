// A headless Chromium, driven by keys and clicks as a person would: a small client of WebDriver (W3C) over
// chromedriver. Both programs are looked for in PATH.
//   Browser browser;
//   browser.open("http://127.0.0.1:8080/");
//   browser.keys("3" + std::string(kEnter));
//   EXPECT_EQ(browser.text("#status"), "Saved.");
// Every call throws std::runtime_error where the browser refuses; a dialog that a page opens is such a refusal.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace httplib {
class Client;
}

namespace assay::testing {

// Keys that are no characters, for Browser::keys.
inline constexpr std::string_view kEnter = "\uE007";
inline constexpr std::string_view kEscape = "\uE00C";
inline constexpr std::string_view kTab = "\uE004";

class Browser {
 public:
  // Why there can be none on this machine; empty where there can.
  static std::string missing();

  Browser();
  ~Browser();
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  void open(const std::string& address);
  std::string address();

  // The body of a function; what it returns, or what its promise does. `arguments` is its array.
  nlohmann::json script(const std::string& body, const nlohmann::json& arguments = nlohmann::json::array());
  // Until the expression is true; throws after `seconds`.
  void wait_for(const std::string& expression, double seconds = 15);

  void click(const std::string& selector);
  void double_click(const std::string& selector);
  void keys(std::string_view text);  // to what has the focus
  void hold(std::string_view modifier, std::string_view key);
  std::string text(const std::string& selector);  // as it is seen

  // A second window on the same profile; its handle. The first handle is window().
  std::string new_window();
  std::string window();
  void switch_to(const std::string& handle);

  void screenshot(const std::filesystem::path& file);
  void screen(int width, int height, bool phone);
  void dark(bool dark);
  void offline(bool offline);
  void forget_cookies();

  // Errors and warnings since the last call; what the browser says of requests that were refused or lost is left out
  // where `network` is false.
  std::vector<std::string> console(bool network = true);
  // Addresses of all requests since the last call, those of opened pages too.
  std::vector<std::string> requests();

 private:
  nlohmann::json command(const std::string& method, const std::string& path, const nlohmann::json& body = nullptr);
  nlohmann::json devtools(const std::string& name, const nlohmann::json& parameters);
  std::string element(const std::string& selector);
  void stop();

  int driver_ = -1;  // process
  std::unique_ptr<httplib::Client> client_;
  std::string session_;
};

}  // namespace assay::testing

// First line of a test that needs a browser: skips with the reason, or fails in CI.
#define ASSAY_REQUIRE_BROWSER()                                                           \
  if (const std::string reason = ::assay::testing::Browser::missing(); !reason.empty()) { \
    const char* in_ci = std::getenv("CI");                                                \
    if (in_ci != nullptr && std::string(in_ci) == "true") FAIL() << reason;               \
    GTEST_SKIP() << reason;                                                               \
  }                                                                                       \
  static_assert(true)

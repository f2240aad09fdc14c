#include "tests/rating_page/browser.h"

#include <fcntl.h>
#include <httplib.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "base/text.h"

namespace assay::testing {
namespace {

using nlohmann::json;

constexpr const char* kElementKey = "element-6066-11e4-a52e-4f735466cecf";  // WebDriver, 12.1

std::string in_path(const std::string& name) {
  const char* path = ::getenv("PATH");
  for (const std::string& folder : split(path == nullptr ? "" : path, ':')) {
    const std::string file = folder + "/" + name;
    if (!folder.empty() && ::access(file.c_str(), X_OK) == 0) return file;
  }
  return "";
}

// Starts chromedriver on a port of its own choice; its standard output says which.
struct Driver {
  int process = -1;
  int port = 0;
};

Driver start_driver(const std::string& program) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork");
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // it does not outlive a test that crashed
    const int silent = ::open("/dev/null", O_WRONLY);
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(silent, STDERR_FILENO);
    ::execl(program.c_str(), program.c_str(), "--port=0", nullptr);
    ::_exit(127);
  }
  ::close(ends[1]);
  std::string said;
  char buffer[512];
  Driver driver{child, 0};
  constexpr std::string_view kSign = "successfully on port ";
  for (ssize_t count; (count = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
    said.append(buffer, static_cast<size_t>(count));
    const size_t at = said.find(kSign);
    if (at == std::string::npos || said.find('.', at) == std::string::npos) continue;
    driver.port = std::atoi(said.c_str() + at + kSign.size());
    break;
  }
  // The reading end stays open in this process: a closed one would end a driver that says something later.
  if (driver.port == 0) throw std::runtime_error("chromedriver did not start: " + said);
  return driver;
}

json capabilities() {
  const json arguments = {"--headless=new",
                          "--no-sandbox",
                          "--disable-gpu",
                          "--window-size=1440,900",
                          "--disable-dev-shm-usage",
                          "--no-first-run",
                          "--disable-background-networking"};
  const json options = {{"binary", in_path("chromium")}, {"args", arguments}};
  const json always = {{"browserName", "chrome"},
                       {"goog:chromeOptions", options},
                       {"goog:loggingPrefs", {{"browser", "ALL"}, {"performance", "ALL"}}}};
  return {{"capabilities", {{"alwaysMatch", always}}}};
}

// One entry a character of UTF-8, as WebDriver wants keys.
std::vector<std::string> characters(std::string_view text) {
  std::vector<std::string> all;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0) == 0x80) {
      all.back() += c;
    } else {
      all.emplace_back(1, c);
    }
  }
  return all;
}

std::string base64_bytes(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned value = 0;
  int bits = 0;
  for (const char c : text) {
    const size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) break;
    value = value << 6 | static_cast<unsigned>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(value >> bits & 0xFF);
  }
  return bytes;
}

}  // namespace

std::string Browser::missing() {
  if (in_path("chromedriver").empty()) return "no chromedriver in PATH (Debian: chromium-driver)";
  if (in_path("chromium").empty()) return "no chromium in PATH (Debian: chromium)";
  return "";
}

Browser::Browser() {
  const Driver driver = start_driver(in_path("chromedriver"));
  driver_ = driver.process;
  client_ = std::make_unique<httplib::Client>("127.0.0.1", driver.port);
  client_->set_read_timeout(120);
  try {
    session_ = command("POST", "/session", capabilities()).at("sessionId");
    // Every page says what its content policy refused.
    devtools("Page.addScriptToEvaluateOnNewDocument",
             {{"source",
               "window.__violations = []; addEventListener('securitypolicyviolation', (event) => "
               "__violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));"}});
  } catch (...) {
    stop();
    throw;
  }
}

Browser::~Browser() {
  stop();
}

void Browser::stop() {
  if (!session_.empty()) client_->Delete("/session/" + session_);
  ::kill(driver_, SIGTERM);
  ::waitpid(driver_, nullptr, 0);
}

json Browser::command(const std::string& method, const std::string& path, const json& body) {
  const std::string full = session_.empty() ? path : "/session/" + session_ + path;
  const httplib::Result result =
      method == "POST" ? client_->Post(full, body.dump(), "application/json") : client_->Get(full);
  if (!result) throw std::runtime_error("chromedriver does not answer: " + path);
  json value = json::parse(result->body).at("value");
  if (result->status == 200) return value;
  throw std::runtime_error(path + ": " + value.value("message", "refused"));
}

json Browser::devtools(const std::string& name, const json& parameters) {
  return command("POST", "/goog/cdp/execute", {{"cmd", name}, {"params", parameters}});
}

void Browser::open(const std::string& address) {
  command("POST", "/url", {{"url", address}});
}

std::string Browser::address() {
  return command("GET", "/url");
}

json Browser::script(const std::string& body, const json& arguments) {
  return command("POST", "/execute/sync", {{"script", body}, {"args", arguments}});
}

void Browser::wait_for(const std::string& expression, double seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < end) {
    if (script("return Boolean(" + expression + ")") == true) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  throw std::runtime_error("waited in vain for: " + expression);
}

std::string Browser::element(const std::string& selector) {
  return command("POST", "/element", {{"using", "css selector"}, {"value", selector}}).at(kElementKey);
}

void Browser::click(const std::string& selector) {
  command("POST", "/element/" + element(selector) + "/click", json::object());
}

void Browser::double_click(const std::string& selector) {
  const json origin = {{kElementKey, element(selector)}};
  const json down = {{"type", "pointerDown"}, {"button", 0}}, up = {{"type", "pointerUp"}, {"button", 0}};
  const json move = {{"type", "pointerMove"}, {"x", 0}, {"y", 0}, {"duration", 0}, {"origin", origin}};
  const json mouse = {{"type", "pointer"}, {"id", "mouse"}, {"actions", {move, down, up, down, up}}};
  command("POST", "/actions", {{"actions", {mouse}}});
}

void Browser::keys(std::string_view text) {
  json actions = json::array();
  for (const std::string& key : characters(text)) {
    actions.push_back({{"type", "keyDown"}, {"value", key}});
    actions.push_back({{"type", "keyUp"}, {"value", key}});
  }
  command("POST", "/actions", {{"actions", {{{"type", "key"}, {"id", "keyboard"}, {"actions", actions}}}}});
}

void Browser::hold(std::string_view modifier, std::string_view key) {
  const json actions = {{{"type", "keyDown"}, {"value", modifier}},
                        {{"type", "keyDown"}, {"value", key}},
                        {{"type", "keyUp"}, {"value", key}},
                        {{"type", "keyUp"}, {"value", modifier}}};
  command("POST", "/actions", {{"actions", {{{"type", "key"}, {"id", "keyboard"}, {"actions", actions}}}}});
}

std::string Browser::text(const std::string& selector) {
  return command("GET", "/element/" + element(selector) + "/text");
}

std::string Browser::new_window() {
  return command("POST", "/window/new", {{"type", "tab"}}).at("handle");
}

std::string Browser::window() {
  return command("GET", "/window");
}

void Browser::switch_to(const std::string& handle) {
  command("POST", "/window", {{"handle", handle}});
}

void Browser::screenshot(const std::filesystem::path& file) {
  std::ofstream(file, std::ios::binary) << base64_bytes(command("GET", "/screenshot").get<std::string>());
}

void Browser::screen(int width, int height, bool phone) {
  devtools("Emulation.setDeviceMetricsOverride",
           {{"width", width}, {"height", height}, {"deviceScaleFactor", phone ? 2 : 1}, {"mobile", phone}});
  devtools("Emulation.setTouchEmulationEnabled", {{"enabled", phone}});
}

void Browser::dark(bool dark) {
  const json feature = {{"name", "prefers-color-scheme"}, {"value", dark ? "dark" : "light"}};
  devtools("Emulation.setEmulatedMedia", {{"features", {feature}}});
}

void Browser::offline(bool offline) {
  devtools("Network.enable", json::object());
  devtools("Network.emulateNetworkConditions",
           {{"offline", offline}, {"latency", 0}, {"downloadThroughput", -1}, {"uploadThroughput", -1}});
}

void Browser::forget_cookies() {
  devtools("Network.clearBrowserCookies", json::object());
}

std::vector<std::string> Browser::console(bool network) {
  std::vector<std::string> messages;
  for (const json& entry : command("POST", "/se/log", {{"type", "browser"}})) {
    if (entry.at("level") != "SEVERE" && entry.at("level") != "WARNING") continue;
    if (!network && entry.value("source", "") == "network") continue;
    messages.push_back(entry.at("message"));
  }
  return messages;
}

std::vector<std::string> Browser::requests() {
  std::vector<std::string> addresses;
  for (const json& entry : command("POST", "/se/log", {{"type", "performance"}})) {
    const json message = json::parse(entry.at("message").get<std::string>()).at("message");
    if (message.at("method") == "Network.requestWillBeSent") {
      addresses.push_back(message.at("params").at("request").at("url"));
    }
  }
  return addresses;
}

}  // namespace assay::testing

#include "tests/rating_page/page.h"

#include <fmt/format.h>

namespace assay::testing {

using nlohmann::json;

Browser& RatingPage::browser() {
  static Browser one;
  return one;
}

void RatingPage::SetUp() {
  ASSAY_REQUIRE_BROWSER();
  browser().open("about:blank");
  browser().offline(false);
  browser().dark(false);
  browser().screen(1440, 900, false);
  browser().forget_cookies();
  browser().console();
  browser().requests();
}

void RatingPage::enter(const RatingStub& stub) {
  browser().open(stub.link());
  wait_for_pair(1);
}

void RatingPage::wait_for_pair(int number) {
  browser().wait_for(
      fmt::format("document.title.startsWith('{} of ') && document.getElementById('form').ariaBusy === "
                  "'false'",
                  number));
}

void RatingPage::wait_for_message(const std::string& text) {
  browser().wait_for("document.getElementById('status').textContent.includes(" + json(text).dump() + ")");
}

std::string RatingPage::rendered(const std::string& text) {
  return browser().script(
      R"(return import('/assets/render.js').then(async ({ render }) => {
           const box = document.createElement('div');
           box.className = 'text';
           document.body.append(box);
           await render(arguments[0], box, () => true);
           for (const formula of box.querySelectorAll('.katex-display, .katex')) {
             const tex = formula.querySelector('annotation')?.textContent ?? 'framed';
             if (formula.isConnected) formula.parentElement.replaceWith(`[[${tex}]]`);
           }
           box.remove();
           return box.innerHTML;
         });)",
      {text});
}

void RatingPage::expect_clean(const RatingStub& stub, bool network) {
  EXPECT_EQ(browser().script("return window.__pwned ?? null"), nullptr);
  EXPECT_EQ(browser().script("return window.__violations"), json::array());
  EXPECT_EQ(browser().address(), stub.origin() + "/");
  for (const std::string& message : browser().console(network)) ADD_FAILURE() << message;
  for (const std::string& address : browser().requests()) {
    EXPECT_TRUE(address.starts_with(stub.origin() + "/") || address == "about:blank") << address;
  }
}

}  // namespace assay::testing

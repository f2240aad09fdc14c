// How the page looks: on screens of every size, light and dark, and whether it can be read.
#include <cstdlib>
#include <filesystem>

#include "tests/rating_page/page.h"

namespace assay::testing {
namespace {

using nlohmann::json;

class RatingLooks : public RatingPage {};

json a_showcase() {
  return a_pair(
      "I have 2,000 dollars that I will not need for ten years. One bank offers 4 % added once a year, another 4 % "
      "added "
      "every month. How much does it matter, and how do I work it out myself?",
      "Yes, and it is worth doing carefully. The **compound interest** formula is\n\n$$A = P\\left(1 + "
      "\\frac{r}{n}\\right)^{nt}$$\n\nwhere $P$ is what you put in, $r$ the yearly rate, and $n$ how often it is "
      "added. "
      "For \\$2,000 at 4 % for 10 years:\n\n| Added | Formula | Result |\n|---|---|--:|\n| yearly | $2000 \\cdot "
      "1.04^{10}$ | $2,960.49 |\n| monthly | \\(2000(1+0.04/12)^{120}\\) | $2,981.67 |\n\nSo the difference is about "
      "**$21**.\n\n```python\ndef grow(principal, rate, times, years):\n    return principal * (1 + rate / times) ** "
      "(times * years)\n```\n\n1. Check the fees first.\n2. Then the rate.\n   - A fixed rate is easier to compare.\n  "
      " - "
      "See [the table](https://example.org/rates).\n",
      "Compound interest means that interest earns interest.\n\nIf you deposit $2000 at 4% for 10 years you get about "
      "$2960 "
      "if it is added once a year. If it is added every month, you get a little more, about $2981.\n\n### What to look "
      "at\n\n* the **effective annual rate**\n* fees\n* whether you can take the money out early\n\n> The rest is "
      "detail.\n\nכסף שאינו נע אינו מרוויח: `rate * years`.",
      "Gives the figures for both banks, shows the formula, and says that the difference is small.");
}

std::vector<json> showcases(size_t count) {
  return std::vector<json>(count, a_showcase());
}

// Nothing is wider than the screen, the columns are equal, and the choices can be reached. The pictures go to
// $ASSAY_SCREENSHOTS.
TEST_F(RatingLooks, FitEveryScreen) {
  RatingStub stub(showcases(2));
  const char* folder = std::getenv("ASSAY_SCREENSHOTS");
  const auto picture = [&](const std::string& name) {
    if (folder != nullptr) browser().screenshot(std::filesystem::path(folder) / (name + ".png"));
  };
  const struct {
    const char* name;
    int width, height;
    bool phone, dark;
  } looks[] = {{"light", 1440, 900, false, false},     {"dark", 1440, 900, false, true},
               {"wide", 2560, 1300, false, false},     {"tablet", 900, 1100, false, false},
               {"phone", 390, 844, true, false},       {"phone-dark", 390, 844, true, true},
               {"phone-small", 320, 568, true, false}, {"phone-turned", 844, 390, true, false}};
  for (const auto& look : looks) {
    SCOPED_TRACE(look.name);
    browser().screen(look.width, look.height, look.phone);
    browser().dark(look.dark);
    enter(stub);
    browser().script("location.reload()");
    wait_for_pair(1);
    const json found = browser().script(
        R"(const box = (id) => document.getElementById(id).getBoundingClientRect();
           const choices = [...document.querySelectorAll('.choices label')].map((c) => c.getBoundingClientRect());
           return { theme: document.documentElement.dataset.theme, over: document.documentElement.scrollWidth - innerWidth,
             left: box('left').width, right: box('right').width, stacked: box('right').top > box('left').bottom,
             low: Math.max(...choices.map((c) => c.bottom)) - innerHeight, small: Math.min(...choices.map((c) => c.height)) };)");
    EXPECT_EQ(found.at("theme"), look.dark ? "dark" : "light");
    EXPECT_LE(found.at("over"), 0);
    EXPECT_NEAR(found.at("left").get<double>(), found.at("right").get<double>(), 1);
    EXPECT_EQ(found.at("stacked").get<bool>(), look.width < 768);
    EXPECT_TRUE(look.height < 512 || found.at("low") <= 0) << found.at("low");
    EXPECT_GE(found.at("small"), 44);
    picture(look.name);
  }
  browser().screen(390, 844, true);
  browser().script("scrollTo(0, 700)");
  picture("phone-scrolled");
  browser().screen(1440, 900, false);
  browser().keys("t2wc");
  browser().keys("Shows the formula and the table.");
  picture("marked");
  EXPECT_EQ(browser().script("return document.documentElement.dataset.theme"), "dark")
      << "a choice of the reader's own";
  browser().keys(std::string(kEscape) + "?");
  picture("help");
  browser().keys(kEscape);
  browser().click("#pause");
  picture("paused");
  expect_clean(stub);
}

// Colours of text on what lies under it: WCAG 2, AA is 4.5.
TEST_F(RatingLooks, Contrast) {
  RatingStub stub(showcases(1));
  enter(stub);
  for (const char* theme : {"light", "dark"}) {
    const json low = browser().script(
        R"(document.documentElement.dataset.theme = arguments[0];
           const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
           const light = (colour) => {
             const [r, g, b] = numbers(colour).map((c) => c / 255).map((c) => (c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4));
             return .2126 * r + .7152 * g + .0722 * b;
           };
           const under = (e) => {
             for (; e; e = e.parentElement) {
               const colour = getComputedStyle(e).backgroundColor;
               if (numbers(colour)[3] !== 0) return colour;
             }
           };
           for (const input of document.querySelectorAll('input')) input.checked = input.value === 'left_broken' || input.value === '1';
           for (const e of document.querySelectorAll('*')) e.getAnimations().forEach((a) => a.finish());
           const texts = [...document.querySelectorAll('body *')].filter((e) => e.offsetParent && !e.matches('.katex *, kbd, .unseen') &&
             [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()));
           return texts.map((e) => {
             const [a, b] = [light(getComputedStyle(e).color), light(under(e))].sort((x, y) => y - x);
             return [(a + .05) / (b + .05), e.textContent.trim().slice(0, 30)];
           }).filter(([ratio]) => ratio < 4.5);)",
        {theme});
    EXPECT_EQ(low, json::array()) << theme;
  }
}

}  // namespace
}  // namespace assay::testing

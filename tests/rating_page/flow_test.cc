// Rating as a person does it: by keys and clicks, over bad connections, in two tabs, and how it looks.
#include <cstdlib>
#include <filesystem>
#include <set>

#include "tests/rating_page/page.h"

namespace assay::testing {
namespace {

using nlohmann::json;

const std::string kSave(kEnter);

std::vector<json> some_pairs(int count) {
  std::vector<json> pairs;
  for (int i = 1; i <= count; ++i) {
    const std::string n = std::to_string(i);
    pairs.push_back(a_pair("Prompt " + n, "Left " + n, "Right " + n, i == 1 ? "Note 1" : ""));
  }
  return pairs;
}

class Rating : public RatingPage {
 protected:
  bool checked(const std::string& value) {
    return browser().script("return document.querySelector(`[value='${arguments[0]}']`).checked", {value});
  }
};

TEST_F(Rating, WithoutALinkItSaysWhatToDo) {
  RatingStub stub(some_pairs(1));
  browser().open(stub.origin() + "/");
  browser().wait_for("document.title.startsWith('Please open')");
  EXPECT_NE(browser().text("#card").find("the link that you were given"), std::string::npos);
  browser().open(stub.origin() + "/#guessed");
  browser().wait_for("document.title.startsWith('Please open') && location.hash === ''");
  expect_clean(stub, false);
}

TEST_F(Rating, TheTokenLeavesTheAddressAndTheSessionStays) {
  RatingStub stub(some_pairs(2));
  enter(stub);
  EXPECT_EQ(browser().address(), stub.origin() + "/");
  browser().open(stub.origin() + "/");
  wait_for_pair(1);
  EXPECT_EQ(browser().text("#left"), "Left 1");
  EXPECT_EQ(browser().text("#note"), "Note 1");
  expect_clean(stub);
}

TEST_F(Rating, ByKeysAlone) {
  RatingStub stub(some_pairs(4));
  enter(stub);
  browser().keys("1");
  EXPECT_TRUE(stub.votes().empty()) << "a choice is only marked";
  browser().keys("4qobc");
  browser().keys("Fine, but short.");
  browser().hold("\uE009", kEnter);  // Ctrl
  wait_for_pair(2);
  browser().keys("n" + kSave);
  wait_for_message("Choose one of the five first.");
  browser().keys("3" + kSave);
  wait_for_pair(3);
  browser().keys("5" + kSave);
  wait_for_pair(4);

  const std::vector<json> votes = stub.votes();
  ASSERT_EQ(votes.size(), 3U);
  EXPECT_EQ(votes[0].at("choice"), -1);
  EXPECT_EQ(votes[0].at("flags"), json({"left_unsafe", "right_refuses_wrongly", "both_bad"}));
  EXPECT_EQ(votes[0].at("comment"), "Fine, but short.");
  EXPECT_EQ(votes[1].at("choice"), 0);
  EXPECT_EQ(votes[1].at("flags"), json::array());
  EXPECT_EQ(votes[2].at("choice"), -2);
  std::set<std::string> keys;
  for (const json& vote : votes) {
    keys.insert(vote.at("key"));
    EXPECT_GT(vote.at("active_ms"), 0);
    EXPECT_LT(vote.at("active_ms"), 60000);
  }
  EXPECT_EQ(keys.size(), 3U);

  // Back to the first, as it was; then forward again with another choice.
  for (int number = 3; number >= 1; --number) {
    browser().keys("u");
    wait_for_pair(number);
  }
  EXPECT_TRUE(checked("-1"));
  EXPECT_TRUE(checked("left_unsafe"));
  EXPECT_TRUE(checked("right_refuses_wrongly"));
  EXPECT_TRUE(checked("both_bad"));
  EXPECT_FALSE(checked("left_broken"));
  EXPECT_EQ(browser().script("return document.getElementById('comment').value"), "Fine, but short.");
  EXPECT_TRUE(stub.votes().empty());
  browser().keys("2q" + kSave);
  wait_for_pair(2);
  EXPECT_TRUE(checked("0"));
  EXPECT_EQ(stub.votes().at(0).at("choice"), 1);
  EXPECT_EQ(stub.votes().at(0).at("flags"), json({"right_refuses_wrongly", "both_bad"}));
  for (int number = 3; number <= 4; ++number) {
    browser().keys(kSave);  // the vote of before is still marked
    wait_for_pair(number);
  }
  browser().keys("3" + kSave);
  browser().wait_for("document.title.startsWith('All done')");
  EXPECT_EQ(browser().text("#progress-text"), "4 of 4 rated");
  EXPECT_EQ(stub.votes().size(), 4U);
  expect_clean(stub);
}

TEST_F(Rating, EveryKeyIsShownAndEveryControlHasAName) {
  RatingStub stub(some_pairs(1));
  enter(stub);
  const json found = browser().script(
      R"(const controls = [...document.querySelectorAll('button, input, textarea')].filter((c) => c.offsetParent);
         return { unnamed: controls.filter((c) => !(c.ariaLabel || c.labels?.[0]?.innerText || c.innerText)).map((c) => c.outerHTML),
           unshown: controls.filter((c) => /^[A-Z1-5]$/.test(c.getAttribute('aria-keyshortcuts') ?? '') && c.id !== 'theme')
             .filter((c) => (c.labels?.[0] ?? c).querySelector('kbd')?.innerText !== c.getAttribute('aria-keyshortcuts'))
             .map((c) => c.outerHTML),
           live: document.getElementById('live').role, focus: document.activeElement.id };)");
  EXPECT_EQ(found.at("unnamed"), json::array());
  EXPECT_EQ(found.at("unshown"), json::array());
  EXPECT_EQ(found.at("focus"), "prompt-title");
  browser().keys("2");
  EXPECT_EQ(browser().script("return document.getElementById('live').textContent"), "A better. Enter saves it.");
  browser().keys("w");
  EXPECT_EQ(browser().script("return document.getElementById('live').textContent"),
            "Answer A: Refuses wrongly, marked.");
  browser().keys("?");
  browser().wait_for("document.getElementById('help-box').open");
  browser().keys("5" + std::string(kEscape));
  EXPECT_TRUE(checked("1")) << "keys rest while the help is open";

  browser().click("#help");
  browser().click("#keys-on");
  browser().keys(kEscape);
  browser().keys("5");
  EXPECT_TRUE(checked("1")) << "keys can be turned off";
}

TEST_F(Rating, ADoubleClickIsOneVote) {
  RatingStub stub(some_pairs(3));
  enter(stub);
  browser().double_click("[value='2'] + span");
  EXPECT_TRUE(stub.received().empty());
  browser().double_click("#save");
  wait_for_pair(2);
  browser().keys("3" + kSave + kSave + kSave);
  wait_for_pair(3);
  EXPECT_EQ(stub.received().size(), 2U);
  EXPECT_EQ(stub.votes().size(), 2U);
  expect_clean(stub);
}

TEST_F(Rating, ALostConnectionKeepsTheVoteAndItsKey) {
  RatingStub stub(some_pairs(5));
  enter(stub);
  browser().offline(true);
  browser().keys("2e" + kSave);
  wait_for_message("The connection is lost. Your choice is kept.");
  browser().wait_for("document.querySelector('fieldset').disabled");
  browser().offline(false);  // which the page hears of
  wait_for_pair(2);
  EXPECT_EQ(stub.votes().size(), 1U);

  int next = 3;
  for (const Trouble trouble : {Trouble::kLostReply, Trouble::kUnavailable, Trouble::kTooFast}) {
    const size_t before = stub.received().size();
    stub.trouble(trouble, 2);
    browser().keys("4" + kSave);
    wait_for_pair(next++);
    const std::vector<json> received = stub.received();
    ASSERT_EQ(received.size(), before + 3);
    EXPECT_EQ(received[before], received[before + 1]);
    EXPECT_EQ(received[before], received[before + 2]);
  }
  EXPECT_EQ(stub.votes().size(), 4U);

  stub.trouble(Trouble::kUnavailable, 4);  // 1, 2, 4, 8 seconds to wait
  browser().keys("4" + kSave);
  for (const char* seconds : {"1 second", "2 seconds", "4 seconds", "8 seconds"}) {
    wait_for_message(std::string("Trying again in ") + seconds);
    browser().script("document.getElementById('retry').click()");
  }
  browser().wait_for("document.title.startsWith('All done')");

  stub.trouble(Trouble::kLostReply, 1);
  browser().keys("u");
  wait_for_pair(5);
  EXPECT_EQ(stub.votes().size(), 4U) << "a repeated withdrawal is one";
  expect_clean(stub, false);
}

TEST_F(Rating, AClosedPageSendsItsVoteWhenItOpensAgain) {
  RatingStub stub(some_pairs(3));
  enter(stub);
  stub.trouble(Trouble::kUnavailable, 1000);
  browser().keys("5c");
  browser().keys("kept");
  browser().hold("\uE009", kEnter);
  wait_for_message("Your choice is kept.");
  browser().open("about:blank");
  stub.trouble(Trouble::kNone, 0);
  browser().open(stub.origin() + "/");
  wait_for_pair(2);
  ASSERT_EQ(stub.votes().size(), 1U);
  EXPECT_EQ(stub.votes()[0].at("comment"), "kept");
  EXPECT_EQ(stub.votes()[0].at("key"), stub.received()[0].at("key"));
}

TEST_F(Rating, MarksSurviveAReloadAndAPause) {
  RatingStub stub(some_pairs(2));
  enter(stub);
  browser().keys("2p");
  browser().open(stub.origin() + "/");
  wait_for_pair(1);
  EXPECT_TRUE(checked("1"));
  EXPECT_TRUE(checked("right_broken"));
  browser().click("#pause");
  EXPECT_EQ(browser().text("#card-title"), "Paused");
  browser().keys("5");
  browser().click("#card-button");
  wait_for_pair(1);
  EXPECT_TRUE(checked("1"));
  EXPECT_TRUE(stub.received().empty());
  expect_clean(stub);
}

TEST_F(Rating, SigningOutForgetsTheRater) {
  RatingStub stub(some_pairs(2));
  enter(stub);
  browser().keys("2c");
  browser().keys("for nobody else");
  browser().click("#pause");
  browser().click("#leave");
  browser().wait_for("document.title.startsWith('Please open')");
  EXPECT_EQ(browser().script("return JSON.stringify(localStorage)"), "{}");
  browser().open(stub.origin() + "/");
  browser().wait_for("document.title.startsWith('Please open')");
}

TEST_F(Rating, ALongPromptFoldsAndTheChoicesStayInSight) {
  std::string prompt;
  for (int i = 0; i < 100; ++i) prompt += "A paragraph of a long text.\n\n";
  RatingStub stub({a_pair(prompt, "Left", "Right"), a_pair("Short", "Left", "Right")});
  enter(stub);
  const auto number = [&](const std::string& expression) {
    return browser().script("return " + expression).get<double>();
  };
  EXPECT_LE(number("document.querySelector('.dock').getBoundingClientRect().bottom - innerHeight"), 0);
  EXPECT_GT(number("document.getElementById('prompt').offsetHeight"), 3000);
  browser().keys("f");
  EXPECT_LT(number("document.getElementById('prompt').offsetHeight"), 200);
  EXPECT_EQ(browser().script("return document.getElementById('fold').ariaExpanded"), "false");
  browser().keys("3" + kSave);
  wait_for_pair(2);
  EXPECT_EQ(browser().script("return document.getElementById('fold').hidden"), true);
  EXPECT_EQ(number("scrollY"), 0);
  expect_clean(stub);
}

TEST_F(Rating, TwoTabsNeverCountTwice) {
  RatingStub stub(some_pairs(3));
  enter(stub);
  const std::string first = browser().window();
  const std::string second = browser().new_window();
  browser().switch_to(second);
  browser().open(stub.origin() + "/");
  wait_for_pair(1);
  browser().keys("1" + kSave);
  wait_for_pair(2);
  browser().switch_to(first);
  wait_for_pair(2);  // it looked again when it was seen again
  EXPECT_EQ(stub.votes().size(), 1U);

  stub.vote_elsewhere();
  browser().keys("5" + kSave);
  wait_for_message("That pair had been rated already");
  wait_for_pair(3);
  EXPECT_EQ(stub.votes().size(), 2U);
}

TEST_F(Rating, WhatTheServerRefusesIsSaid) {
  RatingStub stub(some_pairs(2));
  enter(stub);
  stub.trouble(Trouble::kTooLarge, 1);
  browser().keys("2" + kSave);
  wait_for_message("This could not be saved: the comment is too long.");
  EXPECT_TRUE(checked("1"));
  browser().wait_for("!document.getElementById('save').disabled");
  stub.trouble(Trouble::kRevoked, 1);
  browser().keys(kSave);
  browser().wait_for("document.title.startsWith('Please open')");
  browser().open(stub.link());  // a new link: the vote is still there
  browser().script("location.reload()");
  wait_for_pair(2);
  EXPECT_EQ(stub.votes().size(), 1U);
}

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
TEST_F(Rating, Looks) {
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
TEST_F(Rating, Contrast) {
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

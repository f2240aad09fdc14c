// Rating as a person does it: by keys and clicks, over bad connections and in two tabs.
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

}  // namespace
}  // namespace assay::testing

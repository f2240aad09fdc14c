// A whole round as people do it: two checkpoints answer prompts of the shipped set, five raters give 200 votes by
// keyboard in a real browser, the server is killed in between, and what is stored is what was pressed.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <random>

#include "harness/preference/hidden_set.h"
#include "store/ratings.h"
#include "tests/harness/assay.h"
#include "tests/harness/rating/serve_process.h"
#include "tests/rating_page/browser.h"

namespace assay::testing {
namespace {

constexpr int kVotesOfEach = 40;
const char* const kRaters[] = {"ann", "bob", "cleo", "dan", "eve"};

// What a rater pressed, as the server is told it: 2 is left much better.
struct Pressed {
  int choice = 0;
  bool both_bad = false;
  bool operator==(const Pressed&) const = default;
};

class Round {
 public:
  Round() {
    folder_.write("pass", std::string(harness::kShippedPassphrase) + "\n");
    std::string names;
    for (const char* rater : kRaters) names += std::string(rater) + "\n";
    folder_.write("raters", names);
    for (const auto& [name, model] : {std::pair{"early", "demo:early"}, {"late", "demo"}}) {
      assay_ok({"preference", "run", "--quiet", "--model", model, "--limit", "4", "--max-tokens", "40", "--name", name,
                "--passphrase-file", folder_ / "pass", "--db", database()});
    }
    start({"--runs", "early,late", "--raters", folder_ / "raters", "--overlap", "5", "--items",
           std::to_string(kVotesOfEach), "--seed", "7", "--listen", "127.0.0.1:0"});
    tokens_ = server_->tokens();
    port_ = server_->port();
  }

  std::string database() const { return folder_ / "assay.db"; }
  std::string link(const std::string& rater) const {
    return fmt::format("http://127.0.0.1:{}/#{}", port_, tokens_.at(rater));
  }
  void kill() { EXPECT_EQ(server_->end(SIGKILL), -SIGKILL); }
  void restart() { start({"--listen", fmt::format("127.0.0.1:{}", port_)}); }
  int stop() { return server_->end(SIGINT); }

 private:
  void start(const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"preference",        "serve",          "--name", "spring",
                                          "--passphrase-file", folder_ / "pass", "--db",   database()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    server_ = std::make_unique<ServeProcess>(arguments);
    ASSERT_TRUE(server_->listens());
  }

  TemporaryFolder folder_;
  std::unique_ptr<ServeProcess> server_;
  std::map<std::string, std::string> tokens_;
  int port_ = 0;
};

void wait_for_pair(Browser& browser, int number) {
  browser.wait_for(
      fmt::format("document.title.startsWith('{} of ') && document.getElementById('form').ariaBusy === 'false'",
                  number),
      60);
}

// Before these votes, counted over all raters, the server is killed; it comes back when the page has noticed.
bool dies_before(int vote) {
  return vote == 70 || vote == 141;
}

TEST(RatingRound, TwoHundredVotesAreWhatWasPressed) {
  ASSAY_REQUIRE_BROWSER();
  Round round;
  ASSERT_FALSE(HasFatalFailure());
  Browser browser;
  browser.screen(1280, 900, false);
  std::map<std::string, std::vector<Pressed>> pressed;
  std::mt19937 random(3);
  int votes = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (const char* rater : kRaters) {
    browser.open("about:blank");
    browser.forget_cookies();
    browser.open(round.link(rater));
    for (int number = 1; number <= kVotesOfEach; ++number, ++votes) {
      wait_for_pair(browser, number);
      const Pressed vote{static_cast<int>(random() % 5) - 2, random() % 6 == 0};
      const bool dies = dies_before(votes);
      if (dies) round.kill();
      browser.keys(fmt::format("{}{}{}", 3 - vote.choice, vote.both_bad ? "b" : "", kEnter));
      if (dies) {
        browser.wait_for("/connection|answer|again/i.test(document.getElementById('status').textContent)", 20);
        round.restart();
      }
      pressed[rater].push_back(vote);
    }
    browser.wait_for("document.title.startsWith('Thank') || !document.getElementById('card').hidden", 60);
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  EXPECT_EQ(round.stop(), 0);

  store::Ratings ratings(round.database(), store::Store::Mode::kRead);
  const store::Round stored = ratings.find_round("spring");
  std::map<std::string, std::map<int64_t, Pressed>> kept;  // in the order in which they were given
  std::map<int, int> kinds;
  for (const store::Rating& rating : ratings.ratings(stored.id)) {
    const int left = rating.first_is_left ? rating.choice : -rating.choice;
    kept[rating.rater][rating.assignment] = {left, !rating.flags.empty()};
    ++kinds[rating.kind];
  }
  for (const char* rater : kRaters) {
    std::vector<Pressed> in_order;
    for (const auto& [assignment, vote] : kept[rater]) in_order.push_back(vote);
    EXPECT_EQ(in_order == pressed[rater], true) << rater << ": " << in_order.size() << " votes";
  }
  std::cout << fmt::format("{} votes by {} raters in {:.0f} s ({} repeats, {} gold), the server killed twice\n", votes,
                           std::size(kRaters), seconds, kinds[store::Rating::kRepeat], kinds[store::Rating::kGold]);
}

}  // namespace
}  // namespace assay::testing

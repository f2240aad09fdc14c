#include "engine/remote/budget.h"

#include <gtest/gtest.h>

#include <deque>
#include <iostream>

#include "base/random.h"

namespace assay::engine {
namespace {

// Whatever the order of sending and settling, and whatever the requests turn out to cost within their worst.
TEST(Budget, IsNeverExceeded) {
  int rounds = 0;
  int64_t sent = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    PythonRandom random(seed);
    BudgetLimits limits;
    limits.price_in = 3;
    limits.price_out = 15;
    if (seed % 3 == 0) limits.requests = random.below(50) + 1;
    if (seed % 3 == 1) limits.tokens = random.below(20000) + 1;
    if (seed % 3 == 2) limits.money = (random.below(500) + 1) / 1e4;
    Ledger ledger(limits);
    std::deque<Cost> in_flight;
    for (int step = 0; step < 500; ++step) {
      const Cost worst{random.below(300) + 1, random.below(100) + 1};
      if (in_flight.size() < 8 && ledger.reserve(worst)) {
        in_flight.push_back(worst);
        ++sent;
      } else if (!in_flight.empty()) {
        const Cost was = in_flight.front();
        in_flight.pop_front();
        const uint32_t end = random.below(4);
        if (end == 0) {
          ledger.settle_unknown(was);
        } else if (end == 1) {
          ledger.settle_refused(was);
        } else {
          ledger.settle(was, {random.below(static_cast<uint32_t>(was.prompt_tokens)) + 1,
                              random.below(static_cast<uint32_t>(was.generated_tokens) + 1)});
        }
      }
      ASSERT_TRUE(limits.requests == 0 || ledger.requests() <= limits.requests);
      const Cost spent = ledger.spent();
      ASSERT_TRUE(limits.tokens == 0 || spent.prompt_tokens + spent.generated_tokens <= limits.tokens);
      ASSERT_TRUE(limits.money == 0 || ledger.money() <= limits.money + 1e-12);
    }
    EXPECT_FALSE(ledger.spent_limit().empty()) << "the limit was never reached";
    ++rounds;
  }
  std::cout << rounds << " budgets, " << sent << " requests\n";
}

TEST(Budget, SaysWhatWasSpent) {
  BudgetLimits limits;
  limits.money = 1;
  limits.price_in = 2;
  limits.price_out = 10;
  Ledger ledger(limits);
  for (int i = 0; i < 1200; ++i) ASSERT_TRUE(ledger.reserve({100, 10}));
  for (int i = 0; i < 1200; ++i) ledger.settle({100, 10}, {90, 5});
  EXPECT_EQ(ledger.text(), "1,200 requests, 108,000 prompt and 6,000 generated tokens, 0.2760 at the prices given");
  EXPECT_FALSE(ledger.reserve({1000000, 0}));
  EXPECT_EQ(ledger.spent_limit(), "--max-money 1");
  ASSERT_TRUE(ledger.reserve({7, 0}));
  ledger.settle_unknown({7, 0});
  EXPECT_NE(ledger.text().find("at most 108,007 prompt"), std::string::npos) << ledger.text();
}

TEST(Budget, AServerThatCountsMoreThanTheWorstIsExpectedToDoSoAgain) {
  BudgetLimits limits;
  limits.tokens = 250;
  Ledger ledger(limits);
  ASSERT_TRUE(ledger.reserve({50, 0}));
  ledger.settle({50, 0}, {90, 0});
  EXPECT_TRUE(ledger.reserve({50, 0}));
  EXPECT_FALSE(ledger.reserve({50, 0}));  // 90 + 2 · (50 + 40) > 250
}

}  // namespace
}  // namespace assay::engine

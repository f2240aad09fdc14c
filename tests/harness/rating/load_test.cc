// Fifty raters at once: how many votes a second, and how long one takes. Figures are printed and not judged.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "tests/harness/rating/served_round.h"
#include "tests/support/sanitizers.h"

namespace assay::testing {
namespace {

using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

double quantile(std::vector<double>& sorted, double share) {
  return sorted[std::min(sorted.size() - 1, static_cast<size_t>(share * static_cast<double>(sorted.size())))];
}

void load(const char* what, int raters, int votes_each, size_t answer_bytes) {
  harness::RoundRequest request;
  request.overlap = raters;
  MadeShape shape{.categories = 2, .prompts = votes_each};
  if (answer_bytes > 0) {
    shape.answer = [=](int run, const std::string& prompt) {
      return made_answer(run, prompt) + std::string(answer_bytes, 'w');
    };
  }
  ServedRound served(shape, request);
  std::vector<std::string> tokens;
  for (int i = 0; i < raters; ++i) tokens.push_back(served.add_rater(fmt::format("rater {}", i)));
  std::vector<std::vector<double>> votes(tokens.size()), items(tokens.size());
  std::vector<std::thread> threads;
  const auto begin = Clock::now();
  for (size_t rater = 0; rater < tokens.size(); ++rater) {
    threads.emplace_back([&, rater] {
      Client client(served.port());
      ASSERT_TRUE(client.log_in(tokens[rater]));
      for (int i = 0; i < votes_each; ++i) {
        const auto asked = Clock::now();
        const Json item = client.item().json();
        const auto shown = Clock::now();
        ASSERT_EQ(client.vote(item.at("assignment"), fresh_key(), 1, {}, "a comment").status, 200);
        items[rater].push_back(std::chrono::duration<double, std::milli>(shown - asked).count());
        votes[rater].push_back(std::chrono::duration<double, std::milli>(Clock::now() - shown).count());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  std::vector<double> all_votes, all_items;
  for (const auto& each : votes) all_votes.insert(all_votes.end(), each.begin(), each.end());
  for (const auto& each : items) all_items.insert(all_items.end(), each.begin(), each.end());
  std::sort(all_votes.begin(), all_votes.end());
  std::sort(all_items.begin(), all_items.end());
  ASSERT_EQ(all_votes.size(), static_cast<size_t>(raters * votes_each));
  EXPECT_EQ(served.ratings().size(), all_votes.size());
  std::cout << fmt::format(
      "{}: {} raters, {} votes: {:.0f} votes/s; a vote {:.1f} ms (median), {:.1f} ms (99 %); an item {:.1f} ms, {:.1f} "
      "ms\n",
      what, raters, all_votes.size(), static_cast<double>(all_votes.size()) / seconds, quantile(all_votes, 0.5),
      quantile(all_votes, 0.99), quantile(all_items, 0.5), quantile(all_items, 0.99));
}

TEST(RatingLoad, FiftyRatersAtOnce) {
  load("short responses", cases(50, 8), cases(20, 4), 0);
}

TEST(RatingLoad, ResponsesOfAHundredKilobytes) {
  load("responses of 100 KB", cases(50, 8), cases(5, 2), 100000);
}

TEST(RatingLoad, OneRaterAlone) {
  load("alone", 1, cases(100, 10), 0);
}

}  // namespace
}  // namespace assay::testing

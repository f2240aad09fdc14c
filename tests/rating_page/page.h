// What the tests of the page share: one browser for all of them, and the page's ways in.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "tests/rating_page/browser.h"
#include "tests/rating_page/stub.h"

namespace assay::testing {

class RatingPage : public ::testing::Test {
 protected:
  void SetUp() override;

  // Follows the rater's link and waits for the first pair.
  void enter(const RatingStub& stub);
  // Until pair `number` can be read.
  void wait_for_pair(int number);
  // Until the line for messages holds `text`.
  void wait_for_message(const std::string& text);

  // What render.js makes of `text`: its HTML, each formula as [[its TeX]].
  std::string rendered(const std::string& text);

  // Nothing ran, nothing was asked for elsewhere, no policy was broken, nothing was complained about.
  void expect_clean(const RatingStub& stub, bool network = true);

  static Browser& browser();
};

}  // namespace assay::testing

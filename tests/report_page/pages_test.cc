// Every page is drawn, can be walked through by keys, filtered and searched; 50,000 samples stay quick.
// ASSAY_SCREENSHOTS=FOLDER writes a picture of every page, light, dark and on a phone.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "tests/report_page/page.h"

namespace assay::testing {
namespace {

using nlohmann::json;

constexpr std::string_view kArrowRight = "\uE014";
constexpr std::string_view kArrowDown = "\uE015";
constexpr std::string_view kEnd = "\uE010";
constexpr std::string_view kHome = "\uE011";

const std::vector<std::string> kPages = {"overview", "task", "versus", "trend", "samples", "preferences", "provenance"};

TEST_F(ReportPage, EveryPageIsDrawnAndNothingIsComplainedAbout) {
  open(telling_html());
  const std::vector<std::pair<std::string, int>> charts = {
      {"overview", 1}, {"task", 3}, {"versus", 2}, {"trend", 3}, {"samples", 0}, {"preferences", 3}, {"provenance", 0}};
  for (const auto& [page, count] : charts) {
    SCOPED_TRACE(page);
    go_to(page);
    EXPECT_EQ(browser().script("return document.querySelectorAll('canvas').length"), count);
    // Something was painted on each.
    EXPECT_EQ(browser().script(R"(return [...document.querySelectorAll('canvas')].every((canvas) =>
        canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte > 0)))"),
              true);
    EXPECT_EQ(browser().script("return document.documentElement.scrollWidth <= innerWidth"), true);
  }
  expect_clean();
}

TEST_F(ReportPage, OverviewSaysWhatIsWorseAndShowsPublishedNumbersApart) {
  open(telling_html());
  EXPECT_EQ(browser().text(".findings li .badge"), "regressed");
  EXPECT_NE(browser().text(".findings li").find("misses"), std::string::npos);
  EXPECT_EQ(browser().script("return document.querySelectorAll('.matrix .published .other').length"), 2);
  EXPECT_EQ(browser().script("return document.querySelectorAll('.matrix .published .same').length"), 2);
  EXPECT_EQ(browser().script("return document.querySelectorAll('.matrix tbody tr').length"), 8);
}

TEST_F(ReportPage, TabsByKeyboard) {
  open(telling_html());
  browser().script("document.querySelector('[role=tab][aria-selected=true]').focus()");
  for (size_t i = 1; i <= kPages.size(); ++i) {
    browser().keys(kArrowRight);
    browser().wait_for(fmt::format("document.getElementById('page').dataset.page === '{}'", kPages[i % kPages.size()]));
  }
  browser().keys(kEnd);
  browser().wait_for("location.hash === '#provenance'");
  browser().keys(kHome);
  browser().wait_for("location.hash === '#overview'");
  EXPECT_EQ(browser().script("return document.activeElement.id"), "tab-overview");
  EXPECT_EQ(browser().script("return document.querySelectorAll('[role=tab][tabindex=\"0\"]').length"), 1);
  expect_clean();
}

TEST_F(ReportPage, SamplesAreFilteredSearchedAndWalkedThrough) {
  open(telling_html(), "samples/5");  // gsm8k of pr-17
  browser().wait_for("document.getElementById('found').textContent !== ''");
  EXPECT_EQ(browser().text("#found"), "300 of 300 samples");
  const auto found = [&](const std::string& filter) {
    browser().click(fmt::format("[data-filter={}]", filter));
    return browser().text("#found");
  };
  EXPECT_EQ(found("wrong"), "120 of 300 samples");
  EXPECT_EQ(found("unparsed"), "30 of 300 samples");
  EXPECT_EQ(found("flipped"), "100 of 300 samples");
  EXPECT_EQ(browser().script("return document.querySelector('[data-filter=timed-out]').disabled"), true);
  EXPECT_EQ(found("all"), "300 of 300 samples");
  browser().click("#search");
  browser().keys("test/299");
  browser().wait_for("document.getElementById('found').textContent === '1 of 300 samples'");
  EXPECT_NE(browser().text("#detail").find("The answer is"), std::string::npos);
  browser().script("const s = document.getElementById('search'); s.value = ''; s.dispatchEvent(new Event('input'))");
  browser().wait_for("document.getElementById('found').textContent === '300 of 300 samples'");
  browser().keys(kArrowDown);  // into the list
  browser().keys(kArrowDown);
  EXPECT_EQ(browser().script("return document.querySelector('.row[aria-selected=true]').id"), "row-1");
  EXPECT_EQ(browser().text("#detail h3"), "test/1");
  browser().keys(kEnd);
  EXPECT_EQ(browser().text("#detail h3"), "test/299");
  EXPECT_EQ(browser().script("return document.querySelectorAll('#detail .side').length"), 2);
  expect_clean();
}

TEST_F(ReportPage, QuestionsAreShownWithTheirExamplesFoldedAwayAndAreFound) {
  open(telling_html(), "samples/5");
  browser().wait_for("document.getElementById('found').textContent !== ''");
  browser().click("#search");
  browser().keys("hens 299");
  browser().wait_for("document.getElementById('found').textContent === '1 of 300 samples'");
  const std::string shown = browser().text("#detail");
  EXPECT_NE(shown.find("Question: on day 299 the hens lay"), std::string::npos) << shown;
  EXPECT_EQ(shown.find("what is known of number 4?"), std::string::npos) << shown;
  EXPECT_EQ(browser().script("return document.querySelectorAll('#detail pre.asked').length"), 2)
      << "once for both sides";
  EXPECT_NE(shown.find("Instructions and examples before it ("), std::string::npos) << shown;
  browser().click("#detail summary");
  EXPECT_NE(browser().text("#detail").find("what is known of number 4?"), std::string::npos);
  expect_clean();
}

TEST_F(ReportPage, FlipsStandBesideEachOther) {
  open(telling_html(), "versus/5");
  EXPECT_NE(browser().text("#page").find("Lost (40)"), std::string::npos) << browser().text("#page");
  EXPECT_EQ(browser().script("return document.querySelectorAll('.flips .sample').length"), 10);
  EXPECT_EQ(browser().script("return [...document.querySelectorAll('.flips .side:first-child .mark')].every((m) => "
                             "m.className === 'mark right')"),
            true);
  expect_clean();
}

TEST_F(ReportPage, WhatBecameOfProgramsIsTold) {
  open(programs_html(), "task/2");
  EXPECT_NE(browser().text("#page").find("12 programs"), std::string::npos) << browser().text("#page");
  go_to("samples/2");
  browser().wait_for("document.getElementById('found').textContent === '12 of 12 samples'");
  browser().click("[data-filter=timed-out]");
  EXPECT_EQ(browser().text("#found"), "1 of 12 samples");
  EXPECT_EQ(browser().text("#detail .side:last-child dl div:last-child dd"), "timeout after 19 ms");
  EXPECT_EQ(browser().text("#detail .side:first-child dl div:last-child dd"), "passed after 19 ms");
  browser().click("[data-filter=all]");
  const std::vector<std::string> outcomes = {"timeout", "crash", "memory", "failed", "passed"};
  for (size_t i = 0; i < outcomes.size(); ++i) {
    browser().script("document.getElementById('row-' + arguments[0]).click()", {i});
    EXPECT_EQ(browser().text("#detail .side:last-child dl div:last-child dd"), outcomes[i] + " after 19 ms");
  }
  browser().script("document.getElementById('row-3').click()");
  EXPECT_EQ(browser().text("#detail .side:last-child .error"), "AssertionError: <b>3 != 4</b>");
  expect_clean();
}

TEST_F(ReportPage, ProvenanceSaysWhatTheModelTook) {
  open(telling_html(), "provenance");
  const std::string rows = browser().script(
      "return [...document.querySelector('#page table').tBodies[0].rows].slice(0, 3).map((row) => "
      "[...row.cells].map((cell) => cell.innerText.replace(/\\s+/g, ' ')).join(' | ')).join('\\n')");
  EXPECT_EQ(rows,
            "main 1 of 2 sessions not finished | cpu avx512bf16 bf16, 8 threads | 3.0 | 812.0 | 5,200,000 | 96,000 | "
            "38 %\n"
            "pr-17 | endpoint | 0.3 | 60.5 | 5,200,000 | 96,000 | 1,200 calls\n"
            "night-1 | not recorded | – | – | – | – | –");
  expect_clean();
}

TEST_F(ReportPage, PreferencesSayWhoIsLikedAndNotWhoSaidIt) {
  open(telling_html(), "preferences");
  EXPECT_NE(browser().text("#page .findings li").find(": raters prefer A in "), std::string::npos);
  const std::string page = browser().text("#page");
  EXPECT_NE(page.find("Round spring"), std::string::npos) << page;
  EXPECT_NE(page.find("Not shown: advice, rare (fewer than 5 votes, or hidden"), std::string::npos) << page;
  for (const char* never : {"bob", "prompt-", "secret"}) EXPECT_EQ(page.find(never), std::string::npos) << never;
  const std::string pairs = "Votes on each pair";
  const std::string categories = "Votes by category";
  const auto rows = [&](const std::string& caption) {
    return browser().script(
        "return [...document.querySelectorAll('.wide')].find((t) => t.getAttribute('aria-label').startsWith("
        "arguments[0])).querySelectorAll('tbody tr').length",
        {caption});
  };
  EXPECT_EQ(rows(pairs), 3);
  EXPECT_EQ(rows(categories), 3);  // one is hidden with the rare one
  go_to("preferences/0-2");
  browser().wait_for("document.getElementById('page').innerText.includes('Categories: B against C')");
  browser().script(
      "const s = document.querySelector('#page select'); s.value = '1'; s.dispatchEvent(new Event('change'))");
  browser().wait_for("document.getElementById('page').innerText.includes('Round autumn')");
  EXPECT_EQ(rows(pairs), 1);
  expect_clean();
}

TEST_F(ReportPage, CalibrationStandsWithItsRun) {
  open(telling_html(), "task/1");
  const std::string page = browser().text("#page");
  EXPECT_NE(page.find("On average the model is "), std::string::npos) << page;
  EXPECT_NE(page.find("Expected calibration error 0."), std::string::npos);
  EXPECT_EQ(page.find("0 to 10 %"), std::string::npos) << "an empty bin";
  open(telling_html(), "task/2");  // answers in words
  EXPECT_EQ(browser().text("#page").find("alibration"), std::string::npos);
  open(telling_html(), "versus/4");
  EXPECT_NE(browser().text("#page").find("Calibration: expected error 0."), std::string::npos);
  expect_clean();
}

TEST_F(ReportPage, WithoutRatingsThereIsNoTabOfThem) {
  open(long_html(20));
  EXPECT_EQ(browser().script("return document.getElementById('tab-preferences')"), nullptr);
  go_to("provenance");
  expect_clean();
}

TEST_F(ReportPage, DarkPrintAndPhone) {
  browser().dark(true);
  open(telling_html());
  EXPECT_EQ(browser().script("return document.documentElement.dataset.theme"), "dark");
  browser().click("#theme");
  EXPECT_EQ(browser().script("return document.documentElement.dataset.theme"), "light");
  browser().click("#theme");
  EXPECT_EQ(browser().script("dispatchEvent(new Event('beforeprint')); const printed = "
                             "document.documentElement.dataset.theme; dispatchEvent(new Event('afterprint')); return "
                             "printed + ' ' + document.documentElement.dataset.theme"),
            "light dark");
  browser().screen(390, 844, true);
  for (const std::string& page : kPages) {
    go_to(page);
    EXPECT_EQ(browser().script("return document.documentElement.scrollWidth <= innerWidth"), true) << page;
  }
  expect_clean();
}

TEST_F(ReportPage, FiftyThousandSamplesStayQuick) {
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  const Clock::time_point building = Clock::now();
  const std::string html = long_html(50'000);
  const double built = since(building);
  const Clock::time_point opening = Clock::now();
  open(html);
  const double interactive = since(opening);
  const double in_page = browser().script("return performance.timing.domComplete - performance.timing.navigationStart");
  const Clock::time_point samples = Clock::now();
  go_to("samples");
  browser().wait_for("document.querySelectorAll('.row').length > 5");
  const double listed = since(samples);
  const Clock::time_point searching = Clock::now();
  browser().click("#search");
  browser().keys("49999");
  browser().wait_for("document.getElementById('found').textContent === '1 of 50,000 samples'");
  const double searched = since(searching);
  EXPECT_LT(browser().script("return document.querySelectorAll('.row').length"), 60);
  const Clock::time_point comparing = Clock::now();
  go_to("versus");
  const double compared = since(comparing);
  std::cout << fmt::format(
      "50,000 samples in two runs: {:.1f} MiB, made in {:.1f} s (the store too); interactive after {:.2f} s (in the "
      "page {:.0f} ms), samples {:.2f} s, search {:.2f} s, head to head {:.2f} s\n",
      static_cast<double>(html.size()) / 1048576, built, interactive, in_page, listed, searched, compared);
  expect_clean();
}

TEST_F(ReportPage, PicturesOfEveryPage) {
  const char* folder = std::getenv("ASSAY_SCREENSHOTS");
  if (folder == nullptr) GTEST_SKIP() << "ASSAY_SCREENSHOTS=FOLDER writes them";
  std::filesystem::create_directories(folder);
  for (const std::string look : {"light", "dark", "phone"}) {
    const int width = look == "phone" ? 390 : 1440;
    browser().dark(look == "dark");
    browser().screen(width, 900, look == "phone");
    open(telling_html());
    for (const std::string& page : kPages) {
      go_to(page);
      const int height = browser().script("return Math.min(document.documentElement.scrollHeight, 2600)");
      if (page != "samples") browser().screen(width, std::max(height, 900), look == "phone");
      browser().script(
          "return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))");
      browser().screenshot(std::filesystem::path(folder) / fmt::format("{}-{}.png", look, page));
      browser().screen(width, 900, look == "phone");
    }
  }
}

}  // namespace
}  // namespace assay::testing

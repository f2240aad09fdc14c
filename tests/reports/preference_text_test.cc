// The report as it is printed: held against tests/reports/golden (ASSAY_WRITE_GOLDEN=1 writes them anew, to be read
// before they are committed), and odd rounds.
#include "reports/preference_text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <functional>

#include "base/file.h"
#include "base/text.h"
#include "reports/preference_json.h"
#include "tests/reports/made_round.h"

namespace assay::reports {
namespace {

using testing::drawn_round;
using testing::MadeRound;
using testing::MadeVote;

void expect_golden(const std::string& name, const std::string& text) {
  const std::filesystem::path path = "tests/reports/golden/" + name;
  if (std::getenv("ASSAY_WRITE_GOLDEN") != nullptr) {
    write_file_atomically(path, text);
    return;
  }
  EXPECT_EQ(read_file(path), text) << path << " says otherwise";
}

// Six digits: the rest hangs on the machine's mathematical library.
store::Json rounded(store::Json json) {
  if (json.is_number_float()) return std::stod(fmt::format("{:.6g}", json.get<double>()));
  for (auto& part : json) {
    if (part.is_structured() || part.is_number_float()) part = rounded(part);
  }
  return json;
}

void expect_narrow(const std::string& text) {
  for (const std::string_view line : split_lines(text)) EXPECT_LE(count_code_points(line), 80U) << line;
}

MadeRound two_models() {
  return drawn_round({.prompts = 100, .left_leaning = 2.5, .seed = 4});
}

MadeRound three_models() {
  MadeRound made = drawn_round({.models = 3, .prompts = 25, .categories = {"advice", "coding", "open_qa"}, .seed = 9});
  for (const int first : {0, 1}) {
    for (int i = 0; i < 3; ++i) {
      made.add({.prompt = fmt::format("rare-{}", i), .choice = 1, .first = first, .second = 2, .category = "rare"});
    }
  }
  return made;
}

TEST(PreferenceText, TwoModels) {
  const PreferenceReport report = two_models().report();
  const std::string text = preference_text(report);
  expect_narrow(text);
  expect_golden("preference_two_models.txt", text);
  expect_golden("preference_two_models.json", rounded(preference_json(report)).dump(1) + "\n");
}

TEST(PreferenceText, ThreeModelsARareCategoryAndARaterLeftOut) {
  PreferenceOptions options;
  options.without = {"dee"};
  const PreferenceReport report = three_models().report(options);
  const std::string text = preference_text(report);
  expect_narrow(text);
  expect_golden("preference_three_models.txt", text);
}

TEST(PreferenceText, TwentyModelsHaveALineAPair) {
  const MadeRound made = drawn_round({.models = 20, .prompts = 4, .lead = 0.1, .seed = 6});
  const PreferenceReport report = made.report();
  EXPECT_EQ(report.pairs.size(), 190U);
  const std::string text = preference_text(report);
  expect_narrow(text);
  EXPECT_NE(text.find("S-T"), std::string::npos);
  EXPECT_NE(text.find("Holm p is corrected for 190 pairs"), std::string::npos);
  EXPECT_EQ(preference_json(report).at("strengths").at("models").size(), 20U);
}

struct Odd {
  const char* name;
  std::function<MadeRound()> make;
  std::vector<std::string> said;
};

// `n` votes on as many prompts by one rater.
MadeRound alike(int n, int choice, int prompts = 1000, const std::vector<std::string>& raters = {"ann"}) {
  MadeRound made;
  for (int i = 0; i < n; ++i) {
    made.add({.prompt = fmt::format("p{}", i % prompts),
              .rater = raters[static_cast<size_t>(i) % raters.size()],
              .choice = choice});
  }
  return made;
}

const Odd kOdd[] = {
    {"no votes", [] { return MadeRound(); }, {"0 votes that count", "A against B: fewer than 5 votes"}},
    {"raters without votes",
     [] {
       MadeRound made;
       made.add_rater("ann");
       return made;
     },
     {"fewer than 5 votes"}},
    {"one vote", [] { return alike(1, 2); }, {"0 votes that count", "fewer than 5 votes"}},
    {"one run", [] { return MadeRound(1); }, {"1 model, 0 votes"}},
    {"one rater",
     [] { return alike(30, 1); },
     {"by 1 rater", "A is better", "agreement: unknown", "won every vote against the others"}},
    {"one prompt",
     [] {
       return alike(8, 1, 1, {"a", "b", "c", "d", "e", "f", "g", "h"});
     },
     {"Nothing can be told from one prompt: raters prefer A in 8 votes and B in 0.", "8 votes on 1 prompt"}},
    {"one prompt and one rater", [] { return alike(9, -1, 1); }, {"Nothing can be told from one prompt"}},
    {"all ties",
     [] {
       return alike(40, 0, 20, {"ann", "bob"});
     },
     {"No difference is shown: raters call every pair about the same.", "every vote is a tie"}},
    {"two that never lost",
     [] {
       MadeRound made(3);
       for (int i = 0; i < 30; ++i) {
         made.add({.prompt = fmt::format("p{}", i), .choice = i % 3 - 1, .first = 0, .second = 1});
         made.add({.prompt = fmt::format("p{}", i), .choice = 2, .first = 0, .second = 2});
         made.add({.prompt = fmt::format("p{}", i), .choice = 1, .first = 1, .second = 2});
       }
       return made;
     },
     {"none: A and B won every vote against the others, so that no finite strength fits"}},
    {"apart",
     [] {
       MadeRound made(4);
       for (int i = 0; i < 30; ++i) {
         made.add({.prompt = fmt::format("p{}", i), .choice = i % 3 - 1, .first = 0, .second = 1});
         made.add({.prompt = fmt::format("p{}", i), .choice = i % 4 - 1, .first = 2, .second = 3});
       }
       return made;
     },
     {"A and B were never compared with C and D", "A against C: fewer than 5 votes"}},
    {"no repeats",
     [] {
       MadeRound made = two_models();
       std::erase_if(made.round().ratings, [](const auto& rating) { return rating.kind != store::Rating::kPair; });
       return made;
     },
     {"repeats alike", "-"}},
    {"names with markup and controls",
     [] {
       MadeRound made = drawn_round({.raters = {"<b>&amp;\x1b[31m", "u\xe2\x80\xaenorm", "\xff\xfe", "x'y"}});
       made.round().models = {"**bold** <script>alert(1)</script>\n\x07", std::string(300, 'x')};
       made.round().round.name = "a\x1b]0;t\x07z";
       for (auto& rating : made.round().ratings) rating.category += "\x1b[2J";
       return made;
     },
     {"<b>&amp;?[31m", "u?norm", "**bold** <script>alert(1)</script>??", "round a?]0;t?z", "advice?[2J"}},
};

TEST(PreferenceText, OddRoundsAreSaidInWords) {
  for (const Odd& odd : kOdd) {
    SCOPED_TRACE(odd.name);
    const PreferenceReport report = odd.make().report();
    const std::string text = preference_text(report);
    expect_narrow(text);
    for (const std::string& said : odd.said)
      EXPECT_NE(replace_all(text, "\n  ", " ").find(said), std::string::npos) << said << "\n" << text;
    EXPECT_EQ(text.find("nan"), std::string::npos) << text;
    EXPECT_EQ(text.find("inf"), std::string::npos) << text;
    for (const char c : text) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << text;
    EXPECT_TRUE(is_valid_utf8(text));
    EXPECT_EQ(store::Json::parse(preference_json(report).dump()), preference_json(report));
  }
}

}  // namespace
}  // namespace assay::reports

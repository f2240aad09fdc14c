// Texts that want to run, to load or to escape from where they stand, in every field of the report's data.
#include <fmt/format.h>

#include <iostream>
#include <set>

#include "base/text.h"
#include "reports/html_report.h"
#include "reports/report_page.h"
#include "tests/report_page/page.h"
#include "tests/reports/made_report.h"
#include "tests/reports/made_round.h"

namespace assay::testing {
namespace {

using store::Json;

const char* const kHostile[] = {
    // out of the block of data
    "</script><script>window.__pwned=1</script>",
    "</SCRIPT ><script>window.__pwned=2</script>",
    "<!--<script>window.__pwned=3",
    "--></script><script>window.__pwned=4</script>",
    "]]></script><svg onload=window.__pwned=5>",
    "\\u003c/script\\u003e\\u003cscript\\u003ewindow.__pwned=6\\u003c/script\\u003e",
    "\"},\"x\":(window.__pwned=7),\"y\":{\"",
    "'); window.__pwned=8; ('",
    "\\\"); window.__pwned=9; //",
    "${window.__pwned=10} `${window.__pwned=11}`",
    "\u2028window.__pwned=12\u2029",
    "@program@ @data@ @policy@ @library@ @style@",
    // elements
    "<script>window.__pwned=13</script>",
    "<img src=x onerror=window.__pwned=14>",
    "<img src=https://evil.example/x.png>",
    "<svg onload=window.__pwned=15>",
    "<svg><script>window.__pwned=16</script></svg>",
    "<iframe srcdoc='<script>parent.__pwned=17</script>'></iframe>",
    "<iframe src=javascript:parent.__pwned=18></iframe>",
    "<object data=https://evil.example/></object>",
    "<embed src=https://evil.example/>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<style>@import 'https://evil.example/x.css'; * { display: none }</style>",
    "<form action=https://evil.example/><button id=theme>send</button></form>",
    "<body onload=window.__pwned=19>",
    "<details open ontoggle=window.__pwned=20>",
    "<input autofocus onfocus=window.__pwned=21>",
    "<video><source onerror=window.__pwned=22></video>",
    "<math><mi xlink:href=javascript:window.__pwned=23>x</mi></math>",
    "<template shadowrootmode=open><script>window.__pwned=24</script></template>",
    "<noscript><p title=\"</noscript><img src=x onerror=window.__pwned=25>\">",
    "</title></style></textarea><script>window.__pwned=26</script>",
    // attributes and addresses
    "\" onmouseover=\"window.__pwned=27\" x=\"",
    "' onfocus='window.__pwned=28' autofocus='",
    "javascript:window.__pwned=29",
    "data:text/html,<script>window.__pwned=30</script>",
    "x\"><script>window.__pwned=31</script>",
    "7;background:url(https://evil.example/x)",
    "#samples/1\"><img src=x onerror=window.__pwned=32>",
    // words that JavaScript knows
    "__proto__",
    "constructor",
    "{{constructor.constructor('window.__pwned=33')()}}",
    "toString",
    // what cannot be seen, and what is long
    "\u202E<script>window.__pwned=34</script>\u202C",
    "\u2066\u2067\u2068",
    "\x01\x02<script>window.__pwned=35</script>\x7f",
    "\xff\xfe<script>window.__pwned=36</script>",
};

// Every text of `json`, and every name in its maps of names, is the hostile one. The words of the format stay.
void poison(Json& json, const std::string& text, const std::string& key = "") {
  static const std::set<std::string> kWords = {"average", "verdict", "schema", "started", "state"};
  static const std::set<std::string> kMaps = {"tags", "manifest", "outcomes"};
  if (json.is_string() && !kWords.contains(key)) json = text;
  if (json.is_array()) {
    for (Json& entry : json) poison(entry, text, key);
  }
  if (!json.is_object()) return;
  for (auto& [name, value] : json.items()) poison(value, text, name);
  if (kMaps.contains(key)) json[text] = text;
}

Json data_of(const std::string& html) {
  const std::string begin = "<script type=\"application/json\" id=\"data\">";
  const size_t at = html.find(begin) + begin.size();
  return Json::parse(html.substr(at, html.find("</script>", at) - at));
}

// What is on the page that no text may bring there.
constexpr const char* kForeign = R"(
  const known = new Set(('A ARTICLE B BDI BUTTON CANVAS CAPTION CODE DD DETAILS DIV DL DT H2 H3 H4 I INPUT LABEL LI OL OPTION ' +
    'P PRE SECTION SELECT SMALL SPAN SUMMARY TABLE TBODY TD TH THEAD TR UL').split(' '));
  const foreign = [];
  for (const details of document.querySelectorAll('details')) details.open = true;
  for (const e of document.querySelectorAll('#page *, #summary *')) {
    if (!known.has(e.nodeName)) foreign.push(e.nodeName);
    for (const name of e.getAttributeNames()) {
      if (name.startsWith('on') || name === 'src' || (name === 'href' && !/^#[a-z]+\/\d+$/.test(e.getAttribute(name)))) foreign.push(name);
    }
  }
  if (document.getElementById('page').innerText.trim() === '') foreign.push('an empty page');
  return { foreign, pwned: window.__pwned ?? null, theme: document.getElementById('theme').parentElement.className };)";

class HostileReport : public ReportPage {
 protected:
  void expect_harmless() {
    const nlohmann::json tabs =
        browser().script("return [...document.querySelectorAll('[role=tab]')].map((tab) => tab.id)");
    EXPECT_GE(tabs.size(), 5U);
    for (const std::string tab : tabs) {
      const std::string page = tab.substr(std::string("tab-").size());
      SCOPED_TRACE(page);
      go_to(page);
      const nlohmann::json found = browser().script(kForeign);
      EXPECT_EQ(found.at("foreign"), nlohmann::json::array());
      EXPECT_EQ(found.at("pwned"), nullptr);
      EXPECT_EQ(found.at("theme"), "top");
    }
    expect_clean();
  }
};

TEST_F(HostileReport, NothingRunsWhateverFieldItStandsIn) {
  const Json data = data_of(small_html());
  int fields = 0;
  for (const std::string text : kHostile) {
    SCOPED_TRACE(text);
    Json poisoned = data;
    poison(poisoned["report"], text);
    poison(poisoned["samples"], text);
    open(reports::report_page(poisoned));
    expect_harmless();
    ++fields;
  }
  std::cout << fields << " hostile texts, each in every field\n";
}

TEST_F(HostileReport, NothingRunsThatCameThroughTheStore) {
  reports::testing::MadeStore made;
  std::vector<reports::testing::MadeRun> baseline, candidate;
  for (const std::string text : kHostile) {
    for (auto* runs : {&baseline, &candidate}) {
      reports::testing::MadeRun run = reports::testing::made_run("task " + text, 0, 0, text);
      run.score_name = run.filter = "strict-match";
      run.manifest["host"] = text;
      reports::testing::MadeSample sample{.id = text, .score = runs == &baseline ? 1.0 : 0.0, .subset = text};
      sample.text = sample.extracted = sample.gold = text;
      // Long enough for the beginning to stand apart.
      sample.prompt = text + std::string(300, 'x') + "\n" + text;
      reports::testing::MadeSample other = sample;
      other.id = "other";
      other.prompt += text;
      run.samples = {sample, other};
      runs->push_back(run);
    }
  }
  made.set_tags({{"note", kHostile[0]}, {kHostile[0], "x"}});
  made.set_sessions({{"", kHostile[0], 1, store::SessionWork{}}, {"", kHostile[13], 1, {}}});
  const std::vector<store::Run> rated = made.add("main " + std::string(kHostile[13]), baseline);
  const std::vector<store::Run> others = made.add("pr " + std::string(kHostile[0]).substr(9, 8), candidate);
  // Rounds, categories and raters called so; the models are, by their manifests.
  for (size_t i = 0; i < std::size(kHostile); ++i) {
    const std::string text = printable(kHostile[i]);
    reports::testing::MadeRound round;
    for (const std::string& category : {text, text + "2"}) {
      for (int vote = 0; vote < 5; ++vote) {
        round.add({.prompt = fmt::format("{} {}", vote, category), .rater = text, .choice = 1, .category = category});
      }
    }
    round.round().round.name = replace_all(text, "/", "∕");
    reports::testing::store_round(round.round(), made.store(), {rated[i].info.number, others[i].info.number});
  }
  reports::ReportOptions options;
  options.baseline = "main " + std::string(kHostile[13]);
  const reports::Report report =
      reports::testing::report_of(made.store(), {"pr " + std::string(kHostile[0]).substr(9, 8)}, options);
  ASSERT_EQ(report.preferences.size(), std::size(kHostile));
  open(reports::html_report(report, made.store()), "samples");
  browser().wait_for("document.querySelectorAll('#detail pre.asked').length === 2");
  expect_harmless();
  for (size_t i = 0; i < std::size(kHostile); ++i) {
    go_to(fmt::format("preferences/{}", i));
    EXPECT_EQ(browser().script(kForeign).at("foreign"), nlohmann::json::array());
  }
  expect_clean();
}

}  // namespace
}  // namespace assay::testing

#include "tests/reports/made_report.h"

#include <fmt/format.h>

#include "base/text.h"
#include "tests/reports/made_round.h"

namespace assay::reports::testing {
namespace {

MadeSample answer_in_words(const std::string& id, const std::string& extracted, const std::string& gold, double score) {
  MadeSample sample{.id = id, .score = score};
  sample.text = "So it is " + extracted;
  sample.extracted = extracted;
  sample.gold = gold;
  return sample;
}

MadeRun in_words(const std::string& task, const std::string& model, std::vector<MadeSample> samples) {
  MadeRun run = made_run(task, 0, 0, model);
  run.samples = std::move(samples);
  run.score_name = run.filter = "strict-match";
  run.metric = "exact_match";
  return run;
}

ReportOptions against(const std::string& baseline, std::optional<double> margin) {
  ReportOptions options;
  options.baseline = baseline;
  options.margin_points = margin;
  return options;
}

Report report_on_a_gate() {
  MadeStore made;
  made.add("main", {made_run("mmlu", 400, 400), made_run("arc_easy", 400, 400), made_run("gsm8k", 400, 200)});
  MadeRun other_shots = made_run("gsm8k", 400, 200, "m2");
  other_shots.manifest["asked"]["shots"] = 0;
  made.add("pr-17", {made_run("mmlu", 400, 360, "m2"), made_run("arc_easy", 400, 400, "m2"), other_shots});
  return report_of(made.store(), {"pr-17"}, against("main", 2));
}

Report report_on_one_sample() {
  MadeStore made;
  made.add("one", made_run("mmlu", 1, 1));
  return report_of(made.store(), {"one"});
}

Report report_on_unfinished_runs() {
  MadeStore made;
  MadeRun run = made_run("mmlu", 20, 10);
  for (size_t i = 12; i < 20; ++i) run.samples[i].answered = false;
  made.set_state(store::State::kInterrupted);
  made.add("stopped", run);
  made.set_state(store::State::kRunning);
  made.add("running", run);
  made.set_state(store::State::kDone);
  MadeRun programs = made_run("humaneval", 5, 0);
  programs.scorer_version = "code/2";
  programs.scored = false;
  made.add("texts", programs);
  return report_of(made.store(), {"stopped", "running", "texts"});
}

// Every hostile text as the name of a run's task, a sample and an answer; the last answer is one line of 100 KB.
Report report_on_hostile_texts() {
  MadeStore made;
  std::vector<MadeRun> baseline;
  std::vector<MadeRun> candidate;
  for (const std::string& text : hostile_texts()) {
    const std::string task = "task " + text;
    baseline.push_back(in_words(task, "m", {answer_in_words(text, "1", text, 1), answer_in_words("b", "1", "1", 1)}));
    candidate.push_back(
        in_words(task, text, {answer_in_words(text, text, text, 0), answer_in_words("b", "1", "1", 1)}));
  }
  candidate.back().samples.front().extracted = std::string(100'000, '<') + "|";
  const std::vector<store::Run> rated = made.add("main <b>@octocat<b>", baseline);
  made.set_tags({{"note", "<script>alert(1)</script>"}});
  const std::vector<store::Run> others = made.add("pr |`#1`", candidate);
  for (size_t i = 0; i < others.size(); i += 7) {
    MadeRound round = drawn_round({.prompts = 4, .categories = {hostile_texts()[i]}});
    round.round().round.name = printable(replace_all(hostile_texts()[i], "/", "|"));
    store_round(round.round(), made.store(), {rated[i].info.number, others[i].info.number});
  }
  return report_of(made.store(), {"pr |`#1`"}, against("main <b>@octocat<b>", std::nullopt));
}

// A round of two models, with a category of few votes, and one that has too few to show any.
Report report_on_preferences() {
  MadeStore made;
  std::vector<int64_t> runs;
  for (const std::string model : {"base-7b", "tuned-7b", "idle-7b"}) {
    MadeRun run = in_words("answers", model, {answer_in_words("1", "", "", 0)});
    run.manifest["asked"]["hidden_set"] = "h";
    run.scored = false;
    runs.push_back(made.add(model, run).info.number);
  }
  DrawnRound drawn{.prompts = 24, .raters = {"ann", "ben", "cho"}, .categories = {"advice", "coding"}, .lead = 2};
  MadeRound round = drawn_round(drawn);
  for (int i = 0; i < 3; ++i) round.add({.prompt = fmt::format("other-{}", i), .choice = 1, .category = "rare"});
  store_round(round.round(), made.store(), {runs[1], runs[0]});
  MadeRound few;
  few.round().round.name = "few";
  few.add({});
  store_round(few.round(), made.store(), {runs[1], runs[2]});
  return report_of(made.store(), {"tuned-7b"});
}

Report report_on_sixty_runs() {
  MadeStore made;
  std::vector<std::string> names;
  for (int i = 0; i < 60; ++i) {
    names.push_back(fmt::format("night-{}", i));
    made.add(names.back(), made_run("mmlu", 50, 20 + i % 25, fmt::format("step{}", 1000 * i)));
  }
  return report_of(made.store(), names, against("night-0", 5));
}

}  // namespace

store::Json ordinary_manifest(const std::string& task, const std::string& model) {
  store::Json manifest = full_manifest();
  manifest["asked"].erase("hidden_set");
  manifest["asked"]["task"] = task;
  manifest["model_name"] = model;
  return manifest;
}

MadeRun made_run(const std::string& task, int n, int right, const std::string& model) {
  MadeRun run;
  run.task = task;
  run.manifest = ordinary_manifest(task, model);
  for (int i = 0; i < n; ++i) {
    MadeSample sample{.id = fmt::format("{}/{}", task, i), .score = i < right ? 1.0 : 0.0};
    sample.margin = sample.score - 0.5 + 0.001 * i;
    run.samples.push_back(sample);
  }
  return run;
}

Report report_of(const store::Store& store, const std::vector<std::string>& names, const ReportOptions& options) {
  std::vector<store::RunInfo> runs;
  for (const std::string& name : names) {
    for (const store::RunInfo& run : store.resolve(name)) runs.push_back(run);
  }
  Report report = make_report(store, runs, options);
  for (ReportedRun& run : report.runs) run.run.info.started = "2026-11-25T14:03:07Z";
  for (PreferenceReport& round : report.preferences) round.started = "2026-11-25T14:03:07Z";
  return report;
}

const std::vector<std::string>& hostile_texts() {
  static const std::vector<std::string> texts = {
      "<script>alert(1)</script>",
      "<img src=x onerror=alert(1)>",
      "</details></td></table>",
      "<!-- comment",
      "]]>",
      "</system-out></testcase>",
      "&lt;b&gt; &amp; &#64;octocat",
      "\" onmouseover=\"alert(1)",
      "'quoted'",
      "@octocat",
      "octocat@example.com",
      "#1",
      "GH-1",
      "owner/repo#1",
      "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678",
      "https://example.com/?q=1",
      "www.example.com",
      "[text](javascript:alert(1))",
      "![image](https://example.com/x.png)",
      "**bold** _em_ ~~gone~~",
      ":tada:",
      "| a | b |",
      "\\| a \\\\| b \\\\\\| c",
      "back tick ` here",
      "`` two `` and ``` three ```",
      "`",
      "\\",
      "\\`",
      " spaces around ",
      "   ",
      "# heading",
      "- [ ] item",
      "line\nbreak\r\nand\n\n## more",
      "tab\tand\vothers\f",
      "line\u2028separator\u0085next",
      std::string("nul\0byte", 8),
      "bell\a escape\x1b[31m del\x7f",
      "\xef\xbf\xbe and \xef\xbf\xbf",
      "not \xff\xfe UTF-8 \xc3",
      "half a surrogate \xed\xa0\x80",
      "\u202egnp.exe",
      "\u2067right\u2069 to left \u05d0\u05d1\u05d2",
      "\u0645\u0631\u062d\u0628\u0627",
      "zero\u200bwidth",
      "$x^2$ $$y$$",
      "```mermaid graph TD```",
      "{{ template }} ${{ secrets.TOKEN }}",
      "::error::command",
      "%0A::set-output",
      "\U0001F600 emoji",
  };
  return texts;
}

const std::vector<NamedReport>& golden_reports() {
  static const std::vector<NamedReport> reports = {{"gate", report_on_a_gate()},
                                                   {"one-sample", report_on_one_sample()},
                                                   {"unfinished", report_on_unfinished_runs()},
                                                   {"hostile", report_on_hostile_texts()},
                                                   {"preferences", report_on_preferences()},
                                                   {"sixty-runs", report_on_sixty_runs()}};
  return reports;
}

}  // namespace assay::reports::testing

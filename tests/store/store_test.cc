// Batches, runs, responses, scores: what goes in comes out, to the bit, and nothing else goes in.
#include "store/store.h"

#include <gtest/gtest.h>

#include <bit>
#include <chrono>
#include <cmath>
#include <ctime>
#include <functional>
#include <iostream>
#include <limits>
#include <regex>

#include "base/hash.h"
#include "store/sqlite.h"
#include "tests/store/fixture.h"

namespace assay::store {
namespace {

using testing::answer;
using testing::error_of;
using testing::Folder;
using testing::generation_answer;
using testing::generation_run;
using testing::likelihood_answer;
using testing::likelihood_run;
using testing::range;

std::vector<uint64_t> bits(const std::vector<double>& values) {
  std::vector<uint64_t> all;
  for (const double value : values) all.push_back(std::bit_cast<uint64_t>(value));
  return all;
}

TEST(Store, BatchComesBackAsItWasCreated) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  const Json options = {{"model", "m"}, {"limit", 20}, {"shots", nullptr}};
  const Batch created = store.create_batch({"night", options, {{"branch", "main"}, {"purpose", "test"}}},
                                           {likelihood_run("mmlu", 10), generation_run("gsm8k", 5)});
  EXPECT_EQ(created.state, State::kRunning);
  EXPECT_TRUE(std::regex_match(created.started, std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)")));
  store.finish_batch(created.id, State::kInterrupted);

  const Store again(folder / "a.db", Store::Mode::kRead);
  ASSERT_EQ(again.batches().size(), 1u);
  const Batch batch = again.find_batch("night");
  EXPECT_EQ(batch.uid, created.uid);
  EXPECT_EQ(batch.options.dump(), options.dump());
  EXPECT_EQ(batch.tags, (std::map<std::string, std::string>{{"branch", "main"}, {"purpose", "test"}}));
  EXPECT_EQ(batch.state, State::kInterrupted);
  const std::vector<RunInfo> runs = again.runs_of(batch.id);
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0].task, "mmlu");
  EXPECT_EQ(runs[0].n, 10u);
  EXPECT_EQ(runs[0].answered, 0u);
  EXPECT_EQ(runs[0].state, State::kInterrupted);
  EXPECT_EQ(runs[1].task, "gsm8k");
  const store::Run run = again.load_run(runs[0].number);
  EXPECT_EQ(run.manifest.dump(), likelihood_run("mmlu", 1).manifest.dump()) << "order of keys kept";
  EXPECT_EQ(run.manifest_sha256, sha256_hex(run.manifest.dump()));
  EXPECT_EQ(run.scorer_version, "multiple_choice/1");
}

TEST(Store, TagsAreAddedOnceAndReplaced) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  const int64_t id = store.create_batch({"night", {}, {{"branch", "main"}}}, {likelihood_run("mmlu", 1)}).id;
  EXPECT_FALSE(store.add_tag(id, "branch", "topic"));
  EXPECT_TRUE(store.add_tag(id, "command", "begun"));
  // Another process asks the same.
  EXPECT_FALSE(Store(folder / "a.db", Store::Mode::kWrite).add_tag(id, "command", "mine"));
  store.set_tag(id, "command", "exit 0");
  store.set_tag(id, "new", "");
  const std::map<std::string, std::string> expected = {{"branch", "main"}, {"command", "exit 0"}, {"new", ""}};
  EXPECT_EQ(store.find_batch("night").tags, expected);
  EXPECT_EQ(error_of([&] { store.add_tag(id + 1, "a", "b"); }).code(), ExitCode::kUsage);
  EXPECT_EQ(error_of([&] { store.set_tag(id + 1, "a", "b"); }).code(), ExitCode::kUsage);
}

TEST(Store, DefaultNamesAreUtcAndFourLetters) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  const std::regex form(R"(\d{8}T\d{6}Z-[a-z]{4})");
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(std::regex_match(store.create_batch({}, {likelihood_run("t", 1)}).name, form));
  }
  EXPECT_EQ(store.batches().size(), 3u);
}

TEST(Store, PlanComesBack) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  NewRun mixed = likelihood_run("mixed", 3);
  for (const PlannedSample& sample : generation_run("", 9).samples) {
    if (sample.index >= 3) mixed.samples.push_back(sample);
  }
  mixed.samples[0].id = std::string("nul\0 in an id", 13);
  mixed.samples[1].continuations = {" \"quoted\"", " \xE2\x80\xA8", " \n"};
  mixed.samples[2].gold.choices = {0, 2, 3};
  mixed.samples[3].gold.text = std::string("a\0b", 3);
  mixed.samples[4].kind = RequestKind::kText;
  mixed.samples[5].sample = 4;
  const Batch batch = store.create_batch({}, {mixed});
  const std::vector<StoredSample> samples = store.load_samples(store.runs_of(batch.id).at(0).number);
  ASSERT_EQ(samples.size(), 9u);
  for (size_t i = 0; i < samples.size(); ++i) {
    EXPECT_EQ(samples[i].position, i);
    EXPECT_TRUE(samples[i].plan == mixed.samples[i]) << i;
    EXPECT_FALSE(samples[i].response || samples[i].score);
  }
}

TEST(Store, PlanSampleReadsTheRequest) {
  datasets::Sample item;
  item.id = "x/1";
  item.subset = "x";
  item.index = 1;
  item.cluster = "passage";
  const datasets::Gold gold{{2}, "g"};
  const PlannedSample a = plan_sample(item, gold, engine::LogLikelihoodRequest{"context", {" A", " B"}});
  EXPECT_EQ(a.kind, RequestKind::kLogLikelihood);
  EXPECT_EQ(a.prompt_sha256, sha256_hex("context"));
  EXPECT_EQ(a.continuations, (std::vector<std::string>{" A", " B"}));
  EXPECT_EQ(a.cluster, "passage");
  engine::GenerateRequest generate;
  generate.prompt = "prompt";
  generate.sampling = {.temperature = 0, .top_p = 1, .seed = 5, .sample_key = 1, .repeat = 3};
  EXPECT_EQ(plan_sample(item, gold, generate).seed, std::nullopt) << "greedy has no seed";
  generate.sampling.temperature = 0.8;
  EXPECT_EQ(plan_sample(item, gold, generate).seed, 5u);
  EXPECT_EQ(plan_sample(item, gold, generate).sample, 3);
  EXPECT_EQ(plan_sample(item, gold, engine::TextRequest{"text", 0}).prompt_sha256, sha256_hex("text"));
}

// Doubles whose bits a careless store would lose.
TEST(Store, LogProbabilitiesKeepTheirBits) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  const std::vector<double> values = {-0.0,
                                      0.0,
                                      -1.0,
                                      -1.4200000000000002,
                                      -0.1 - 0.2,
                                      -1e-310,
                                      -5e-324,
                                      -1e300,
                                      -std::numeric_limits<double>::max(),
                                      -123456789.125};
  NewRun run = likelihood_run("t", values.size());
  for (PlannedSample& sample : run.samples) sample.continuations = {" x", " y"};
  const int64_t number = store.runs_of(store.create_batch({}, {run}).id).at(0).number;
  std::vector<NewResponse> answers;
  for (size_t i = 0; i < values.size(); ++i) {
    NewResponse entry = likelihood_answer(number, i);
    entry.response.body = engine::LogLikelihoodResponse{{values[i], values[values.size() - 1 - i]}, {}};
    answers.push_back(entry);
  }
  store.add_responses(answers);
  const std::vector<StoredSample> samples = store.load_samples(number);
  ASSERT_EQ(samples.size(), values.size());
  for (size_t i = 0; i < samples.size(); ++i) {
    const auto& body = std::get<engine::LogLikelihoodResponse>(samples[i].response.value().body);
    EXPECT_EQ(bits(body.logprobs), bits({values[i], values[values.size() - 1 - i]}));
    EXPECT_TRUE(body.greedy.empty());
  }
}

TEST(Store, GenerationsComeBack) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  const std::vector<std::string> texts = {"",
                                          "plain",
                                          std::string("nul\0inside\0", 11),
                                          "\xF0\x9F\xA6\x99 \xE2\x80\xA8",
                                          std::string(1 << 20, 'x'),
                                          "line\r\nline\x01"};
  const int64_t number = store.runs_of(store.create_batch({}, {generation_run("t", texts.size())}).id).at(0).number;
  std::vector<NewResponse> answers;
  for (size_t i = 0; i < texts.size(); ++i) {
    NewResponse entry = generation_answer(number, i);
    entry.response.truncated = i % 2 == 1;
    entry.response.prompt_tokens = i == 0 ? -1 : 12;
    entry.response.body = engine::GenerateResponse{
        texts[i], {0, 1, 2147483647, static_cast<int>(i)}, static_cast<engine::FinishReason>(i % 3)};
    answers.push_back(entry);
  }
  store.add_responses(answers);
  const std::vector<StoredSample> samples = store.load_samples(number);
  ASSERT_EQ(samples.size(), texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    const engine::Response& response = samples[i].response.value();
    const auto& body = std::get<engine::GenerateResponse>(response.body);
    EXPECT_EQ(body.text, texts[i]);
    EXPECT_EQ(body.token_ids, (std::vector<engine::TokenId>{0, 1, 2147483647, static_cast<int>(i)}));
    EXPECT_EQ(body.finish, static_cast<engine::FinishReason>(i % 3));
    EXPECT_EQ(response.truncated, i % 2 == 1);
    EXPECT_EQ(response.prompt_tokens, i == 0 ? -1 : 12);
    EXPECT_EQ(response.request, i);
  }
}

TEST(Store, MissingShrinksAndRunsOfSeveralTasksShareAStep) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  const Batch batch = store.create_batch({}, {likelihood_run("a", 6), generation_run("b", 4)});
  const std::vector<RunInfo> runs = store.runs_of(batch.id);
  store.add_responses(std::vector<NewResponse>{likelihood_answer(runs[0].number, 4),
                                               generation_answer(runs[1].number, 0),
                                               likelihood_answer(runs[0].number, 1)});
  EXPECT_EQ(store.missing(runs[0].number), (std::vector<size_t>{0, 2, 3, 5}));
  EXPECT_EQ(store.missing(runs[1].number), (std::vector<size_t>{1, 2, 3}));
  EXPECT_EQ(store.runs()[0].answered, 2u);
  EXPECT_EQ(store.runs()[1].answered, 1u);
}

TEST(Store, WrongResponsesAreRefusedAndNothingOfTheStepIsStored) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  const int64_t run = store.runs_of(store.create_batch({}, {likelihood_run("t", 8)}).id).at(0).number;
  struct Case {
    const char* name;
    std::function<void(NewResponse&)> spoil;
    ExitCode code;
    const char* message;
  };
  const auto body = [](NewResponse& entry) -> engine::LogLikelihoodResponse& {
    return std::get<engine::LogLikelihoodResponse>(entry.response.body);
  };
  const std::vector<Case> cases = {
      {"NaN", [&](NewResponse& e) { body(e).logprobs[2] = std::nan(""); }, ExitCode::kBadInput, "item/test/1"},
      {"infinite", [&](NewResponse& e) { body(e).logprobs[0] = -INFINITY; }, ExitCode::kBadInput, "not a finite"},
      {"three", [&](NewResponse& e) { body(e).logprobs.pop_back(); }, ExitCode::kBadInput, "3 log-probabilities for 4"},
      {"flags", [&](NewResponse& e) { body(e).greedy.pop_back(); }, ExitCode::kBadInput, "3 greedy flags"},
      {"kind", [&](NewResponse& e) { e.response.body = engine::GenerateResponse{}; }, ExitCode::kBadInput, "generate"},
      {"score", [&](NewResponse& e) { e.score->values["acc"] = std::nan(""); }, ExitCode::kBadInput, "acc"},
      {"position", [&](NewResponse& e) { e.position = 99; }, ExitCode::kInternal, "position 99"},
      {"run", [&](NewResponse& e) { e.run = 99; }, ExitCode::kUsage, "no run 99"},
      {"twice", [&](NewResponse& e) { e.position = 0; }, ExitCode::kInternal, "UNIQUE"},
  };
  for (const Case& each : cases) {
    std::vector<NewResponse> step = {likelihood_answer(run, 0), likelihood_answer(run, 1)};
    each.spoil(step[1]);
    const Error error = error_of([&] { store.add_responses(step); });
    EXPECT_EQ(error.code(), each.code) << each.name << ": " << error.what();
    EXPECT_NE(std::string(error.what()).find(each.message), std::string::npos) << each.name << ": " << error.what();
    EXPECT_EQ(store.missing(run).size(), 8u) << each.name;
    EXPECT_EQ(store.runs()[0].answered, 0u) << each.name;
  }
  std::cout << cases.size() << " wrong responses refused\n";
}

TEST(Store, ResponsesAndManifestsNeverChange) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  const int64_t run = store.runs_of(store.create_batch({}, {likelihood_run("t", 2)}).id).at(0).number;
  store.add_responses(std::vector<NewResponse>{likelihood_answer(run, 0)});
  Database raw(folder / "a.db", Database::Access::kReadWrite, 1000);
  for (const char* sql : {"UPDATE responses SET prompt_tokens = 1", "DELETE FROM responses",
                          "UPDATE runs SET manifest = '{}'", "UPDATE runs SET protocol = 'llama3'"}) {
    EXPECT_NE(std::string(error_of([&] { raw.execute(sql); }).what()), "") << sql;
  }
}

TEST(Store, TamperedManifestIsNoticed) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  const int64_t run = store.runs_of(store.create_batch({}, {likelihood_run("t", 2)}).id).at(0).number;
  Database raw(folder / "a.db", Database::Access::kReadWrite, 1000);
  raw.execute("DROP TRIGGER manifests_never_change; UPDATE runs SET manifest = replace(manifest, 'f32', 'f16')");
  const Error error = error_of([&] { store.load_run(run); });
  EXPECT_EQ(error.code(), ExitCode::kBadInput);
  EXPECT_NE(std::string(error.what()).find("SHA-256"), std::string::npos) << error.what();
}

TEST(Store, ScoringsOfSeveralVersionsStay) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  const Batch batch = store.create_batch({}, {likelihood_run("t", 2)});
  const int64_t run = store.runs_of(batch.id).at(0).number;
  store.add_responses(std::vector<NewResponse>{likelihood_answer(run, 0), likelihood_answer(run, 1)});
  const std::vector<scorers::Metric> first = {
      {"acc", "", "", "micro", 0.5, std::nan(""), 0.1, 0.9, 2},
      {"exact_match", "strict-match", "anatomy", "macro", 1.0 / 3, 0.1, 0, 1, 1}};
  store.set_metrics(run, "multiple_choice/1", first);
  EXPECT_EQ(store.resolve_one("latest").state, State::kDone);
  store.finish_batch(batch.id, State::kDone);

  // A rescoring that is not finished does not take the place of the finished one.
  store.add_scores(run, "multiple_choice/2", std::vector<NewScore>{{0, {{{"acc", 0.25}}, {}, 3}}});
  EXPECT_EQ(store.load_run(run).scorer_version, "multiple_choice/1");
  EXPECT_EQ(store.load_samples(run)[0].score->values.at("acc"), 1.0);
  store.add_scores(run, "multiple_choice/2", std::vector<NewScore>{{1, {{{"acc", 0.75}}, {}, 2}}});
  store.set_metrics(run, "multiple_choice/2", {{"acc", "", "", "micro", 0.75, 0, 0, 1, 2}});

  EXPECT_EQ(store.load_run(run).scorer_version, "multiple_choice/2");
  EXPECT_EQ(store.load_samples(run)[0].score->values.at("acc"), 0.25);
  EXPECT_EQ(store.load_samples(run)[1].score->prediction, 2);
  EXPECT_EQ(store.load_samples(run, "multiple_choice/1")[0].score->values.at("acc"), 1.0);
  EXPECT_EQ(error_of([&] { store.load_samples(run, "multiple_choice/3"); }).code(), ExitCode::kUsage);
}

TEST(Store, MetricsComeBack) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  const int64_t run = store.runs_of(store.create_batch({}, {likelihood_run("t", 2)}).id).at(0).number;
  const std::vector<scorers::Metric> metrics = {
      {"acc", "", "", "micro", 0.1 + 0.2, std::nan(""), 5e-324, 0.9, 2},
      {"exact_match", "strict-match", "anatomy", "macro", 1.0 / 3, 0.1, 0, 1, 1}};
  store.set_metrics(run, "multiple_choice/1", metrics);
  const std::vector<scorers::Metric> back = store.load_run(run).metrics;
  ASSERT_EQ(back.size(), metrics.size());
  for (size_t i = 0; i < back.size(); ++i) {
    EXPECT_EQ(std::tie(back[i].name, back[i].filter, back[i].subset, back[i].average, back[i].n),
              std::tie(metrics[i].name, metrics[i].filter, metrics[i].subset, metrics[i].average, metrics[i].n));
    EXPECT_EQ(bits({back[i].value, back[i].low, back[i].high}),
              bits({metrics[i].value, metrics[i].low, metrics[i].high}));
    EXPECT_EQ(std::isnan(back[i].stderr_), std::isnan(metrics[i].stderr_));
  }
}

// What the harness counts on: MMLU's 14,042 answers written well under a second a thousand, 50,000 samples loaded under
// one. Processor time is checked, with room for sanitizers; the wall time printed beside it has the disk in it.
TEST(Store, Speed) {
  const auto timed = [](const char* what, const std::function<void()>& action) {
    const auto wall = std::chrono::steady_clock::now();
    const std::clock_t processor = std::clock();
    action();
    const double cpu = static_cast<double>(std::clock() - processor) / CLOCKS_PER_SEC;
    std::cout << what << ": " << cpu << " s of processor, "
              << std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count() << " s\n";
    return cpu;
  };
  constexpr size_t kSamples = 50000;
  constexpr size_t kMmlu = 14042;
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  const NewRun plan = likelihood_run("mmlu", kSamples);
  Batch batch;
  std::vector<StoredSample> samples;
  timed("50000 samples planned", [&] { batch = store.create_batch({}, {plan}); });
  EXPECT_LT(timed("14042 answered in steps of 64", [&] { answer(store, 1, range(0, kMmlu), 64, likelihood_answer); }),
            kMmlu / 1000.0);
  answer(store, 1, range(kMmlu, kSamples), 1000, likelihood_answer);
  EXPECT_LT(timed("50000 loaded", [&] { samples = store.load_samples(1); }), 10);
  store.finish_batch(batch.id, State::kDone);
  timed("50000 deleted", [&] { store.delete_batch(batch.id); });
  ASSERT_EQ(samples.size(), kSamples);
  for (size_t i = 0; i < kSamples; ++i) {
    ASSERT_EQ(bits(std::get<engine::LogLikelihoodResponse>(samples[i].response->body).logprobs),
              bits(std::get<engine::LogLikelihoodResponse>(likelihood_answer(1, i).response.body).logprobs));
  }
}

}  // namespace
}  // namespace assay::store

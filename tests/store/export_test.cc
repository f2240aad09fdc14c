// Lines of export: keys and order of INTERFACE.md, doubles that read back, bytes that repeat.
#include "store/export.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <iostream>
#include <limits>
#include <random>
#include <sstream>

#include "base/hash.h"
#include "base/text.h"
#include "tests/store/fixture.h"
#include "tests/support/sanitizers.h"

namespace assay::store {
namespace {

using testing::answer;
using testing::error_of;
using testing::Folder;
using testing::generation_answer;
using testing::generation_run;
using testing::likelihood_answer;
using testing::likelihood_run;

RunInfo run_info(const std::string& task) {
  RunInfo run;
  run.number = 7;
  run.task = task;
  run.protocol = "lm_eval";
  return run;
}

StoredSample likelihood() {
  StoredSample sample;
  sample.plan = likelihood_run("mmlu", 4).samples[3];
  sample.plan.prompt_sha256 = "abc";
  sample.plan.id = "anatomy/test/3";
  sample.plan.subset = "anatomy";
  sample.plan.gold.choices = {2};
  sample.response = engine::Response{
      0, 612, false, engine::LogLikelihoodResponse{{-1.42, -2, -0.1, -1e-7}, {false, true, false, false}}};
  sample.score = scorers::Score{{{"acc", 0}, {"acc_norm", 1}}, {}, 1};
  return sample;
}

StoredSample generation() {
  StoredSample sample;
  sample.plan.id = "gsm8k/test/0";
  sample.plan.kind = RequestKind::kGenerate;
  sample.plan.prompt_sha256 = "def";
  sample.plan.gold.text = "18";
  sample.response =
      engine::Response{0, 780, false, engine::GenerateResponse{"a \"b\"\n\x01 é", {5, 6}, engine::FinishReason::kStop}};
  sample.score = scorers::Score{{{"strict-match", 1}}, {{"strict-match", "18"}}, std::nullopt};
  return sample;
}

TEST(Export, LinesAreThoseOfTheInterface) {
  EXPECT_EQ(export_line(run_info("mmlu"), likelihood()),
            R"({"run":7,"task":"mmlu","protocol":"lm_eval","subset":"anatomy","index":3,"id":"anatomy/test/3",)"
            R"("request":"loglikelihood","prompt_sha256":"abc","prompt_tokens":612,)"
            R"("continuations":[" A"," B"," C"," D"],"logprobs":[-1.42,-2,-0.1,-1e-07],)"
            R"("greedy":[false,true,false,false],"gold":[2],"prediction":1,"scores":{"acc":0,"acc_norm":1}})");
  EXPECT_EQ(export_line(run_info("gsm8k_cot"), generation()),
            R"({"run":7,"task":"gsm8k_cot","protocol":"lm_eval","subset":"","index":0,"id":"gsm8k/test/0",)"
            R"("request":"generate","prompt_sha256":"def","prompt_tokens":780,"sample":0,"seed":null,)"
            R"("text":"a \"b\"\n\u0001 é","finish":"stop","tokens":2,"gold":"18",)"
            R"("extracted":{"strict-match":"18"},"scores":{"strict-match":1}})");
}

TEST(Export, StableLeavesOutTheRun) {
  EXPECT_EQ(export_line(run_info("mmlu"), likelihood(), {.stable = true, .csv = false, .prompt = {}}).substr(0, 15),
            R"({"task":"mmlu",)");
}

TEST(Export, WhatIsNotKnownIsLeftOut) {
  StoredSample elsewhere = generation();
  elsewhere.response->prompt_tokens = -1;
  std::get<engine::GenerateResponse>(elsewhere.response->body).token_ids.clear();
  elsewhere.plan.seed = 0xfffffffffffffff0;
  elsewhere.plan.sample = 2;
  elsewhere.score.reset();
  const Json line = Json::parse(export_line(run_info("humaneval"), elsewhere));
  for (const char* key : {"prompt_tokens", "finish", "tokens", "extracted", "truncated", "execution"}) {
    EXPECT_FALSE(line.contains(key)) << key;
  }
  EXPECT_EQ(line.at("seed").get<uint64_t>(), 0xfffffffffffffff0);
  EXPECT_EQ(line.at("sample"), 2);
  EXPECT_EQ(line.at("scores"), Json::object());

  StoredSample options = likelihood();
  options.response->truncated = true;
  std::get<engine::LogLikelihoodResponse>(options.response->body).greedy.clear();
  options.plan.sample = 1;
  const Json second = Json::parse(export_line(run_info("mmlu"), options));
  EXPECT_FALSE(second.contains("greedy"));
  EXPECT_EQ(second.at("truncated"), true);
  EXPECT_EQ(second.at("sample"), 1);
}

TEST(Export, TextRequest) {
  StoredSample sample = generation();
  sample.plan.kind = RequestKind::kText;
  sample.response->body = engine::TextResponse{-1234.5, 321};
  sample.score = scorers::Score{{{"perplexity", 7.25}}, {}, std::nullopt};
  const Json line = Json::parse(export_line(run_info("text"), sample));
  EXPECT_EQ(line.at("request"), "text");
  EXPECT_EQ(line.at("logprob"), -1234.5);
  EXPECT_EQ(line.at("tokens"), 321);
}

TEST(Export, DoublesReadBackToTheSameBits) {
  std::mt19937_64 random(7);
  size_t compared = 0;
  constexpr int kDoubles = assay::testing::cases(200000, 20000);
  for (int i = 0; i < kDoubles; ++i) {
    const auto value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    ASSERT_EQ(std::bit_cast<uint64_t>(std::strtod(format_double(value).c_str(), nullptr)),
              std::bit_cast<uint64_t>(value));
    ++compared;
  }
  EXPECT_GT(compared, size_t{kDoubles} / 20 * 19);
  EXPECT_EQ(format_double(0.1), "0.1");
  EXPECT_EQ(format_double(1), "1");
  EXPECT_EQ(format_double(-0.0), "-0.0");
  EXPECT_EQ(format_double(1e300), "1e+300");
  EXPECT_TRUE(std::signbit(Json::parse(format_double(-0.0)).get<double>()));
  std::cout << compared << " doubles compared\n";
}

TEST(Export, OrderIsTaskSubsetIndexSampleWhateverTheOrderOfAnswers) {
  std::string first;
  for (const bool backwards : {false, true}) {
    const Folder folder;
    Store store(folder / "a.db", Store::Mode::kCreate);
    if (backwards) store.create_batch({"other", {}, {}}, {likelihood_run("x", 1)});
    NewRun generations = generation_run("arc", 6);
    for (size_t i = 0; i < 6; ++i) {
      generations.samples[i].index = static_cast<int>(i / 3);
      generations.samples[i].id = "arc/" + std::to_string(i / 3);
      generations.samples[i].sample = static_cast<int>(2 - i % 3);
    }
    const Batch batch = store.create_batch({"b", {}, {}}, {likelihood_run("mmlu", 30), generations});
    const std::vector<RunInfo> runs = store.runs_of(batch.id);
    std::vector<size_t> order = testing::range(0, 30);
    if (backwards) std::reverse(order.begin(), order.end());
    answer(store, runs[0].number, order, backwards ? 4 : 30, likelihood_answer);
    answer(store, runs[1].number, {5, 0, 3, 1, 2}, 2, generation_answer);
    std::ostringstream out;
    EXPECT_EQ(export_runs(store, store.resolve("b"), out, {.stable = true, .csv = false, .prompt = {}}), 35u);
    if (backwards) {
      EXPECT_EQ(out.str(), first);
    } else {
      first = out.str();
    }
  }
  std::vector<std::tuple<std::string, std::string, int, int>> keys;
  std::istringstream lines(first);
  for (std::string line; std::getline(lines, line);) {
    const Json json = Json::parse(line);
    keys.emplace_back(json.at("task"), json.at("subset"), json.at("index"), json.value("sample", 0));
  }
  EXPECT_EQ(keys.size(), 35u) << "a sample without an answer has no line";
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
  EXPECT_EQ(std::get<0>(keys.front()), "arc");
}

TEST(Export, PromptsAreCheckedAgainstTheirHash) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  store.create_batch({"b", {}, {}}, {likelihood_run("mmlu", 2)});
  answer(store, 1, {0, 1}, 2, likelihood_answer);
  ExportOptions options;
  options.prompt = [](const RunInfo&, const StoredSample& sample) {
    return "prompt " + std::to_string(sample.plan.index);
  };
  std::ostringstream out;
  EXPECT_EQ(export_runs(store, store.resolve("b"), out, options), 2u);
  EXPECT_NE(out.str().find(R"("prompt":"prompt 1","prompt_tokens":101)"), std::string::npos) << out.str();
  options.prompt = [](const RunInfo&, const StoredSample&) { return "prompt 0"; };
  const Error error = error_of([&] { export_runs(store, store.resolve("b"), out, options); });
  EXPECT_EQ(error.code(), ExitCode::kBadInput);
}

TEST(Export, CommaSeparatedValues) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  store.create_batch({"b", {}, {}}, {likelihood_run("mmlu", 1), generation_run("gsm8k", 1)});
  answer(store, 1, {0}, 1, likelihood_answer);
  NewResponse text = generation_answer(2, 0);
  std::get<engine::GenerateResponse>(text.response.body).text = "one, \"two\"\nthree";
  store.add_responses(std::vector<NewResponse>{text});
  std::ostringstream out;
  EXPECT_EQ(export_runs(store, store.resolve("b"), out, {.stable = true, .csv = true, .prompt = {}}), 2u);
  EXPECT_EQ(out.str(),
            "task,protocol,subset,index,id,request,prompt_sha256,prompt_tokens,truncated,sample,continuations,logprobs,"
            "greedy,seed,text,finish,tokens,gold,prediction,extracted:strict-match,score:acc,score:strict-match\n"
            "gsm8k,lm_eval,,0,item/test/0,generate," +
                sha256_hex("prompt 0") +
                ",7,false,0,,,,,"
                "\"one, \"\"two\"\"\nthree\",stop,3,0,,0,,1\n"
                "mmlu,lm_eval,virology,0,item/test/0,loglikelihood," +
                sha256_hex("prompt 0") +
                ",100,false,0,"
                "\"[\"\" A\"\",\"\" B\"\",\"\" C\"\",\"\" D\"\"]\","
                "\"[-1,-1.4142135623730951,-1.7320508075688772,-2]\",\"[true,false,false,true]\",,,,,[0],0,,1,\n");
}

TEST(Export, BrokenStreamIsAnError) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  store.create_batch({"b", {}, {}}, {likelihood_run("mmlu", 1)});
  std::ostringstream out;
  out.setstate(std::ios::badbit);
  EXPECT_EQ(error_of([&] { export_runs(store, store.resolve("b"), out); }).code(), ExitCode::kIo);
}

TEST(Export, ShowHasTheKeysOfTheInterface) {
  store::Run run;
  run.info = run_info("mmlu");
  run.info.batch = "night";
  run.info.n = 14042;
  run.info.state = State::kDone;
  run.manifest = {{"dtype", "f32"}};
  run.metrics = {{"acc", "", "", "micro", 0.654, 0.004, 0.646, 0.662, 14042}};
  EXPECT_EQ(show_json(run).dump(),
            R"({"run":7,"name":"night","task":"mmlu","protocol":"lm_eval","state":"done","n":14042,)"
            R"("metrics":[{"name":"acc","filter":null,"subset":null,"average":"micro","value":0.654,"stderr":0.004,)"
            R"("low":0.646,"high":0.662,"n":14042}],"manifest":{"dtype":"f32"}})");
}

}  // namespace
}  // namespace assay::store

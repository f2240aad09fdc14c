// The engine on a real small checkpoint: the reference's numbers, what a generation ends at, errors, plan and progress.
#include "engine/engine.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "engine/tokenizer/tokenizer.h"
#include "tests/engine/engine/requests.h"
#include "tests/support/golden.h"

namespace assay::engine {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::run_all;

Engine open_f32(const fs::path& model) {
  EngineOptions options;
  options.dtype = "f32";
  options.memory_gib = 1;
  return {model.string(), options};
}

GenerateResponse generate(Engine& engine, const GenerateRequest& request) {
  const std::vector<Request> requests{request};
  return std::get<GenerateResponse>(run_all(engine, requests).at(0).body);
}

json reference(const fs::path& model) {
  return json::parse(read_file(model / "ref" / "vectors.json"));
}

TEST(Engine, GivesTheReferencesNumbers) {
  ASSAY_REQUIRE_SHARED(model, testing::kTinyStories);
  Engine engine = open_f32(model);
  ASSERT_TRUE(engine.facts().adds_bos);
  const json vectors = reference(model);
  std::vector<Request> requests;
  // The last text was written with its BOS.
  const std::string starts[] = {"", "", "<|start_story|>"};
  for (size_t i = 0; i < vectors.size(); ++i) {
    const std::string text = vectors[i].at("text");
    requests.push_back(LogLikelihoodRequest{starts[i], {text}});
    requests.push_back(TextRequest{starts[i] + text, 0});
    requests.push_back(GenerateRequest{starts[i] + text, {}, false, 64, {}});
  }
  const auto responses = run_all(engine, requests);
  double largest = 0;
  for (size_t i = 0; i < vectors.size(); ++i) {
    const auto ids = vectors[i].at("ids").get<std::vector<TokenId>>();
    const double expected = vectors[i].at("sum_logprob");
    const auto& likelihood = std::get<LogLikelihoodResponse>(responses.at(3 * i).body);
    const auto& text = std::get<TextResponse>(responses.at(3 * i + 1).body);
    const auto& generated = std::get<GenerateResponse>(responses.at(3 * i + 2).body);
    largest = std::max(largest, std::abs(likelihood.logprobs.at(0) - expected));
    EXPECT_EQ(text.logprob, likelihood.logprobs.at(0));
    EXPECT_EQ(text.tokens, static_cast<int64_t>(ids.size()) - 1);  // all but the BOS
    EXPECT_EQ(responses.at(3 * i + 1).prompt_tokens, static_cast<int>(ids.size()) - (starts[i].empty() ? 1 : 0));
    EXPECT_EQ(generated.token_ids, vectors[i].at("greedy64").get<std::vector<TokenId>>());
    EXPECT_EQ(generated.finish, FinishReason::kLength);
  }
  EXPECT_EQ(vectors.size(), 3u);
  EXPECT_LT(largest, 1e-4);
  std::cout << vectors.size() << " texts, largest difference of a summed log-probability " << largest << "\n";
}

// `behind` is nought for what the model itself says greedily, and else how much likelier another token was.
TEST(Engine, SaysHowFarATextLiesBehindTheLikeliestOne) {
  ASSAY_REQUIRE_SHARED(model, testing::kTinyStories);
  Engine engine = open_f32(model);
  const std::string prompt = "Once upon a time, there was a little girl named Lily. She";
  const GenerateResponse said = generate(engine, {prompt, {}, false, 24, {}});
  LogLikelihoodRequest weigh{prompt, {said.text, " zebra" + said.text, said.text + " zebra"}};
  weigh.generated = true;
  const std::vector<Request> requests{weigh};
  const auto weighed = std::get<LogLikelihoodResponse>(run_all(engine, requests).at(0).body);
  EXPECT_LT(weighed.behind.at(0), 1e-3) << "prompt and generated tokens may round differently";
  EXPECT_EQ(weighed.behind.at(0) == 0, weighed.greedy.at(0));
  for (size_t i : {1u, 2u}) {
    EXPECT_FALSE(weighed.greedy.at(i));
    EXPECT_GT(weighed.behind.at(i), 1) << i;
    EXPECT_LE(weighed.behind.at(i), -weighed.logprobs.at(i)) << "no token lies further behind than the whole costs";
  }
}

TEST(Engine, StopsWhereTheTextSaysSo) {
  ASSAY_REQUIRE_SHARED(model, testing::kTinyStories);
  Engine engine = open_f32(model);
  GenerateRequest request{"Once upon a time, there was a little girl named Lily. She", {}, false, 64, {}};
  const GenerateResponse whole = generate(engine, request);
  ASSERT_GT(whole.text.size(), 60u);

  // Every substring of 1 to 9 bytes is a stop, wherever it begins and ends within tokens.
  int stops = 0;
  for (size_t begin = 0; begin < 60; begin += 7) {
    const std::string stop = whole.text.substr(begin, 1 + begin % 9);
    request.stops = {"never in this text", stop};
    const GenerateResponse cut = generate(engine, request);
    EXPECT_EQ(cut.text, whole.text.substr(0, whole.text.find(stop)));
    EXPECT_EQ(cut.finish, FinishReason::kStop);
    EXPECT_LT(cut.token_ids.size(), whole.token_ids.size());
    const auto same = std::mismatch(cut.token_ids.begin(), cut.token_ids.end(), whole.token_ids.begin());
    EXPECT_EQ(same.first, cut.token_ids.end());
    ++stops;
  }
  EXPECT_EQ(stops, 9);

  request.stops = {""};
  EXPECT_EQ(generate(engine, request).text, whole.text);
  request.max_tokens = 1;
  EXPECT_EQ(generate(engine, request).token_ids.size(), 1u);
}

// This model ends a story with the end token, or with its name written letter by letter: only where the request says so
// does that end it too.
TEST(Engine, EndsAtTheEndTokenAndAtItsName) {
  ASSAY_REQUIRE_SHARED(model, testing::kTinyStories);
  Engine engine = open_f32(model);
  std::vector<Request> requests;
  for (uint32_t repeat = 0; repeat < 24; ++repeat) {
    requests.push_back(
        GenerateRequest{"Once upon a time, there was a dog.", {}, repeat % 2 == 0, 480, {1.0, 0.9, 7, 3, repeat / 2}});
  }
  const auto responses = run_all(engine, requests);
  const std::string& name = engine.facts().end_text;
  int end_tokens = 0;
  int names = 0;
  for (size_t i = 0; i < requests.size(); i += 2) {
    const auto& at_name = std::get<GenerateResponse>(responses.at(i).body);
    const auto& whole = std::get<GenerateResponse>(responses.at(i + 1).body);
    EXPECT_EQ(at_name.text, whole.text.substr(0, whole.text.find(name)));
    EXPECT_EQ(at_name.finish == FinishReason::kStop, whole.text.find(name) != std::string::npos);
    names += at_name.finish == FinishReason::kStop ? 1 : 0;
    EXPECT_EQ(whole.finish == FinishReason::kEndToken, whole.token_ids.back() == 2);
    EXPECT_EQ(std::ranges::count(whole.token_ids, 2), whole.finish == FinishReason::kEndToken ? 1 : 0);
    end_tokens += whole.finish == FinishReason::kEndToken ? 1 : 0;
  }
  EXPECT_GT(end_tokens, 0);
  EXPECT_GT(names, 0);
  std::cout << "of 12 generations " << end_tokens << " reach the end token, " << names << " write its name\n";
}

TEST(Engine, PlanIsWhatTheRunDoes) {
  ASSAY_REQUIRE_SHARED(model, testing::kTinyStories);
  Engine engine = open_f32(model);
  const std::vector<Request> requests = testing::mixed_requests(5, 120);
  const Plan plan = engine.plan(requests);
  EXPECT_EQ(plan.requests, 120);
  EXPECT_GT(plan.unshared_tokens, plan.prompt_tokens);
  EXPECT_GT(plan.truncated, 0);
  EXPECT_GT(plan.weight_bytes, 0);
  EXPECT_GT(plan.cache_bytes, 0);
  EXPECT_LE(plan.weight_bytes + plan.cache_bytes, int64_t{1} << 30);

  Progress last;
  int64_t truncated = 0;
  int64_t generated = 0;
  engine.run(requests, {[&](std::vector<Response> batch) {
                          EXPECT_FALSE(batch.empty());
                          for (const Response& response : batch) {
                            truncated += response.truncated ? 1 : 0;
                            if (const auto* text = std::get_if<GenerateResponse>(&response.body)) {
                              generated += static_cast<int64_t>(text->token_ids.size());
                            }
                          }
                        },
                        [&](const Progress& progress) {
                          EXPECT_EQ(progress.prompt_tokens_total, plan.prompt_tokens);
                          EXPECT_GE(progress.prompt_tokens_done, last.prompt_tokens_done);
                          EXPECT_LE(progress.generated_tokens_done + progress.generated_tokens_left,
                                    plan.generated_tokens);
                          last = progress;
                        },
                        nullptr});
  EXPECT_EQ(last.prompt_tokens_done, plan.prompt_tokens);
  EXPECT_EQ(last.generated_tokens_done, generated);
  EXPECT_EQ(last.generated_tokens_left, 0);
  EXPECT_EQ(truncated, plan.truncated);
}

TEST(Engine, StopsBetweenSteps) {
  ASSAY_REQUIRE_SHARED(model, testing::kTinyStories);
  Engine engine = open_f32(model);
  const std::vector<Request> requests = testing::mixed_requests(6, 60);
  std::atomic<bool> stop = false;
  int steps = 0;
  std::vector<Response> before;
  const bool complete = engine.run(requests, {[&](std::vector<Response> batch) {
                                                for (Response& response : batch) before.push_back(std::move(response));
                                              },
                                              [&](const Progress&) { stop = ++steps == 3; }, &stop});
  EXPECT_FALSE(complete);
  EXPECT_EQ(steps, 3);
  const auto all = run_all(engine, requests);
  ASSERT_FALSE(before.empty());
  EXPECT_LT(before.size(), requests.size());
  for (const Response& response : before) {
    EXPECT_EQ(testing::exact_text(response), testing::exact_text(all.at(response.request)));
  }
}

TEST(Engine, NothingToScoreIsAnswered) {
  ASSAY_REQUIRE_SHARED(model, testing::kTinyStories);
  Engine engine = open_f32(model);
  const std::vector<Request> requests{TextRequest{"", 0}};
  const auto responses = run_all(engine, requests);
  EXPECT_EQ(std::get<TextResponse>(responses.at(0).body).tokens, 0);
  EXPECT_TRUE(run_all(engine, {}).empty());
}

TEST(Engine, StatesItsFacts) {
  ASSAY_REQUIRE_SHARED(model, testing::kTinyStories);
  const Engine engine(model.string(), {});
  const ModelFacts& facts = engine.facts();
  EXPECT_EQ(facts.model, model.string());
  EXPECT_EQ(facts.architecture, "llama");
  EXPECT_EQ(facts.weights_sha256, sha256_file(model / "model.safetensors"));
  EXPECT_EQ(facts.tokenizer_sha256, sha256_file(model / "tokenizer.json"));
  EXPECT_EQ(facts.context_length, 512);
  EXPECT_EQ(facts.vocabulary, 2048);
  EXPECT_EQ(facts.end_text, "<|end_story|>");
  EXPECT_EQ(facts.dtype, "bf16");
  EXPECT_EQ(facts.device, "cpu");
  EXPECT_GT(facts.threads, 0);
  EXPECT_GT(facts.parameters, 600000);
  EXPECT_FALSE(facts.instruct);
}

// --- refusals

struct Refusal {
  const char* what;
  std::function<void(EngineOptions&)> change;
  ExitCode code;
  const char* says;
};

TEST(Engine, RefusesOptionsByName) {
  ASSAY_REQUIRE_SHARED(model, testing::kTinyStories);
  ASSAY_REQUIRE_SHARED(llama3, "models/llama3-tokenizer");
  const Refusal refusals[] = {
      {"f16", [](EngineOptions& o) { o.dtype = "f16"; }, ExitCode::kUsage, "--dtype f16"},
      {"dtype", [](EngineOptions& o) { o.dtype = "int8"; }, ExitCode::kUsage, "--dtype int8"},
      {"cuda", [](EngineOptions& o) { o.device = "cuda"; }, ExitCode::kUnavailable, "--device cuda"},
      {"cuda:1", [](EngineOptions& o) { o.device = "cuda:1"; }, ExitCode::kUnavailable, "--device cuda:1"},
      {"all GPUs", [](EngineOptions& o) { o.device = "cuda:all"; }, ExitCode::kUnavailable, "--device cuda:all"},
      {"device", [](EngineOptions& o) { o.device = "tpu"; }, ExitCode::kUsage, "--device tpu"},
      {"bos", [](EngineOptions& o) { o.bos = "yes"; }, ExitCode::kUsage, "--bos yes"},
      {"kernels", [](EngineOptions& o) { o.kernels = "sse9"; }, ExitCode::kUsage, "sse9"},
      {"threads", [](EngineOptions& o) { o.threads = -1; }, ExitCode::kUsage, "--threads -1"},
      {"step", [](EngineOptions& o) { o.step_tokens = -4; }, ExitCode::kUsage, "--step-tokens -4"},
      {"large step", [](EngineOptions& o) { o.step_tokens = 1 << 30; }, ExitCode::kUsage, "--step-tokens 1073741824"},
      {"memory", [](EngineOptions& o) { o.memory_gib = -1; }, ExitCode::kUsage, "--memory -1"},
      {"not a size", [](EngineOptions& o) { o.memory_gib = std::nan(""); }, ExitCode::kUsage, "--memory nan"},
      {"little", [](EngineOptions& o) { o.memory_gib = 1e-4; }, ExitCode::kUnavailable, "may be used"},
      {"vocabulary", [&](EngineOptions& o) { o.tokenizer = llama3.string(); }, ExitCode::kBadInput,
       "has 128256 ids, the embedding"},
      {"no tokenizer", [&](EngineOptions& o) { o.tokenizer = (model / "ref").string(); }, ExitCode::kUnavailable,
       "neither tokenizer.json"},
  };
  for (const Refusal& refusal : refusals) {
    EngineOptions options;
    refusal.change(options);
    try {
      const Engine engine(model.string(), options);
      ADD_FAILURE() << refusal.what << ": accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), refusal.code) << refusal.what << ": " << error.what();
      EXPECT_NE(std::string(error.what()).find(refusal.says), std::string::npos) << error.what();
    }
  }
}

TEST(Engine, RefusesRequestsByNumber) {
  ASSAY_REQUIRE_SHARED(model, testing::kTinyStories);
  EngineOptions options;
  options.dtype = "bf16";
  options.memory_gib = 0.0016;  // weights of 1.3 MB and a few pages
  Engine engine(model.string(), options);
  std::string long_text;
  for (int i = 0; i < 600; ++i) long_text += " Lily";
  const std::pair<Request, const char*> refusals[] = {
      {LogLikelihoodRequest{"Lily", {" saw", ""}}, "request 1: continuation 1"},
      {LogLikelihoodRequest{"Lily", {long_text}}, "request 1: continuation 0 has"},
      {GenerateRequest{"Lily", {}, false, 512, {}}, "request 1: 512 generated tokens"},
      {GenerateRequest{"Lily", {}, false, 0, {}}, "request 1: a limit of 0"},
      {TextRequest{"Lily", 513}, "request 1: the stride 513"},
      {GenerateRequest{long_text, {}, false, 40, {}}, "raise --memory"},
  };
  for (const auto& [request, says] : refusals) {
    const std::vector<Request> requests{LogLikelihoodRequest{"Once upon", {" a"}}, request};
    for (const bool plan : {true, false}) {
      try {
        plan ? static_cast<void>(engine.plan(requests)) : static_cast<void>(engine.run(requests, {}));
        ADD_FAILURE() << says << ": accepted";
      } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find(says), std::string::npos) << error.what();
      }
    }
  }
}

// A copy of the checkpoint with NaN (bf16 0x7FC0) in the first values of one tensor.
fs::path with_nan(const fs::path& model, const std::string& tensor) {
  const fs::path copy = fs::temp_directory_path() / fmt::format("assay-nan-{}", ::getpid());
  fs::create_directories(copy);
  for (const char* file : {"config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json"}) {
    fs::copy_file(model / file, copy / file, fs::copy_options::overwrite_existing);
  }
  std::string bytes = read_file(model / "model.safetensors");
  uint64_t header = 0;
  std::memcpy(&header, bytes.data(), sizeof header);
  const json tensors = json::parse(bytes.substr(8, header));
  const size_t begin = 8 + header + tensors.at(tensor).at("data_offsets").at(0).get<size_t>();
  for (size_t i = 0; i < 64; i += 2) {
    bytes[begin + i] = static_cast<char>(0xC0);
    bytes[begin + i + 1] = 0x7F;
  }
  write_file_atomically(copy / "model.safetensors", bytes);
  return copy;
}

TEST(Engine, NamesLayerAndRequestOfANan) {
  ASSAY_REQUIRE_SHARED(model, testing::kTinyStories);
  const fs::path damaged = with_nan(model, "model.layers.1.mlp.down_proj.weight");
  Engine engine = open_f32(damaged);
  const std::vector<Request> requests{TextRequest{"", 0}, LogLikelihoodRequest{"Once upon", {" a", " the"}}};
  std::vector<size_t> answered;
  try {
    engine.run(requests, {[&](const std::vector<Response>& batch) {
                            for (const Response& response : batch) answered.push_back(response.request);
                          },
                          {},
                          nullptr});
    ADD_FAILURE() << "scored";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kBadInput);
    EXPECT_NE(std::string(error.what()).find("layer 1"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("request 1"), std::string::npos) << error.what();
  }
  EXPECT_EQ(answered, std::vector<size_t>{0});
  fs::remove_all(damaged);
}

}  // namespace
}  // namespace assay::engine

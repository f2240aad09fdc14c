#include "tests/store/fixture.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <numeric>

#include "base/hash.h"

namespace assay::store::testing {
namespace {

NewRun empty_run(const std::string& task, const std::string& version) {
  NewRun run;
  run.task = task;
  run.protocol = "lm_eval";
  run.manifest = {{"weights_sha256", sha256_hex(task)}, {"alpha", 0.1}, {"dtype", "f32"}};
  run.scorer_version = version;
  return run;
}

PlannedSample planned(size_t i) {
  PlannedSample sample;
  sample.index = static_cast<int>(i);
  sample.id = "item/test/" + std::to_string(i);
  sample.prompt_sha256 = sha256_hex("prompt " + std::to_string(i));
  return sample;
}

}  // namespace

Folder::Folder(bool in_memory) {
  const bool shm = in_memory && ::access("/dev/shm", W_OK) == 0;
  const std::filesystem::path parent = shm ? "/dev/shm" : std::filesystem::temp_directory_path();
  std::string name = (parent / "assay-store-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}

Folder::~Folder() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

NewRun likelihood_run(const std::string& task, size_t n) {
  NewRun run = empty_run(task, "multiple_choice/1");
  for (size_t i = 0; i < n; ++i) {
    PlannedSample sample = planned(i);
    sample.subset = i % 3 == 0 ? "virology" : "anatomy";
    sample.cluster = sample.subset;
    sample.kind = RequestKind::kLogLikelihood;
    sample.continuations = {" A", " B", " C", " D"};
    sample.gold.choices = {static_cast<int>(i % 4)};
    run.samples.push_back(sample);
  }
  return run;
}

NewRun generation_run(const std::string& task, size_t n) {
  NewRun run = empty_run(task, "generate/1");
  for (size_t i = 0; i < n; ++i) {
    PlannedSample sample = planned(i);
    sample.kind = RequestKind::kGenerate;
    sample.gold.text = std::to_string(i);
    if (i % 2 == 1) sample.seed = 0xffffffffffffff00 + i;
    run.samples.push_back(sample);
  }
  return run;
}

void add_prompts(NewRun& run, std::vector<std::string>& texts, size_t head) {
  texts.clear();
  for (const PlannedSample& sample : run.samples) {
    std::string text = "Questions on " + sample.subset + ".\n";
    while (text.size() < head) text += "Question: what is known?\nAnswer: this and that.\n\n";
    texts.push_back(text + "Question: what of " + sample.id + "?\nAnswer:");
  }
  run.prompts.assign(texts.begin(), texts.end());
  for (size_t i = 0; i < texts.size(); ++i) run.samples[i].prompt_sha256 = sha256_hex(texts[i]);
}

NewResponse likelihood_answer(int64_t run, size_t position) {
  engine::LogLikelihoodResponse body;
  for (int i = 0; i < 4; ++i) body.logprobs.push_back(-std::sqrt(1.0 + static_cast<double>(position) + i));
  body.greedy = {true, false, false, position % 2 == 0};
  NewResponse answer;
  answer.run = run;
  answer.position = position;
  answer.response.prompt_tokens = 100 + static_cast<int>(position);
  answer.response.body = body;
  answer.score = scorers::Score{{{"acc", position % 4 == 0 ? 1.0 : 0.0}}, {}, 0};
  return answer;
}

NewResponse generation_answer(int64_t run, size_t position) {
  NewResponse answer;
  answer.run = run;
  answer.position = position;
  answer.response.prompt_tokens = 7;
  answer.response.body = engine::GenerateResponse{
      "answer " + std::to_string(position), {1, 2, static_cast<int>(position)}, engine::FinishReason::kStop};
  answer.score = scorers::Score{{{"strict-match", 1.0}}, {{"strict-match", std::to_string(position)}}, std::nullopt};
  return answer;
}

void answer(Store& store, int64_t run, const std::vector<size_t>& positions, size_t step,
            const std::function<NewResponse(int64_t, size_t)>& make) {
  for (size_t begin = 0; begin < positions.size(); begin += step) {
    std::vector<NewResponse> responses;
    for (size_t i = begin; i < std::min(begin + step, positions.size()); ++i) {
      responses.push_back(make(run, positions[i]));
    }
    store.add_responses(responses);
  }
}

Error error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  return Error(ExitCode::kDone, "");
}

void expect_error(const std::function<void()>& action, ExitCode code, const std::string& part) {
  const Error error = error_of(action);
  EXPECT_EQ(error.code(), code) << error.what();
  EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
}

std::vector<size_t> range(size_t begin, size_t end) {
  std::vector<size_t> all(end - begin);
  std::iota(all.begin(), all.end(), begin);
  return all;
}

size_t read_all(const std::filesystem::path& path, Store::Mode mode) {
  const Store store(path, mode);
  size_t samples = 0;
  store.batches();
  for (const RunInfo& run : store.runs()) {
    store.load_run(run.number);
    store.missing(run.number);
    for (const StoredSample& sample : store.load_samples(run.number)) {
      store.prompt(run.number, sample.position);
      ++samples;
    }
  }
  return samples;
}

int in_child(const std::function<void()>& action) {
  std::cout.flush();
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      action();
    } catch (const std::exception& error) {
      std::cerr << "child: " << error.what() << "\n";
      ::_exit(99);
    }
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

}  // namespace assay::store::testing

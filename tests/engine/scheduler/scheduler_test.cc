#include "engine/scheduler/scheduler.h"

#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <map>

#include "base/error.h"
#include "base/random.h"
#include "tests/engine/scheduler/fake_model.h"
#include "tests/support/sanitizers.h"

namespace assay::engine {
namespace {

using testing::FakeModel;

struct Workload {
  std::vector<ScoredSequence> scored;
  std::vector<GeneratedSequence> generated;
};

// A generation also ends at these tokens, so that pages come back at times that nobody planned.
bool ends(TokenId token) {
  return token % 11 == 0;
}

// --- what every sequence alone would give

std::vector<LogProbability> alone(const ScoredSequence& sequence) {
  std::vector<LogProbability> results;
  for (const auto& want : sequence.wants) {
    results.push_back(
        testing::fake_logprob(std::span(sequence.inputs).first(static_cast<size_t>(want.position) + 1), want.token));
  }
  return results;
}

std::vector<TokenId> alone(const GeneratedSequence& sequence) {
  std::vector<TokenId> seen = sequence.prompt;
  std::vector<TokenId> produced;
  do {
    const auto position = static_cast<uint32_t>(produced.size());
    produced.push_back(testing::fake_next_token(seen, {sequence.sampling, position}));
    seen.push_back(produced.back());
  } while (static_cast<int>(produced.size()) < sequence.max_tokens && !ends(produced.back()));
  return produced;
}

// The nodes of the prefix tree, counted one by one.
int64_t count_nodes(const Workload& load) {
  std::map<std::pair<int64_t, TokenId>, int64_t> children;
  const auto insert = [&](const std::vector<TokenId>& ids) {
    int64_t node = 0;
    for (const TokenId id : ids) {
      node = children.try_emplace({node, id}, static_cast<int64_t>(children.size()) + 1).first->second;
    }
  };
  for (const auto& sequence : load.scored) insert(sequence.inputs);
  for (const auto& sequence : load.generated) insert(sequence.prompt);
  return static_cast<int64_t>(children.size());
}

int pages_of(const Workload& load) {
  size_t positions = 0;
  for (const auto& sequence : load.scored) positions = std::max(positions, sequence.inputs.size());
  for (const auto& sequence : load.generated) {
    positions = std::max(positions, sequence.prompt.size() + static_cast<size_t>(sequence.max_tokens) - 1);
  }
  return static_cast<int>((positions + kPageTokens - 1) / kPageTokens);
}

// --- random trees

class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  Workload workload(uint32_t scored, uint32_t generated) {
    Workload load;
    for (uint32_t i = 0; i < scored + generated; ++i) {
      std::vector<TokenId> ids = next_ids();
      if (random_.below(scored + generated) < scored) {
        load.scored.push_back(with_wants(std::move(ids)));
      } else {
        GeneratedSequence sequence{std::move(ids), 1 + static_cast<int>(random_.below(80)), {}};
        sequence.sampling.sample_key = random_.below(3);
        sequence.sampling.repeat = random_.below(3);
        load.generated.push_back(std::move(sequence));
      }
    }
    return load;
  }

 private:
  // Few values, so that chance branches too; otherwise a cut of an earlier sequence, extended, or an earlier one again.
  std::vector<TokenId> next_ids() {
    std::vector<TokenId> ids;
    if (!earlier_.empty() && random_.below(10) != 0) {
      ids = earlier_[random_.below(static_cast<uint32_t>(earlier_.size()))];
      if (random_.below(6) == 0) return ids;
      ids.resize(random_.below(static_cast<uint32_t>(ids.size()) + 1));
    }
    const uint32_t more = random_.below(random_.below(4) == 0 ? 100 : 12);
    for (uint32_t i = 0; i < more || ids.empty(); ++i) ids.push_back(static_cast<TokenId>(random_.below(3)));
    if (ids.size() > 300) ids.resize(300);
    earlier_.push_back(ids);
    return ids;
  }

  ScoredSequence with_wants(std::vector<TokenId> ids) {
    ScoredSequence sequence{std::move(ids), {}};
    const uint32_t wants = 1 + random_.below(5);
    const auto length = static_cast<uint32_t>(sequence.inputs.size());
    for (uint32_t i = 0; i < wants; ++i) {
      const uint32_t back = random_.below(2) == 0 ? 0 : random_.below(length);
      sequence.wants.push_back(
          {static_cast<int>(length - 1 - back), static_cast<TokenId>(random_.below(testing::kFakeVocabulary))});
    }
    return sequence;
  }

  PythonRandom random_;
  std::vector<std::vector<TokenId>> earlier_;
};

struct Outcome {
  std::vector<std::vector<LogProbability>> scored;
  std::vector<std::vector<TokenId>> generated;
  int64_t rows = 0;
  int64_t steps = 0;
  int64_t copies = 0;
  int64_t largest_step = 0;
};

Outcome run(const Workload& load, const SchedulerLimits& limits) {
  Scheduler scheduler(load.scored, load.generated, limits);
  EXPECT_LE(scheduler.peak_pages(), limits.pages);
  FakeModel model(static_cast<int>(scheduler.peak_pages()));
  Outcome outcome;
  outcome.scored.resize(load.scored.size());
  outcome.generated.resize(load.generated.size());
  int64_t generated_tokens = 0;
  const Scheduler::Sink sink{[&](size_t sequence, std::vector<LogProbability> results) {
                               EXPECT_TRUE(outcome.scored[sequence].empty()) << "answered twice";
                               outcome.scored[sequence] = std::move(results);
                             },
                             [&](size_t sequence, TokenId token) {
                               outcome.generated[sequence].push_back(token);
                               ++generated_tokens;
                               return !ends(token);
                             }};
  while (!scheduler.done()) {
    const Step& step = scheduler.next_step();
    if (step.tokens.empty()) {
      ADD_FAILURE() << "stuck";
      break;
    }
    scheduler.absorb(model.forward(step, limits.step_tokens), sink);
  }
  EXPECT_EQ(scheduler.pages_in_use(), 0);
  EXPECT_EQ(scheduler.prompt_tokens_done(), scheduler.prompt_tokens());
  EXPECT_EQ(scheduler.generated_tokens_done(), generated_tokens);
  EXPECT_EQ(scheduler.generated_tokens_left(), 0);
  EXPECT_EQ(scheduler.prompt_tokens(), count_nodes(load));
  outcome.rows = model.rows();
  outcome.steps = model.steps();
  outcome.copies = model.copies();
  outcome.largest_step = model.largest_step();
  return outcome;
}

// Number of answers compared.
int64_t expect_as_alone(const Workload& load, const Outcome& outcome) {
  int64_t compared = 0;
  int64_t fed_back = 0;
  for (size_t i = 0; i < load.scored.size(); ++i) {
    const auto expected = alone(load.scored[i]);
    EXPECT_EQ(outcome.scored[i].size(), expected.size());
    for (size_t w = 0; w < std::min(expected.size(), outcome.scored[i].size()); ++w) {
      EXPECT_EQ(outcome.scored[i][w].logprob, expected[w].logprob) << "sequence " << i << " want " << w;
      EXPECT_EQ(outcome.scored[i][w].is_argmax, expected[w].is_argmax);
      ++compared;
    }
  }
  for (size_t i = 0; i < load.generated.size(); ++i) {
    const auto expected = alone(load.generated[i]);
    EXPECT_EQ(outcome.generated[i], expected) << "generation " << i;
    compared += static_cast<int64_t>(expected.size());
    fed_back += static_cast<int64_t>(expected.size()) - 1;
  }
  EXPECT_EQ(outcome.rows, count_nodes(load) + fed_back) << "rows computed";
  return compared;
}

TEST(Scheduler, EveryAnswerIsThatOfTheSequenceAlone) {
  constexpr int64_t kTrees = assay::testing::cases(300, 45);
  int64_t sequences = 0;
  int64_t compared = 0;
  int64_t copies = 0;
  int64_t runs = 0;
  for (uint64_t seed = 0; seed < uint64_t{kTrees}; ++seed) {
    Generator generator(seed);
    const std::pair<uint32_t, uint32_t> mixes[] = {{40, 0}, {0, 30}, {30, 20}};
    const auto [scored, generated] = mixes[seed % 3];
    const Workload load = generator.workload(scored, generated);
    for (const int step_tokens : {1, 7, 64, 4096}) {
      for (const int spare_pages : {0, 1, 5, 100000}) {
        const SchedulerLimits limits{step_tokens, pages_of(load) + spare_pages, seed % 2 == 0 ? 256 : 3};
        const Outcome outcome = run(load, limits);
        compared += expect_as_alone(load, outcome);
        copies += outcome.copies;
        sequences += static_cast<int64_t>(load.scored.size() + load.generated.size());
        ++runs;
        ASSERT_FALSE(HasFailure()) << "seed " << seed << " step_tokens " << step_tokens << " spare " << spare_pages;
      }
    }
  }
  EXPECT_EQ(runs, kTrees * 16);
  EXPECT_GT(copies, kTrees * 160);
  std::cout << runs << " runs, " << sequences << " sequences, " << compared << " answers equal, " << copies
            << " page copies\n";
}

TEST(Scheduler, SamplesOfOnePromptComputeItOnce) {
  for (const size_t length : {1, 31, 32, 33, 64, 100}) {
    Workload load;
    for (uint32_t repeat = 0; repeat < 20; ++repeat) {
      GeneratedSequence sequence{std::vector<TokenId>(length, 5), 40, {}};
      sequence.sampling.repeat = repeat;
      load.generated.push_back(sequence);
    }
    for (const int spare_pages : {0, 3, 1000}) {
      const Outcome outcome = run(load, {16, pages_of(load) + spare_pages, 256});
      EXPECT_GT(expect_as_alone(load, outcome), 20);
    }
  }
}

TEST(Scheduler, StepsAreFullWhileThereIsWork) {
  Generator generator(99);
  const Workload load = generator.workload(400, 0);
  const Outcome outcome = run(load, {64, 100000, 256});
  EXPECT_EQ(outcome.largest_step, 64);
  EXPECT_EQ(outcome.steps, (count_nodes(load) + 63) / 64);
}

TEST(Scheduler, NothingToDoIsDone) {
  Scheduler scheduler({}, {}, {64, 0, 256});
  EXPECT_TRUE(scheduler.done());
  EXPECT_EQ(scheduler.prompt_tokens(), 0);
}

TEST(Scheduler, RefusesWhatCanNeverFit) {
  const std::vector<GeneratedSequence> generated{{std::vector<TokenId>(40, 1), 26, {}}};  // 65 positions
  EXPECT_NO_THROW(Scheduler({}, generated, {64, 3, 256}));
  try {
    Scheduler scheduler({}, generated, {64, 2, 256});
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUnavailable);
    EXPECT_NE(std::string(error.what()).find("65 tokens"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("3 pages"), std::string::npos) << error.what();
  }
}

TEST(Scheduler, NamesTheSequenceOfARow) {
  Scheduler scheduler({{{1, 2, 3}, {{2, 7}}}, {{1, 2, 4, 5}, {{3, 7}}}}, {{{9, 9}, 4, {}}}, {64, 10, 256});
  const Step& step = scheduler.next_step();
  ASSERT_EQ(step.tokens.size(), 7u);
  const size_t expected[] = {0, 0, 0, 1, 1, 0, 0};
  for (int row = 0; row < 7; ++row) {
    EXPECT_EQ(scheduler.owner_of_row(row).sequence, expected[row]) << row;
    EXPECT_EQ(scheduler.owner_of_row(row).generated, row >= 5) << row;
  }
}

// MMLU at five shots: 14,042 prompts, 57 heads of 505 tokens, questions of 100 to 350.
TEST(Scheduler, PlansAWholeBenchmarkInSeconds) {
  PythonRandom random(7);
  const auto tokens = [&](uint32_t count) {
    std::vector<TokenId> ids(count);
    for (TokenId& id : ids) id = static_cast<TokenId>(random.below(128000));
    return ids;
  };
  std::vector<std::vector<TokenId>> heads;
  for (int i = 0; i < 57; ++i) heads.push_back(tokens(505));
  std::vector<ScoredSequence> scored;
  for (uint32_t i = 0; i < 14042; ++i) {
    ScoredSequence sequence{heads[i % 57], {}};
    const auto question = tokens(100 + random.below(157));
    sequence.inputs.insert(sequence.inputs.end(), question.begin(), question.end());
    for (TokenId letter = 0; letter < 4; ++letter) {
      sequence.wants.push_back({static_cast<int>(sequence.inputs.size()) - 1, letter});
    }
    scored.push_back(std::move(sequence));
  }
  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  Scheduler scheduler(std::move(scored), {}, {512, 100000, 256});
  const double planned = seconds();
  int64_t answered = 0;
  const Scheduler::Sink sink{[&](size_t, const std::vector<LogProbability>&) { ++answered; }, {}};
  int64_t steps = 0;
  while (!scheduler.done()) {
    const Step& step = scheduler.next_step();
    scheduler.absorb({std::vector<LogProbability>(step.targets.size()), {}}, sink);
    ++steps;
  }
  EXPECT_EQ(answered, 14042);
  EXPECT_LT(scheduler.peak_pages(), 1000);
  EXPECT_LT(planned, 5);
  std::cout << scheduler.unshared_tokens() << " tokens, " << scheduler.prompt_tokens() << " to compute: planned in "
            << planned << " s, " << steps << " steps built in " << seconds() - planned << " s, "
            << scheduler.peak_pages() << " pages\n";
}

}  // namespace
}  // namespace assay::engine

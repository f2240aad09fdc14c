// A model behind a server, through the program: every fault, a kill, budgets, keys, what the database then says.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <set>

#include "base/hash.h"
#include "base/text.h"
#include "tests/harness/endpoint_folder.h"
#include "tests/support/golden.h"

namespace assay::testing {
namespace {

using nlohmann::json;

bool is_probe(const ModelCall& call) {
  return call.body.dump().find("The sky is") != std::string::npos;
}

// Every sixteenth call fails once in a way that passes. Seven times, at a certain call, something that does not pass;
// once the program is killed.
class FaultPlan {
 public:
  explicit FaultPlan(const EndpointFolder& folder) : folder_(folder) {}

  Fault operator()(const ModelCall& call) {
    if (is_probe(call)) return Fault::kNone;
    const std::lock_guard lock(mutex_);
    ++asked_;
    if (asked_ >= 1000 && !killed_) {
      killed_ = true;
      ::kill(folder_.pid(), SIGKILL);
      return Fault::kStall;
    }
    for (auto& [at, fault] : lasting_) {
      const bool fits = fault == Fault::kOtherTokens ? call.body.contains("echo")
                        : fault == Fault::kNoText    ? !call.body.contains("echo")
                                                     : true;
      if (at == 0 || asked_ < at || !fits) continue;
      at = 0;
      return fault;
    }
    const bool chosen = std::stoull(sha256_hex(call.body.dump()).substr(0, 8), nullptr, 16) % 16 == 0;
    return chosen && call.nth == 0 ? kPassing[next_++ % std::size(kPassing)] : Fault::kNone;
  }

  size_t rounds() const { return lasting_.size() + 2; }
  bool killed() const { return killed_; }

 private:
  static constexpr Fault kPassing[] = {Fault::kTooMany, Fault::kTooManyWait, Fault::kServerError,
                                       Fault::kReset,   Fault::kStall,       Fault::kHalfJson,
                                       Fault::kCutOff,  Fault::kHtml,        Fault::kRedirectHere};
  const EndpointFolder& folder_;
  std::mutex mutex_;
  size_t asked_ = 0;
  size_t next_ = 0;
  bool killed_ = false;
  std::vector<std::pair<size_t, Fault>> lasting_ = {
      {150, Fault::kEmptyChoice}, {400, Fault::kNoText},   {650, Fault::kOtherModel},  {900, Fault::kRedirectAway},
      {1200, Fault::kWrongKey},   {1300, Fault::kRefused}, {1400, Fault::kOtherTokens}};
};

TEST(EndpointRun, TwoThousandCallsThroughEveryFault) {
  const EndpointFolder folder;
  {
    const ModelServer right;
    const Outcome outcome = folder.run({"--model", right.url(), "--name", "right", "--concurrency", "64", "--json"});
    ASSERT_EQ(outcome.exit, 0) << outcome.err;
    const json result = json::parse(outcome.out);
    EXPECT_EQ(result.at("spent").at("requests"), 2004);  // four of the probe
    EXPECT_LE(right.most_at_once(), 64u);
    std::cout << fmt::format("2,000 calls in {:.1f} s with {} in flight at once\n", result.at("seconds").get<double>(),
                             right.most_at_once());
  }
  FaultPlan plan(folder);
  const ModelServer server({}, [&](const ModelCall& call) { return plan(call); });
  std::multiset<int> ends;
  size_t rounds = 0;
  Outcome outcome;
  do {
    std::vector<std::string> arguments = {"--request-timeout", "1", "--concurrency", rounds % 2 == 0 ? "64" : "23"};
    if (rounds == 0) {
      arguments.insert(arguments.end(), {"--model", server.url(), "--name", "faults"});
    } else {
      arguments.insert(arguments.end(), {"--resume", "faults"});
    }
    outcome = folder.run(arguments);
    ends.insert(outcome.signal != 0 ? outcome.signal : outcome.exit);
    ++rounds;
  } while (outcome.exit != 0 && rounds < 2 * plan.rounds());
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_TRUE(plan.killed());
  EXPECT_EQ(ends.count(SIGKILL), 1u);
  EXPECT_EQ(ends.count(65) + ends.count(69), plan.rounds() - 2);
  EXPECT_EQ(rounds, plan.rounds());

  int made = 0;
  for (const auto& [fault, count] : server.faults()) made += count;
  EXPECT_EQ(server.faults().size(), 16u) << "every kind of fault, once at least";
  // What is stored is not asked again: only what was in flight when a round ended.
  EXPECT_LE(server.calls(), 2000u + static_cast<size_t>(made) + rounds * (64 + 2));
  EXPECT_EQ(folder.stable_export("faults"), folder.stable_export("right"));
  const std::vector<json> lines = read_json_lines(folder / "faults.jsonl");
  std::set<std::string> ids;
  for (const json& line : lines) ids.insert(line.at("id"));
  EXPECT_EQ(lines.size(), 1500u);
  EXPECT_EQ(ids.size(), 1500u);
  std::cout << fmt::format("{} faults of {} kinds in {} rounds, {} calls\n", made, server.faults().size(), rounds,
                           server.calls());

  const Outcome compared = folder.with_database({"compare", "right", "faults"});
  EXPECT_EQ(compared.exit, 0) << compared.err;
  size_t bytes = 0;
  EXPECT_EQ(folder.places_of_the_key(bytes), std::vector<std::string>{});
  std::cout << fmt::format("the key is nowhere in {} bytes of files and outputs\n", bytes);
}

TEST(EndpointRun, TheManifestSaysWhatIsKnown) {
  const EndpointFolder folder(6, 6);
  const ModelServer server({.answers_as = "tiny-2024-08-06"});
  ASSERT_EQ(folder.run({"--model", server.base() + "/#tiny", "--name", "a"}).exit, 0);
  const json manifest = folder.show("a/choices").at("manifest");
  const json& computed = manifest.at("computed");
  EXPECT_EQ(computed.at("device"), "endpoint");
  EXPECT_EQ(computed.at("endpoint"), server.base());
  EXPECT_EQ(computed.at("model"), "tiny");
  EXPECT_EQ(computed.at("answered_as"), "tiny-2024-08-06");
  EXPECT_EQ(computed.at("system_fingerprint"), "fp_1");
  EXPECT_EQ(computed.at("interface"), "prompt log-probabilities");
  for (const char* field : {"weights_sha256", "tokenizer_sha256", "dtype", "kernels", "bos", "context"}) {
    EXPECT_EQ(computed.at(field), "unknown") << field;
  }
  EXPECT_EQ(folder.show("a/riddles").at("manifest").at("computed").at("interface"), "completions");
  ASSERT_EQ(folder.run({"--model", server.url(), "--tasks", "riddles", "--chat", "on", "--name", "b"}).exit, 0);
  const json dialogues = folder.show("b/riddles").at("manifest");
  EXPECT_EQ(dialogues.at("computed").at("interface"), "chat completions");
  EXPECT_EQ(dialogues.at("asked").at("chat"), true);
  // Nobody can ask for the same again, bit for bit.
  const Outcome replayed = folder.with_database({"replay", "a/choices", "--items", "2"});
  EXPECT_EQ(replayed.exit, 69) << replayed.err;
  EXPECT_NE(replayed.err.find("endpoint"), std::string::npos) << replayed.err;
}

TEST(EndpointRun, AResumedRunAsksTheSameServerAndModel) {
  const EndpointFolder folder(40, 10);
  const ModelServer other({.answers_as = "tiny-1234"});
  const ModelServer server;
  const Outcome cut = folder.run({"--model", server.url(), "--name", "a", "--max-requests", "20"});
  EXPECT_EQ(cut.exit, 130);
  EXPECT_NE(cut.err.find("interrupted by --max-requests 20 after 20 requests, "), std::string::npos) << cut.err;
  const Outcome elsewhere = folder.run({"--resume", "a", "--model", other.url()});
  EXPECT_EQ(elsewhere.exit, 64);
  EXPECT_NE(elsewhere.err.find("cannot be resumed with another --model"), std::string::npos) << elsewhere.err;
  const Outcome resumed = folder.run({"--resume", "a", "--max-requests", "1000", "--model", server.url()});
  EXPECT_EQ(resumed.exit, 0) << resumed.err;
  EXPECT_NE(resumed.err.find("spent "), std::string::npos) << resumed.err;
  const Outcome report = folder.with_database({"report", "a", "--format", "json", "--out", "-"});
  const json cost = json::parse(report.out).at("runs").at(0).at("cost").at("batch");
  EXPECT_EQ(cost.at("sessions"), 2);
  EXPECT_EQ(cost.at("computed_by"), json({"endpoint"}));
  EXPECT_GE(cost.at("requests"), 60) << "of both processes, with their probes";
  EXPECT_GT(cost.at("prompt_tokens"), 0);
}

TEST(EndpointRun, AModelThatIsAnotherUnderTheSameNameIsNotResumed) {
  const EndpointFolder folder(40, 2);
  std::atomic<bool> changed{false};
  const ModelServer server({}, [&](const ModelCall&) { return changed ? Fault::kOtherModel : Fault::kNone; });
  EXPECT_EQ(folder.run({"--model", server.url(), "--name", "a", "--max-requests", "20"}).exit, 130);
  changed = true;
  const Outcome resumed = folder.run({"--resume", "a", "--max-requests", "1000"});
  EXPECT_EQ(resumed.exit, 65);
  EXPECT_NE(resumed.err.find("answers as the model another"), std::string::npos) << resumed.err;
}

TEST(EndpointRun, RepeatsShowWhetherAnswersWaver) {
  const EndpointFolder folder(12, 4);
  const ModelServer steady;
  const Outcome same = folder.run({"--model", steady.url(), "--name", "steady", "--repeats", "3"});
  ASSERT_EQ(same.exit, 0) << same.err;
  EXPECT_NE(same.err.find("riddles: of 12 items asked 3 times, 0 were not answered alike"), std::string::npos)
      << same.err;
  const ModelServer wavers({.wavers = true});
  const Outcome other = folder.run({"--model", wavers.url(), "--name", "wavers", "--repeats", "3"});
  ASSERT_EQ(other.exit, 0) << other.err;
  EXPECT_NE(other.err.find("riddles: of 12 items asked 3 times, 12 were not answered alike"), std::string::npos)
      << other.err;
  folder.stable_export("wavers");
  std::map<std::string, std::set<int>> samples;
  for (const json& line : read_json_lines(folder / "wavers.jsonl")) {
    samples[line.at("id")].insert(line.value("sample", -1));
  }
  EXPECT_EQ(samples.at("riddles/7"), (std::set<int>{0, 1, 2}));
  EXPECT_EQ(folder.show("wavers/riddles").at("n"), 36);
  for (const json& metric : folder.show("wavers/riddles").at("metrics")) EXPECT_EQ(metric.at("n"), 12);
  const Outcome compared = folder.with_database({"compare", "steady", "wavers"});
  EXPECT_EQ(compared.exit, 0) << compared.err;
}

TEST(EndpointRun, AServerWithoutPromptLogprobsNamesTheWayOut) {
  const EndpointFolder folder(2, 2);
  const ModelServer server({.prompt_logprobs = false});
  const Outcome outcome = folder.run({"--model", server.url()});
  EXPECT_EQ(outcome.exit, 69);
  EXPECT_NE(outcome.err.find("gives no log-probabilities of prompts"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("choices has no generative form"), std::string::npos) << outcome.err;
  EXPECT_EQ(folder.run({"--model", server.url(), "--tasks", "riddles"}).exit, 0);
}

TEST(EndpointRun, TheWayOutOfMmluIsItsDialogue) {
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const EndpointFolder folder(1, 1);
  const ModelServer server({.prompt_logprobs = false});
  const std::vector<std::string> mmlu = {"--model", server.url(), "--tasks",    "mmlu",
                                         "--limit", "1",          "--data-dir", std::filesystem::absolute(data)};
  const Outcome refused = folder.run(mmlu);
  EXPECT_EQ(refused.exit, 69);
  EXPECT_NE(refused.err.find("mmlu with --protocol llama3_instruct"), std::string::npos) << refused.err;
  std::vector<std::string> dialogue = mmlu;
  dialogue.insert(dialogue.end(), {"--protocol", "llama3_instruct", "--name", "a"});
  const Outcome asked = folder.run(dialogue);
  EXPECT_EQ(asked.exit, 0) << asked.err;
  EXPECT_EQ(folder.show("a/mmlu").at("n"), 57);
}

TEST(EndpointRun, WrongUseIsRefusedBeforeAnythingIsAsked) {
  const EndpointFolder folder(2, 2);
  const ModelServer server;
  std::ofstream(folder / "two words") << "two words";
  std::ofstream(folder / "no key");
  struct Case {
    std::vector<std::string> arguments;
    int exit;
    const char* says;
  };
  const std::string url = server.url();
  const Case cases[] = {
      {{"--model", "http://127.0.0.1/v1"}, 64, "the model's name is missing behind a #"},
      {{"--model", "https://u:hunter2@127.0.0.1/v1#m"}, 64, "does not belong into the address"},
      {{"--model", "http://node12:8000/v1#m"}, 64, "unencrypted"},
      {{"--model", url, "--max-money", "5"}, 64, "--price-in"},
      {{"--model", url, "--concurrency", "-1"}, 64, "--concurrency"},
      {{"--model", url, "--max-requests", "-1"}, 64, "--max-requests"},
      {{"--model", url, "--max-cost-tokens", "10"}, 64, "--max-cost-tokens 10 does not even pay"},
      {{"--model", url, "--api-key-file", folder / "nowhere"}, 74, "nowhere"},
      {{"--model", url, "--api-key-file", folder / "two words"}, 64, "must be one word"},
      {{"--model", url, "--repeats", "0"}, 64, "--repeats"},
      {{"--model", url, "--repeats", "2", "--samples", "2"}, 64, "leave one of them out"},
      {{"--model", url, "--tasks", "text:tasks/riddles.jsonl"}, 64, "a perplexity cannot be asked"},
      {{"--model", "demo", "--max-requests", "5"}, 64, "are for an endpoint"},
  };
  for (const Case& c : cases) {
    const Outcome outcome = folder.run(c.arguments);
    EXPECT_EQ(outcome.exit, c.exit) << c.says << ": " << outcome.err;
    EXPECT_NE(outcome.err.find(c.says), std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.err.find("hunter2"), std::string::npos);
  }
  EXPECT_EQ(server.calls(), 0u);
  EXPECT_EQ(folder.run({"--model", url, "--api-key-file", folder / "no key", "--dry-run"}).exit, 0);
  EXPECT_EQ(server.calls(), 0u) << "a dry run asks nothing";
  std::cout << std::size(cases) << " wrong uses refused\n";
}

}  // namespace
}  // namespace assay::testing

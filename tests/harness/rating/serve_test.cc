// The commands: a server that is killed under load and started again, links, options, rounds.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <fstream>
#include <iostream>
#include <mutex>
#include <random>
#include <thread>

#include "base/text.h"
#include "store/access_log.h"
#include "tests/harness/assay.h"
#include "tests/harness/rating/client.h"
#include "tests/harness/rating/made_round.h"
#include "tests/harness/rating/serve_process.h"
#include "tests/support/sanitizers.h"

namespace assay::testing {
namespace {

using Json = nlohmann::json;

std::vector<std::string> first_start(const MadeRound& made, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {"--runs",   made_run_names(2), "--raters", (made / "raters.txt").string(),
                                        "--listen", "127.0.0.1:0",     "--name",   "spring"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return made.serve_arguments(arguments);
}

void write_raters(const MadeRound& made, const std::string& text) {
  std::ofstream(made / "raters.txt") << text;
}

// What a rater was told with 200: the vote's key, by assignment.
struct Told {
  std::mutex mutex;
  std::map<int64_t, std::string> votes;
  std::atomic<int> withdrawn{0}, again{0};
};

// Votes until there is nothing more, and asks again, with the same key, whatever had no answer.
void rate_until_done(int port, const std::string& token, uint32_t seed, Told& told, const std::atomic<bool>& stop) {
  std::mt19937 random(seed);
  Client client(port);
  const auto insist = [&](const auto& ask) {
    for (;;) {
      const Answer answer = ask();
      if (answer.status == 200 || answer.status == 409 || stop) return answer;
      if (answer.status != 429) ++told.again;
      std::this_thread::sleep_for(std::chrono::milliseconds(answer.status == 429 ? 200 : 20));
    }
  };
  insist([&] { return client.log_in(token) ? Answer{200, "", ""} : Answer{}; });
  while (!stop) {
    const Json item = insist([&] { return client.item(); }).json();
    if (!item.is_object() || item.contains("finished")) return;
    const int64_t assignment = item["assignment"];
    const std::string key = fresh_key();
    const Answer answer = insist([&] { return client.vote(assignment, key, 1, {"both_bad"}, "a comment"); });
    EXPECT_EQ(answer.status, 200) << answer.body;
    {
      const std::scoped_lock lock(told.mutex);
      told.votes[assignment] = key;
    }
    if (random() % 8 != 0) continue;
    const std::string undo = fresh_key();
    const Json back = insist([&] { return client.undo(undo); }).json();
    EXPECT_EQ(back["assignment"], assignment) << back;
    const std::scoped_lock lock(told.mutex);
    told.votes.erase(assignment);
    ++told.withdrawn;
  }
}

TEST(Serve, KilledAtAnyMomentNothingIsLostAndNothingCountedTwice) {
  MadeRound made({.categories = 2, .prompts = cases(100, 20)});
  write_raters(made, "ann\nbob\ncleo\ndan\n");
  auto server =
      std::make_unique<ServeProcess>(first_start(made, {"--overlap", "3", "--repeats", "0.1", "--seed", "5"}));
  ASSERT_TRUE(server->listens());
  const int port = server->port();
  const std::map<std::string, std::string> tokens = server->tokens();
  ASSERT_EQ(tokens.size(), 4u);
  Told told;
  std::atomic<bool> stop{false};
  std::vector<std::thread> raters;
  uint32_t seed = 1;
  std::atomic<int> working{4};
  for (const auto& [name, token] : tokens) {
    raters.emplace_back([&, token = token, own = seed++] {
      rate_until_done(port, token, own, told, stop);
      --working;
    });
  }
  std::mt19937 random(2);
  int kills = 0;
  while (working > 0 && kills < 100) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + random() % 400));
    if (working == 0) break;
    EXPECT_EQ(server->end(SIGKILL), -SIGKILL);
    ++kills;
    server = std::make_unique<ServeProcess>(
        made.serve_arguments({"--name", "spring", "--listen", fmt::format("127.0.0.1:{}", port)}));
    ASSERT_TRUE(server->listens()) << "the address is free again at once";
    EXPECT_TRUE(server->tokens().empty()) << "links are shown once";
  }
  for (std::thread& rater : raters) rater.join();
  std::cout << fmt::format("the server holds {:.1f} MB\n", static_cast<double>(server->resident_kb()) / 1024);
  EXPECT_EQ(server->end(SIGINT), 0);
  store::Ratings ratings(made.database(), store::Store::Mode::kRead);
  const store::Round round = ratings.find_round("spring");
  std::map<int64_t, std::string> stored;
  for (const store::Rating& rating : ratings.ratings(round.id)) {
    EXPECT_TRUE(stored.emplace(rating.assignment, ratings.last_vote(rating.assignment)->key).second);
  }
  EXPECT_EQ(stored, told.votes);
  EXPECT_EQ(round.progress.rated, round.progress.items);
  EXPECT_GE(kills, 2);
  std::cout << fmt::format("{} votes and {} undone by 4 raters; killed {} times; {} requests asked again\n",
                           stored.size(), told.withdrawn.load(), kills, told.again.load());
}

TEST(Serve, LinksArePrintedOnceAndReplacedOrRevokedOnRequest) {
  MadeRound made;
  write_raters(made, "# who rates\nann\n\n  bob  \n");
  ServeProcess server(first_start(made));
  ASSERT_TRUE(server.listens());
  ASSERT_EQ(server.tokens().size(), 2u);
  Client ann(server.port());
  ASSERT_TRUE(ann.log_in(server.tokens().at("ann")));
  ASSERT_EQ(ann.vote(ann.item().json()["assignment"], fresh_key(), 1).status, 200);
  EXPECT_EQ(server.end(SIGTERM), 0) << "stops cleanly though a connection is open";
  const std::string database = read_file(made.database());
  for (const auto& [name, token] : server.tokens()) {
    EXPECT_EQ(database.find(token), std::string::npos) << "no link is stored";
  }
  write_raters(made, "ann\nbob\ncleo\n");
  ServeProcess again(first_start(made, {"--new-links", "bob", "--revoke", "ann"}));
  ASSERT_TRUE(again.listens());
  EXPECT_EQ(again.tokens().size(), 2u);
  Client client(again.port());
  EXPECT_FALSE(client.log_in(server.tokens().at("ann")));
  EXPECT_FALSE(client.log_in(server.tokens().at("bob")));
  EXPECT_TRUE(client.log_in(again.tokens().at("bob")));
  EXPECT_TRUE(client.log_in(again.tokens().at("cleo")));
  EXPECT_EQ(again.end(SIGINT), 0);
  const Outcome listed = assay_ok({"preference", "rounds", "--db", made.database(), "--json"});
  const Json round = Json::parse(listed.out).at(0);
  EXPECT_EQ(round["name"], "spring");
  EXPECT_EQ(round["votes"], 1);
  EXPECT_EQ(round["raters"].size(), 3u);
  EXPECT_EQ(round["raters"][0]["revoked"], true);
  EXPECT_EQ(listed.out.find("secret"), std::string::npos);
  store::AccessLog log(made.database(), store::Store::Mode::kRead);
  const std::vector<store::Access> entries = log.read();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].what.action, "serve");
}

TEST(Serve, ASessionOutlivesTheServer) {
  MadeRound made;
  write_raters(made, "ann\n");
  std::string cookie, shown;
  int port = 0;
  {
    ServeProcess server(first_start(made));
    port = server.port();
    Client ann(port);
    ASSERT_TRUE(ann.log_in(server.tokens().at("ann")));
    cookie = ann.cookie();
    shown = ann.item().body;
    server.end(SIGKILL);
  }
  ServeProcess server(made.serve_arguments({"--name", "spring", "--listen", fmt::format("127.0.0.1:{}", port)}));
  Client ann(server.port());
  ann.set_cookie(cookie);
  EXPECT_EQ(ann.item().body, shown);
}

TEST(Serve, WhatCannotBeIsRefusedBeforeAnythingIsBegun) {
  MadeRound made;
  write_raters(made, "ann\n");
  const std::string raters = (made / "raters.txt").string();
  std::ofstream(made / "twice.txt") << "ann\nann\n";
  std::ofstream(made / "none.txt") << "# nobody\n";
  struct Case {
    std::vector<std::string> arguments;
    int exit;
    const char* part;
  };
  const std::vector<Case> table = {
      {{"--runs", made_run_names(2), "--raters", raters, "--listen", "0.0.0.0:0"}, 64, "others can reach"},
      {{"--runs", made_run(0), "--raters", raters}, 64, "two runs or more"},
      {{"--runs", made_run(0) + "," + made_run(0), "--raters", raters}, 64, "named twice"},
      {{"--runs", made_run_names(2) + ",nobody", "--raters", raters}, 64, "no batch named"},
      {{"--runs", made_run_names(2), "--raters", (made / "twice.txt").string()}, 64, "twice"},
      {{"--runs", made_run_names(2), "--raters", (made / "none.txt").string()}, 64, "no name"},
      {{"--runs", made_run_names(2), "--raters", (made / "missing.txt").string()}, 74, "missing.txt"},
      {{"--runs", made_run_names(2), "--raters", raters, "--overlap", "0"}, 64, "--overlap"},
      {{"--runs", made_run_names(2), "--raters", raters, "--repeats", "0.9"}, 64, "--repeats"},
      {{"--runs", made_run_names(2), "--raters", raters, "--gold", "-1"}, 64, "--gold"},
      {{"--runs", made_run_names(2), "--raters", raters, "--categories", "poetry"}, 64, "the set has advice"},
      {{"--runs", made_run_names(2), "--raters", raters, "--name", "a/b"}, 64, "a name is not"},
      {{"--raters", raters}, 64, "two runs or more"},
      {{"--runs", made_run_names(2), "--raters", raters, "--tls-cert", "x"}, 64, "belong together"},
  };
  for (const Case& each : table) {
    const Outcome outcome = assay(made.serve_arguments(each.arguments));
    EXPECT_EQ(outcome.exit, each.exit) << outcome.err;
    EXPECT_NE(outcome.err.find(each.part), std::string::npos) << outcome.err;
  }
  EXPECT_TRUE(store::Ratings(made.database(), store::Store::Mode::kRead).rounds().empty());
}

TEST(Serve, ARoundIsContinuedAsItWasBegun) {
  MadeRound made({.categories = 2, .prompts = 5, .runs = 3});
  write_raters(made, "ann\n");
  ServeProcess(first_start(made, {"--overlap", "2", "--seed", "9", "--categories", "advice"})).end(SIGINT);
  const auto refused = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"--name", "spring", "--listen", "127.0.0.1:0"});
    const Outcome outcome = assay(made.serve_arguments(more));
    EXPECT_EQ(outcome.exit, 64);
    EXPECT_NE(outcome.err.find("begun with other"), std::string::npos) << outcome.err;
  };
  refused({"--overlap", "1"});
  refused({"--seed", "10"});
  refused({"--categories", "coding"});
  refused({"--runs", made_run_names(3)});
  ServeProcess same(made.serve_arguments({"--name", "spring", "--listen", "127.0.0.1:0", "--overlap", "2"}));
  EXPECT_TRUE(same.listens());
  EXPECT_NE(same.output().find("2 runs, 5 pairs"), std::string::npos) << same.output();
  const Outcome taken =
      assay(made.serve_arguments({"--name", "spring", "--listen", fmt::format("127.0.0.1:{}", same.port())}));
  EXPECT_EQ(taken.exit, 69) << taken.err;
  EXPECT_EQ(same.end(SIGINT), 0);
}

TEST(Serve, ARoundIsDeletedWithItsVotes) {
  MadeRound made;
  write_raters(made, "ann\n");
  ServeProcess(first_start(made)).end(SIGINT);
  const Outcome kept = assay({"delete", "hush-model-0", "--db", made.database()});
  EXPECT_EQ(kept.exit, 64);
  EXPECT_NE(kept.err.find("assay preference rounds --delete spring"), std::string::npos) << kept.err;
  EXPECT_EQ(assay({"preference", "rounds", "--delete", "sprin", "--db", made.database()}).exit, 64);
  assay_ok({"preference", "rounds", "--delete", "spring", "--db", made.database()});
  assay_ok({"delete", "hush-model-0", "--db", made.database()});
  EXPECT_EQ(assay_ok({"preference", "rounds", "--db", made.database(), "--json"}).out, "[]\n");
}

}  // namespace
}  // namespace assay::testing

// Prompts: what was asked comes back in two parts, is kept once, and goes with the last run that needs it.
#include "store/prompts.h"

#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <list>

#include "base/hash.h"
#include "store/schema.h"
#include "store/sqlite.h"
#include "tests/store/fixture.h"

namespace assay::store {
namespace {

using testing::add_prompts;
using testing::error_of;
using testing::expect_error;
using testing::Folder;
using testing::generation_run;
using testing::likelihood_run;

const std::string kExamples = std::string(300, 'e') + "\n";

int64_t create(Store& store, const std::string& name, const NewRun& run) {
  const Batch batch = store.create_batch({name, {}, {}}, {run});
  store.finish_batch(batch.id, State::kInterrupted);
  return store.runs_of(batch.id).at(0).number;
}

// A run of one subset that asks these. They stay for as long as the tests.
NewRun asking(std::vector<std::string> prompts) {
  static std::list<std::vector<std::string>> kept;
  const std::vector<std::string>& texts = kept.emplace_back(std::move(prompts));
  NewRun run = generation_run("t", texts.size());
  run.prompts.assign(texts.begin(), texts.end());
  for (size_t i = 0; i < texts.size(); ++i) run.samples[i].prompt_sha256 = sha256_hex(texts[i]);
  return run;
}

std::string whole(const std::optional<Prompt>& prompt) {
  return prompt ? prompt->head + prompt->tail : "(none)";
}

int64_t count(const Folder& folder, const std::string& table) {
  return Database(folder / "a.db", Database::Access::kReadWrite, 1000).integer("SELECT count(*) FROM " + table);
}

TEST(Prompts, WhatIsSharedEndsWithALine) {
  struct Case {
    const char* what;
    std::vector<std::string> prompts;
    std::string head;
  };
  const Case cases[] = {
      {"nothing is asked", {}, ""},
      {"one prompt shares nothing", {kExamples + "a"}, ""},
      {"asked twice, it is one prompt", {kExamples + "a", kExamples + "a"}, ""},
      {"examples", {kExamples + "Question a", kExamples + "Question b"}, kExamples},
      {"no line ends in it", {std::string(300, 'e') + "a", std::string(300, 'e') + "b"}, ""},
      {"too short to pay", {"short\na", "short\nb"}, ""},
      {"inside a character", {kExamples + "\xC3\xA4", kExamples + "\xC3\xB6"}, kExamples},
      {"one goes on where another ends", {kExamples, kExamples + "b"}, kExamples},
      {"one of them begins otherwise", {kExamples + "a", kExamples + "b", "c"}, ""},
      {"one is empty", {kExamples + "a", ""}, ""},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(shared_head({each.prompts.begin(), each.prompts.end()}), each.head) << each.what;
  }
}

TEST(Prompts, ComeBackInTwoParts) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  const std::vector<std::string> prompts = {
      kExamples + "Question: one\nAnswer:", kExamples + "</pre><script>\xE2\x80\xA8",
      kExamples + std::string("nul\0 and \xFF", 10), kExamples, kExamples + "Question: one\nAnswer:"};
  const int64_t run = create(store, "a", asking(prompts));
  for (size_t i = 0; i < prompts.size(); ++i) {
    const std::optional<Prompt> prompt = store.prompt(run, i);
    ASSERT_TRUE(prompt) << i;
    EXPECT_EQ(prompt->head, kExamples) << i;
    EXPECT_EQ(whole(prompt), prompts[i]) << i;
  }
  EXPECT_EQ(store.prompt(run, 99), std::nullopt);
  EXPECT_EQ(store.prompt(99, 0), std::nullopt);
  EXPECT_EQ(count(folder, "prompts"), 4) << "asked twice, kept once";
  EXPECT_EQ(count(folder, "prompt_heads"), 1);
}

TEST(Prompts, AreKeptOnceForAllRunsAndGoWithTheLast) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  NewRun early = likelihood_run("mmlu", 30);
  std::vector<std::string> texts;
  add_prompts(early, texts);
  NewRun fewer = early;
  fewer.task = "some";
  fewer.samples.resize(10);
  fewer.prompts.resize(10);
  const int64_t first = create(store, "fewer", fewer);
  const int64_t second = create(store, "early", early);
  const int64_t third = create(store, "late", early);
  EXPECT_EQ(count(folder, "prompts"), 30);
  EXPECT_EQ(count(folder, "prompt_heads"), 2) << "of two subsets";
  store.delete_run(second);
  for (size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(whole(store.prompt(third, i)), texts[i]);
  store.delete_run(third);
  EXPECT_EQ(count(folder, "prompts"), 10);
  EXPECT_EQ(whole(store.prompt(first, 3)), texts[3]);
  store.delete_run(first);
  for (const char* table : {"prompts", "prompt_heads", "samples"}) EXPECT_EQ(count(folder, table), 0) << table;
}

TEST(Prompts, SomeAreNotStored) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  NewRun run = asking({"", std::string(kLongestPrompt + 1, 'x'), std::string(kLongestPrompt, 'y'), "a text", "asked"});
  run.samples[3].kind = RequestKind::kText;
  const int64_t number = create(store, "a", run);
  for (size_t i = 0; i < 5; ++i) EXPECT_EQ(store.prompt(number, i).has_value(), i == 2 || i == 4) << i;
  EXPECT_EQ(store.prompt(create(store, "b", likelihood_run("t", 1)), 0), std::nullopt);
}

TEST(Prompts, WhatMustNotBeStoredIsRefused) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  NewRun hidden = asking({"SECRET one", "SECRET two"});
  hidden.manifest["asked"]["hidden_set"] = "h";
  NewRun another = asking({"one", "two"});
  another.samples[1].prompt_sha256 = sha256_hex("three");
  NewRun marked = hidden;  // a run that forgot to say so still has marks in place of hashes
  marked.manifest.erase("asked");
  for (PlannedSample& sample : marked.samples) sample.prompt_sha256 = std::string(64, 'a');
  NewRun fewer = asking({"one", "two"});
  fewer.prompts.pop_back();
  for (const auto& [run, message] : {std::pair(hidden, "hidden set"),
                                     {another, "item/test/1"},
                                     {marked, "item/test/0"},
                                     {fewer, "1 prompts for 2"}}) {
    expect_error([&, &run = run] { store.create_batch({}, {run}); }, ExitCode::kInternal, message);
  }
  EXPECT_TRUE(store.batches().empty());
  EXPECT_EQ(count(folder, "prompts"), 0);
}

TEST(Prompts, DamageNamesRunAndSample) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  const int64_t run = create(store, "night", asking({kExamples + "a", kExamples + "b"}));
  Database raw(folder / "a.db", Database::Access::kReadWrite, 1000);
  for (const char* damage : {"UPDATE prompts SET tail = 'c' WHERE id = 2", "UPDATE prompts SET head = NULL",
                             "UPDATE samples SET prompt = 1"}) {
    raw.execute(damage);
    expect_error([&] { store.prompt(run, 1); }, ExitCode::kBadInput, "run 1 (night/t), sample item/test/1");
    Store other(folder / "other.db", Store::Mode::kCreate);
    expect_error([&] { other.merge(folder / "a.db"); }, ExitCode::kBadInput, "SHA-256");
    EXPECT_TRUE(other.runs().empty());
    raw.execute(
        "UPDATE prompts SET tail = 'b' WHERE id = 2; UPDATE prompts SET head = 1; UPDATE samples SET prompt = position "
        "+ 1");
  }
  EXPECT_EQ(whole(store.prompt(run, 1)), kExamples + "b");
}

TEST(Prompts, AreMerged) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  std::vector<std::string> texts, others;
  NewRun run = likelihood_run("mmlu", 20);
  add_prompts(run, texts);
  create(store, "here", run);
  {
    Store other(folder / "b.db", Store::Mode::kCreate);
    create(other, "there", run);
    NewRun more = generation_run("gsm8k", 5);
    add_prompts(more, others);
    more.prompts[2] = "";
    create(other, "more", more);
  }
  store.merge(folder / "b.db");
  for (size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(whole(store.prompt(2, i)), texts[i]);
  for (size_t i = 0; i < others.size(); ++i) EXPECT_EQ(whole(store.prompt(3, i)), i == 2 ? "(none)" : others[i]);
  EXPECT_EQ(count(folder, "prompts"), 24);
  EXPECT_EQ(count(folder, "prompt_heads"), 3);
}

TEST(Prompts, ADatabaseOfVersion3HasNone) {
  const Folder folder;
  {
    Database old(folder / "a.db", Database::Access::kCreate, 1000);
    migrate(old, migrations().first(3));
    old.execute(R"sql(
      INSERT INTO batches VALUES (1, 'old', 'u', '2026-11-01T00:00:00Z', '{}', 'done', 'h', 'm', 1, 1, 1);
      INSERT INTO runs VALUES (1, 1, 'gsm8k', 'lm_eval', '{}',
        '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a', 1, 0);
      INSERT INTO samples VALUES (1, 0, '', 0, 'x/0', '', 0, 'generate', 'p', '[]', '[]', '18', NULL);
      INSERT INTO scorings VALUES (1, 0, 'exact_match/1', NULL);
    )sql");
  }
  Store store(folder / "a.db", Store::Mode::kWrite);
  EXPECT_EQ(store.load_samples(1).at(0).plan.prompt_sha256, "p");
  EXPECT_EQ(store.prompt(1, 0), std::nullopt);
  const int64_t run = create(store, "new", asking({"asked"}));
  EXPECT_EQ(whole(store.prompt(run, 0)), "asked");
  store.delete_run(1);
  EXPECT_EQ(whole(store.prompt(run, 0)), "asked");
}

// MMLU's 14,042 samples with prompts of 3 KB, most of it examples.
TEST(Prompts, Speed) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  const auto timed = [&](const char* what, const std::function<void()>& action) {
    const auto begin = std::chrono::steady_clock::now();
    action();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::cout << what << ": " << seconds << " s, database "
              << Database(folder / "a.db", Database::Access::kReadWrite, 1000)
                         .integer("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size") /
                     1000
              << " kB\n";
    return seconds;
  };
  NewRun run = likelihood_run("mmlu", 14042);
  std::vector<std::string> texts;
  add_prompts(run, texts, 3000);
  NewRun bare = run;
  bare.prompts.clear();
  timed("14042 samples planned without prompts", [&] { create(store, "bare", bare); });
  EXPECT_LT(timed("14042 with prompts of 3 KB", [&] { create(store, "early", run); }), 10);
  EXPECT_LT(timed("the same prompts once more", [&] { create(store, "late", run); }), 10);
  EXPECT_LT(timed("500 prompts read",
                  [&] {
                    for (size_t i = 0; i < 500; ++i) store.prompt(2, 28 * i);
                  }),
            1);
  EXPECT_LT(timed("the first deleted", [&] { store.delete_run(2); }), 10);
  EXPECT_LT(timed("the last deleted", [&] { store.delete_run(3); }), 10);
  EXPECT_EQ(count(folder, "prompts"), 0);
}

}  // namespace
}  // namespace assay::store

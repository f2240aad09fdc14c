// Every field of a manifest is in one of the two lists; what blocks is refused by name, what does not is printed.
#include "reports/manifest_fields.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "base/error.h"
#include "reports/comparability.h"
#include "reports/comparison.h"
#include "reports/comparison_text.h"
#include "tests/reports/made_runs.h"

namespace assay::reports {
namespace {

using testing::MadeRun;
using testing::MadeStore;

store::Json::json_pointer pointer(const std::string& path) {
  std::string text = "/" + path;
  std::replace(text.begin(), text.end(), '.', '/');
  return store::Json::json_pointer(text);
}

// The same field with another value of its kind.
store::Json changed(const std::string& path) {
  store::Json manifest = testing::full_manifest();
  store::Json& value = manifest[pointer(path)];
  if (value.is_boolean()) {
    value = !value.get<bool>();
  } else if (value.is_number()) {
    value = value.get<double>() + 1;
  } else if (value.is_array()) {
    value.push_back("another");
  } else {
    value = "another";
  }
  return manifest;
}

std::vector<std::string> paths_of(FieldKind kind) {
  std::vector<std::string> paths;
  for (const std::string& path : manifest_paths(testing::full_manifest())) {
    const ManifestField* field = manifest_field(path);
    if (field != nullptr && field->kind == kind) paths.push_back(path);
  }
  return paths;
}

std::string refusal(MadeStore& made, const store::Run& a, const store::Run& b, const ComparisonOptions& options = {}) {
  try {
    compare_runs(made.store(), a, b, options);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kBadInput);
    return error.what();
  }
  return "";
}

TEST(ManifestFields, EachIsInExactlyOneList) {
  for (const std::string& path : manifest_paths(testing::full_manifest())) {
    const auto lists = std::count_if(manifest_fields().begin(), manifest_fields().end(), [&](const auto& field) {
      return path == field.path || path.starts_with(std::string(field.path) + ".");
    });
    EXPECT_EQ(lists, 1) << path;
  }
  EXPECT_EQ(manifest_field("asked.something_new"), nullptr);
  EXPECT_EQ(manifest_field("asked.shot"), nullptr) << "a field is not the beginning of another's name";
}

TEST(ManifestFields, EachBlockingFieldChangedAloneIsRefusedByNameAndCanBeAllowed) {
  MadeStore made;
  MadeRun run{testing::scored({1, 0, 1, 1})};
  const store::Run a = made.add("a", run);
  int fields = 0;
  for (const std::string& path : paths_of(FieldKind::kBlocking)) {
    run.manifest = changed(path);
    // The scoring's version is the store's to know.
    run.scorer_version = path == "scored.scorer" ? "multiple_choice/2" : "multiple_choice/1";
    const store::Run b = made.add("b" + std::to_string(fields), run);
    const std::string text = refusal(made, a, b);
    EXPECT_NE(text.find(path + " is "), std::string::npos) << path << ": " << text;
    EXPECT_NE(text.find("--allow "), std::string::npos) << text;
    const TaskComparison allowed = compare_runs(made.store(), a, b, {{path}, {}, false});
    EXPECT_EQ(allowed.comparability.allowed.size(), 1U) << path;
    EXPECT_NE(comparison_text({allowed}, 0).find("by --allow: " + path), std::string::npos) << path;
    ++fields;
  }
  std::cout << fields << " blocking fields refused by name and allowed\n";
  EXPECT_GT(fields, 20);
}

// A server writes dialogues by its own template: other texts of the same turns are a fact about it.
TEST(ManifestFields, TheSameTurnsBehindAServerAreTheSameQuestion) {
  MadeStore made;
  MadeRun run{testing::scored({1, 0, 1, 1})};
  run.manifest = testing::full_manifest();
  const store::Run local = made.add("local", run);
  run.manifest["asked"]["requests_sha256"] = "as the server was sent them";
  for (testing::MadeSample& sample : run.samples) sample.prompt += " as turns";
  const store::Run elsewhere = made.add("elsewhere", run);
  EXPECT_NE(refusal(made, local, elsewhere).find("prompts differ"), std::string::npos);
  run.manifest["computed"]["interface"] = "chat completions";
  EXPECT_EQ(refusal(made, local, made.add("server", run)), "");
  run.manifest["asked"]["turns_sha256"] = "others";
  EXPECT_NE(refusal(made, local, made.add("other", run)).find("prompts differ"), std::string::npos);
}

TEST(ManifestFields, EachOtherFieldChangedAloneIsComparedAndPrinted) {
  MadeStore made;
  MadeRun run{testing::scored({1, 0, 1, 1})};
  const store::Run a = made.add("a", run);
  int fields = 0;
  for (const std::string& path : paths_of(FieldKind::kFact)) {
    run.manifest = changed(path);
    const TaskComparison task = compare_runs(made.store(), a, made.add("b" + std::to_string(fields), run), {});
    ASSERT_EQ(task.comparability.facts.size(), 1U) << path;
    EXPECT_EQ(task.comparability.facts.front().path, path);
    const std::string name = path.substr(path.find('.') == std::string::npos ? 0 : path.find('.') + 1);
    EXPECT_NE(comparison_text({task}, 0).find("not in the way): " + name), std::string::npos) << path;
    ++fields;
  }
  std::cout << fields << " facts compared and printed\n";
  EXPECT_GT(fields, 15);
}

TEST(ManifestFields, WhatOneSideCannotKnowIsNotInTheWay) {
  MadeStore made;
  MadeRun run{testing::scored({1, 0, 1, 1})};
  const store::Run a = made.add("a", run);
  for (const char* path : {"asked.task_version", "asked.task_sha256", "asked.data_sha256", "asked.requests_sha256"}) {
    run.manifest[pointer(path)] = "unknown";
  }
  run.scorer_version = store::kImportedScores;
  const TaskComparison task = compare_runs(made.store(), a, made.add("b", run), {});
  EXPECT_EQ(task.comparability.unknown.size(), 5U);
  EXPECT_NE(comparison_text({task}, 0).find("not known of one side"), std::string::npos);
}

TEST(ManifestFields, WhatAnOlderVersionDidNotRecordIsUnknown) {
  MadeStore made;
  MadeRun run{testing::scored({1, 0, 1, 1})};
  const store::Run a = made.add("a", run);
  run.manifest["scored"].erase("averaged_subsets");
  const TaskComparison task = compare_runs(made.store(), a, made.add("b", run), {});
  ASSERT_EQ(task.comparability.unknown.size(), 1U);
  EXPECT_EQ(task.comparability.unknown.front().path, "scored.averaged_subsets");
}

TEST(ManifestFields, AConsequenceIsLaidToItsCause) {
  MadeStore made;
  MadeRun run{testing::scored({1, 0, 1, 1})};
  const store::Run a = made.add("a", run);
  run.manifest["asked"]["shots"] = 0;
  run.manifest["asked"]["requests_sha256"] = "other";
  for (auto& sample : run.samples) sample.prompt = "other";
  const store::Run b = made.add("b", run);
  EXPECT_EQ(refusal(made, a, b),
            "runs 1 (a/mmlu) and 2 (b/mmlu) must not be compared: asked.shots is 5 and 0 (run both with the same "
            "--shots, or --allow shots)");
  EXPECT_EQ(refusal(made, a, b, {{"shots"}, {}, false}), "");
}

TEST(ManifestFields, SamplesAndPromptsAreNamed) {
  MadeStore made;
  MadeRun run{testing::scored({1, 0, 1, 1, 0})};
  const store::Run a = made.add("a", run);
  MadeRun fewer{testing::scored({1, 0, 1})};
  fewer.manifest["asked"]["samples"] = 3;
  fewer.manifest["asked"]["samples_sha256"] = "other";
  fewer.manifest["asked"]["requests_sha256"] = "other";
  const store::Run b = made.add("b", fewer);
  EXPECT_NE(refusal(made, a, b)
                .find("of the samples 2 are asked in A alone (q/3, q/4) (run both with the same --limit "
                      "and --subsets, or --allow samples)"),
            std::string::npos)
      << refusal(made, a, b);
  EXPECT_EQ(compare_runs(made.store(), a, b, {{"samples"}, {}, false}).scores.front().paired.n, 3);

  run.samples[2].prompt = "another";
  run.manifest["asked"]["requests_sha256"] = "unknown";  // as an import has it
  const store::Run c = made.add("c", run);
  EXPECT_NE(refusal(made, a, c).find("1 of 5 prompts differ (q/2)"), std::string::npos) << refusal(made, a, c);
  EXPECT_EQ(refusal(made, a, c, {{"requests"}, {}, false}), "");

  run.samples[2].prompt = "prompt";
  run.samples[4].answered = false;
  const store::Run d = made.add("d", run);
  EXPECT_NE(refusal(made, a, d).find("1 have no score yet in B (q/4) (finish the run with --resume"), std::string::npos)
      << refusal(made, a, d);
}

TEST(ManifestFields, AllowKnowsItsWords) {
  for (const char* name : {"shots", "asked.shots", "decoding", "decoding.max_tokens", "samples", "requests", "scorer",
                           "task_version", "limits", "limits.cpu_seconds", "asked.samples_sha256"}) {
    EXPECT_NO_THROW(check_allow({name})) << name;
  }
  for (const char* name : {"shot", "threads", "", "everything"}) {
    try {
      check_allow({name});
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kUsage) << name;
    }
  }
}

}  // namespace
}  // namespace assay::reports

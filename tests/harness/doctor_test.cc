// `assay doctor`: every complaint ends with a command that mends it.
#include <gtest/gtest.h>

#include <iostream>
#include <set>

#include "base/text.h"
#include "harness/cli.h"
#include "harness/command_tree.h"
#include "tests/harness/assay.h"
#include "tests/support/golden.h"

namespace assay::testing {
namespace {

using nlohmann::json;

json findings(const std::vector<std::string>& options) {
  std::vector<std::string> arguments = {"doctor", "--json"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return json::parse(assay_ok(arguments).out);
}

json finding(const json& list, const std::string& what) {
  for (const json& entry : list) {
    if (entry.at("what") == what) return entry;
  }
  ADD_FAILURE() << "nothing is said of " << what << ": " << list.dump(1);
  return json::object();
}

// Whether this program has the command that `line` names.
bool has_command(const std::string& line) {
  CLI::App app;
  harness::Action action;
  harness::define_command_line(app, action);
  for (const harness::Command& command : harness::command_tree(app)) {
    if (command.subcommands.empty() && line.starts_with("assay " + join(command.words, " "))) return true;
  }
  return false;
}

TEST(Doctor, EveryComplaintHasACommandAndNothingElseHas) {
  const TemporaryFolder folder;
  const std::string damaged = folder.write("damaged.db", "this is no database, and long enough to be one of them");
  int complaints = 0;
  for (const std::filesystem::path& database : {folder / "new.db", folder / "missing/x.db", folder / "damaged.db"}) {
    for (const json& entry : findings({"--db", database.string(), "--data-dir", folder.path()})) {
      SCOPED_TRACE(entry.dump());
      EXPECT_FALSE(entry.at("found").get<std::string>().empty());
      const std::string mend = entry.at("mend");
      EXPECT_EQ(entry.at("problem").get<std::string>().empty(), mend.empty());
      if (mend.empty()) continue;
      ++complaints;
      const std::string first = mend.substr(0, mend.find(' '));
      EXPECT_TRUE((std::set<std::string>{"assay", "sudo", "docker", "export", "scripts/build"}.contains(first)));
      if (first != "assay") continue;
      EXPECT_TRUE(has_command(mend));
    }
  }
  EXPECT_GE(complaints, 5 * 3 + 2);
  std::cout << complaints << " complaints, each with a command\n";
}

TEST(Doctor, LooksAtEverything) {
  const json list = findings({});
  for (const char* what : {"version", "processor", "memory", "CUDA", "sandbox", "database", "data: mmlu"}) {
    EXPECT_FALSE(finding(list, what).at("found").get<std::string>().empty()) << what;
  }
  EXPECT_NE(finding(list, "processor").at("found").get<std::string>().find("scalar"), std::string::npos);
}

TEST(Doctor, TellsDataThatIsWholeFromDataThatIsNot) {
  ASSAY_REQUIRE_SHARED(data, "datasets");
  EXPECT_EQ(finding(findings({"--data-dir", data}), "data: gsm8k").at("problem"), "");
  const TemporaryFolder folder;
  std::filesystem::copy(data / "gsm8k", folder / "gsm8k", std::filesystem::copy_options::recursive);
  folder.write("gsm8k/test.jsonl", "{}\n");
  const json entry = finding(findings({"--data-dir", folder.path()}), "data: gsm8k");
  EXPECT_NE(entry.at("problem").get<std::string>().find("differ from those published"), std::string::npos);
  EXPECT_EQ(entry.at("mend"), "assay datasets pull gsm8k");
}

}  // namespace
}  // namespace assay::testing

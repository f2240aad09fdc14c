// Manual pages and completions: nothing of the command line is missing in them, and their readers accept them.
#include "harness/shell_files.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "base/text.h"
#include "harness/cli.h"
#include "harness/manual.h"
#include "tests/harness/assay.h"

namespace assay::testing {
namespace {

using harness::Command;
using harness::CommandOption;

class ShellFiles : public ::testing::Test {
 protected:
  ShellFiles() {
    CLI::App app;
    harness::Action action;
    harness::define_command_line(app, action);
    tree_ = harness::command_tree(app);
    harness::generate_shell_files(tree_, folder_.path());
  }

  std::string file(const std::string& name) const { return read_file(folder_ / name); }

  // The words that bash offers for the last of `words`.
  std::string completed(const std::vector<std::string>& words) const {
    std::string line = "COMP_WORDS=(";
    for (const std::string& word : words) line += "'" + word + "' ";
    Launch launch;
    launch.arguments = {"-c", fmt::format(". {}; {}); COMP_CWORD={}; _assay; echo \"${{COMPREPLY[*]}}\"",
                                          (folder_ / "assay.bash").string(), line, words.size() - 1)};
    const Outcome outcome = run_program("/bin/bash", launch);
    EXPECT_EQ(outcome.err, "");
    return outcome.out;
  }

  TemporaryFolder folder_;
  std::vector<Command> tree_;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string place(const Command& command) {
  std::string result;
  for (const std::string& word : command.words) result += "/" + word;
  return result;
}

// The part of a script that belongs to one place: from its case to the end of it.
std::string case_of(const std::string& script, const std::string& at) {
  const size_t begin = script.find("\n    '" + at + "')\n");
  if (begin == std::string::npos) return "";
  return script.substr(begin, script.find(";;\n", begin) - begin);
}

TEST_F(ShellFiles, EveryCommandAndOptionIsInEach) {
  const std::string bash = file("assay.bash");
  const std::string zsh = file("_assay");
  const std::string fish = file("assay.fish");
  int options = 0;
  for (const Command& command : tree_) {
    SCOPED_TRACE(place(command));
    const std::string page = file("man1/" + harness::manual_name(command) + ".1");
    const std::string bash_case = case_of(bash, place(command));
    const std::string zsh_case = case_of(zsh, place(command));
    for (const CommandOption& option : command.options) {
      for (const std::string& name : option.names) {
        EXPECT_TRUE(contains(page, "\\fB" + replace_all(name, "-", "\\-") + "\\fR")) << name;
        EXPECT_TRUE(contains(" " + replace_all(bash_case, "'", " "), " " + name + " ")) << name;
        EXPECT_TRUE(contains(zsh_case, "'*" + name + "[")) << name;
        const std::string in_fish = name.starts_with("--") ? "-l " + name.substr(2) : "-s " + name.substr(1);
        EXPECT_TRUE(contains(fish, in_fish + " ")) << name;
        ++options;
      }
      for (const std::string& choice : option.choices) EXPECT_TRUE(contains(page, choice)) << choice;
    }
    for (const CommandOption& argument : command.arguments) EXPECT_TRUE(contains(page, argument.names.front()));
    for (const std::string& name : command.subcommands) {
      EXPECT_TRUE(contains(" " + replace_all(bash_case, "'", " "), " " + name + " ")) << name;
      EXPECT_TRUE(contains(zsh_case, name + "\\:\"")) << name;
      EXPECT_TRUE(contains(fish, fmt::format("-a {} ", name))) << name;
    }
    for (const std::string& example : command.examples) EXPECT_TRUE(contains(page, replace_all(example, "-", "\\-")));
  }
  EXPECT_FALSE(contains(bash + zsh + fish + file("man1/assay.1"), "generate")) << "hidden options stay hidden";
  EXPECT_GE(tree_.size(), 26U);
  std::cout << tree_.size() << " commands and " << options << " options looked for in four forms\n";
}

TEST_F(ShellFiles, BashCompletesCommandsOptionsAndChoices) {
  EXPECT_EQ(completed({"assay", "ru"}), "run runs\n");
  EXPECT_EQ(completed({"assay", "tasks", ""}), "list show check render\n");
  EXPECT_EQ(completed({"assay", "tasks", "render", "--sh"}), "--shots\n");
  EXPECT_EQ(completed({"assay", "run", "--chat", ""}), "auto on off\n");
  EXPECT_EQ(completed({"assay", "run", "--model", "x", "--sandbox", "re"}), "reduced\n");
  EXPECT_EQ(completed({"assay", "run", "--model", ""}), "\n") << "bash itself offers files";
  EXPECT_EQ(completed({"assay", "show", "ru"}), "\n") << "a run's name, no command";
}

TEST_F(ShellFiles, TheirReadersAcceptThem) {
  const std::vector<std::pair<std::string, std::string>> shells = {
      {"/bin/bash", "assay.bash"}, {"/usr/bin/zsh", "_assay"}, {"/usr/bin/fish", "assay.fish"}};
  for (const auto& [shell, script] : shells) {
    if (!std::filesystem::exists(shell)) {
      std::cout << shell << " is not here: " << script << " is not tried\n";
      continue;
    }
    const Outcome outcome = run_program(shell, {{"-n", folder_ / script}, {}, {}, 0, 0});
    EXPECT_EQ(outcome.exit, 0) << script << ": " << outcome.err;
  }
}

TEST_F(ShellFiles, ManHasNothingToWarnOf) {
  if (!std::filesystem::exists("/usr/bin/man")) GTEST_SKIP() << "man is not here";
  int pages = 0;
  for (const Command& command : tree_) {
    const std::string page = folder_ / ("man1/" + harness::manual_name(command) + ".1");
    const Outcome outcome =
        run_program("/usr/bin/man", {{"--warnings", "-E", "UTF-8", "-l", page}, {{"MANWIDTH", "80"}}, {}, 0, 0});
    EXPECT_EQ(outcome.exit, 0) << page;
    EXPECT_EQ(outcome.err, "") << page;
    EXPECT_TRUE(contains(outcome.out, "SYNOPSIS")) << page;
    ++pages;
  }
  std::cout << pages << " pages read by man without a warning\n";
}

TEST_F(ShellFiles, AFolderThatCannotBeMadeIsNamed) {
  const std::string file = folder_.write("file", "");
  const Outcome outcome = assay({"--generate", file + "/below"});
  EXPECT_EQ(outcome.exit, 74);
  EXPECT_TRUE(contains(outcome.err, file + "/below")) << outcome.err;
}

}  // namespace
}  // namespace assay::testing

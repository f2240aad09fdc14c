// The examples of every command's help, and the commands of the documents, work as they are printed.
#include <gtest/gtest.h>

#include <iostream>
#include <regex>

#include "base/text.h"
#include "harness/cli.h"
#include "harness/command_tree.h"
#include "tests/harness/example_folder.h"
#include "tests/harness/execution.h"
#include "tests/support/golden.h"

namespace assay::testing {
namespace {

// What takes too long as it is printed is run with less to do; what the folder has already is made again.
struct Shortened {
  const char* command;
  const char* instead;
};
constexpr Shortened kShortened[] = {
    {"assay run --model ./SmolLM2-135M-Instruct --tasks mmlu,arc_challenge --limit 20",
     "assay run --model ./SmolLM2-135M-Instruct --tasks mmlu,arc_challenge --limit 1 --shots 0"},
    {"assay run --model ./llama-3-8b --tasks launch_base --protocol llama3 --name night-12",
     "assay run --model ./llama-3-8b --tasks launch_base --protocol llama3 --name night-14 --limit 1 --shots 0 "
     "--max-tokens 4 --no-execute"},
    {"assay run --model ./llama-3-8b --tasks humaneval --samples 20",
     "assay run --model ./llama-3-8b --tasks humaneval --samples 20 --limit 1 --max-tokens 4 --no-execute"},
    {"assay run --model demo:early --tasks demo --name early",
     "assay delete early && assay run --model demo:early --tasks demo --name early"},
    {"assay run --model demo --tasks demo --name late",
     "assay delete late && assay run --model demo --tasks demo --name late"},
    {"assay preference run --model ./SmolLM2-135M-Instruct --name a --passphrase-file secret.txt",
     "assay preference run --model ./SmolLM2-135M-Instruct --name c --passphrase-file secret.txt --limit 1 "
     "--max-tokens 4"},
    {"assay plan --model ./SmolLM2-135M-Instruct --tasks mmlu --detect 2 --discordance 0.15",
     "assay plan --model ./SmolLM2-135M-Instruct --tasks mmlu --detect 2 --discordance 0.15 --subsets anatomy"},
};

// What is parsed and not run; a command with this text in it.
struct ParsedOnly {
  const char* text;
  const char* reason;
};
constexpr ParsedOnly kParsedOnly[] = {
    {"assay bench", "measures for many seconds"},
    {"datasets pull", "needs the network"},
    {"datasets bundle", "packs all data"},
    {"assay certify", "certificate_test.cc runs it"},
    {"assay verify", "certificate_test.cc runs it"},
    {"assay replay", "replay_test.cc runs it"},
    {"assay watch", "watches until it is stopped; tests/harness/watch runs it"},
    {"preference serve", "serves until it is stopped; tests/harness/rating/serve_test.cc runs it"},
    {"preference rounds --delete", "tests/harness/rating/serve_test.cc runs it"},
    {"capitals", "tests/tasks/docs_test.cc runs that page"},
    {"launch_instruct", "the example's model has no chat template"},
    {"arc_challenge_chat", "the example's model has no chat template"},
    {"--model ...", "the reader's own model"},
    {"--model http", "needs a server; endpoint_test.cc has one"},
    {"llama-70b", "runs of docs/endpoints.md, whose server is the reader's"},
    {"compare old new", "import_lm_eval_test.cc compares an import"},
};

// Codes that the command's help or docs/sandbox.md documents, beside 0.
std::vector<int> documented_codes(const std::string& command) {
  if (command.find("assay gate") != std::string::npos) return {0, 1, 2};
  if (command.find("assay sandbox") != std::string::npos) return {0, 69};
  // The demo executes programs, which needs every layer of the jail unless told otherwise.
  if (command.find("--tasks demo") != std::string::npos && !execution().empty()) return {69};
  return {0};
}

// The words of a line as a shell parts them.
std::vector<std::string> words_of(const std::string& line) {
  const Outcome outcome = run_program("/bin/bash", {{"-c", "printf '%s\\n' " + line}, {}, {}, 0, 0});
  std::vector<std::string> words;
  for (const std::string_view word : split_lines(outcome.out)) words.emplace_back(word);
  return words;
}

std::string parse_error(const std::string& line) {
  CLI::App app;
  harness::Action action;
  harness::define_command_line(app, action);
  std::vector<std::string> words = words_of(line);
  words.erase(words.begin());
  std::reverse(words.begin(), words.end());  // as CLI11 takes them
  try {
    app.parse(words);
  } catch (const CLI::CallForHelp&) {
    return "";
  } catch (const CLI::ParseError& error) {
    return error.what();
  }
  return "";
}

const ExampleFolder& example_folder(const std::filesystem::path& models, const std::filesystem::path& datasets) {
  static const ExampleFolder folder(models, datasets);
  return folder;
}

struct Counts {
  int run = 0;
  int parsed = 0;
};

void try_command(const std::string& command, const ExampleFolder& folder, Counts& counts) {
  SCOPED_TRACE(command);
  EXPECT_EQ(parse_error(command), "");
  for (const ParsedOnly& only : kParsedOnly) {
    if (command.find(only.text) == std::string::npos) continue;
    ++counts.parsed;
    return;
  }
  std::string line = command;
  for (const Shortened& shortened : kShortened) {
    if (command == shortened.command) line = shortened.instead;
  }
  const Outcome outcome = folder.run(line);
  const std::vector<int> codes = documented_codes(command);
  EXPECT_TRUE(std::find(codes.begin(), codes.end(), outcome.exit) != codes.end())
      << "exit " << outcome.exit << ": " << outcome.err
      << "What it names belongs into tests/harness/example_folder.cc, or the command into a table of this file.";
  ++counts.run;
}

TEST(Help, EveryExampleWorksAsPrinted) {
  ASSAY_REQUIRE_SHARED(models, "models");
  ASSAY_REQUIRE_SHARED(data, "datasets");
  CLI::App app;
  harness::Action action;
  harness::define_command_line(app, action);
  const ExampleFolder& folder = example_folder(models, data);
  Counts counts;
  int commands = 0;
  for (const harness::Command& command : harness::command_tree(app)) {
    std::string name = "assay";
    for (const std::string& word : command.words) name += " " + word;
    ++commands;
    EXPECT_FALSE(command.examples.empty()) << name << " --help shows no example";
    // A command that only has others below it shows theirs.
    if (!command.words.empty() && !command.subcommands.empty()) continue;
    for (const std::string& example : command.examples) try_command(example, folder, counts);
  }
  EXPECT_GE(counts.run, 30);
  std::cout << fmt::format("{} commands: {} examples run, {} parsed\n", commands, counts.run, counts.parsed);
}

// The commands in the fenced blocks of a page; those of YAML are run by ci_docs_test.cc.
std::vector<std::string> commands_of(const std::filesystem::path& page) {
  static const std::regex program(R"(^(?:\$ )?(?:\./)?(?:build/release/)?(assay [a-z-].*|scripts/.*))");
  const std::string text = replace_all(read_text_file(page), "\\\n", "");
  std::vector<std::string> commands;
  bool in_block = false;
  bool of_shell = false;
  for (const std::string_view view : split_lines(text)) {
    const std::string line(view);
    if (line.starts_with("```")) {
      in_block = !in_block;
      of_shell = line == "```" || line == "```sh" || line == "```console";
      continue;
    }
    std::smatch match;
    if (in_block && of_shell && std::regex_search(line, match, program)) {
      commands.push_back(std::regex_replace(match[1].str(), std::regex(R"(\s+# .*$)"), ""));
    }
  }
  return commands;
}

TEST(Docs, EveryCommandWorksAsPrinted) {
  ASSAY_REQUIRE_SHARED(models, "models");
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const ExampleFolder& folder = example_folder(models, data);
  std::vector<std::filesystem::path> pages = {"README.md"};
  for (const auto& entry : std::filesystem::directory_iterator("docs")) {
    if (entry.path().extension() == ".md") pages.push_back(entry.path());
  }
  Counts counts;
  int scripts = 0;
  for (const std::filesystem::path& page : pages) {
    SCOPED_TRACE(page.string());
    for (const std::string& command : commands_of(page)) {
      if (command.starts_with("scripts/")) {
        const std::string script = command.substr(0, command.find(' '));
        EXPECT_EQ(run_program("/bin/bash", {{"-n", script}, {}, {}, 0, 0}).exit, 0) << script;
        ++scripts;
      } else {
        try_command(command, folder, counts);
      }
    }
  }
  EXPECT_GE(counts.run, 8);
  EXPECT_GE(counts.parsed, 4);
  std::cout << fmt::format("{} pages: {} commands run, {} parsed; {} scripts are there and parse\n", pages.size(),
                           counts.run, counts.parsed, scripts);
}

}  // namespace
}  // namespace assay::testing

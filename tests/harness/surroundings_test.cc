// Surroundings that a program does not choose: a narrow terminal, no terminal, a locale without UTF-8, a folder that
// cannot be written.
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iostream>

#include "base/text.h"
#include "tests/harness/assay.h"
#include "tests/support/golden.h"

namespace assay::testing {
namespace {

namespace fs = std::filesystem;

// A task of our own with its answers, so that these tests need no reference data.
void write_task(const TemporaryFolder& folder) {
  folder.write("quiz.csv", "Rome?,yes,no,A\nOslo?,yes,no,B\n");
  folder.write("capitals.toml",
               "name = \"capitals\"\nversion = \"1\"\ndescription = \"Capitals: Zürich, 東京\"\n"
               "[data]\nformat = \"csv\"\noptions = [1, 2]\ncorrect = 3\nid = \"capitals/{index}\"\n"
               "[data.files]\ntest = \"quiz.csv\"\n[data.fields]\nquestion = 0\n"
               "[protocol.lm_eval]\nrequest = \"loglikelihood\"\nitem = \"{question}\\nA:\"\n"
               "continuation = \" {letter}\"\n"
               "[protocol.lm_eval.scorer]\nkind = \"multiple_choice\"\nmetrics = [\"acc\"]\n");
  folder.write("answers.jsonl",
               "{\"id\":\"capitals/0\",\"logprobs\":[-1,-2]}\n{\"id\":\"capitals/1\",\"logprobs\":[-1,-2]}\n");
}

const std::vector<std::string> kRun = {
    "run", "--model", "responses:answers.jsonl", "--tasks", "capitals", "--tasks-dir", ".", "--name", "Prüfung-東京"};

// What appears on a terminal of so many columns, and the exit status.
std::pair<std::string, int> on_terminal(const std::vector<std::string>& arguments, unsigned short columns) {
  winsize size{};
  size.ws_row = 24;
  size.ws_col = columns;
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, &size);
  if (child == 0) {
    std::vector<char*> argv{const_cast<char*>(ASSAY_PROGRAM)};
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    execv(ASSAY_PROGRAM, argv.data());
    _exit(127);
  }
  std::string shown;
  char buffer[4096];
  for (ssize_t n = 0; (n = read(terminal, buffer, sizeof buffer)) > 0;) shown.append(buffer, static_cast<size_t>(n));
  close(terminal);
  int status = 0;
  waitpid(child, &status, 0);
  return {shown, WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

TEST(Surroundings, ProgressFitsIntoANarrowTerminal) {
  ASSAY_REQUIRE_SHARED(model, "models/TinyStories-656K");
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const TemporaryFolder folder;
  const auto [shown, status] = on_terminal({"run", "--model", model, "--tasks", "arc_easy", "--limit", "30",
                                            "--data-dir", data, "--db", folder / "assay.db"},
                                           40);
  EXPECT_EQ(status, 0) << shown;
  EXPECT_NE(shown.find("arc_easy"), std::string::npos) << shown;
  const std::string begin = "\r\x1b[K";
  int drawn = 0;
  // What stands between two of them was the line; behind the last comes what stays.
  for (size_t at = shown.find(begin), next = 0; at != std::string::npos; at = next) {
    next = shown.find(begin, at + 1);
    if (next == std::string::npos) break;
    const std::string line = shown.substr(at + begin.size(), next - at - begin.size());
    EXPECT_LT(count_code_points(line), 40U) << line;
    drawn += line.find(" % ") != std::string::npos;
  }
  EXPECT_GE(drawn, 1) << shown;
  std::cout << drawn << " progress lines within 40 columns\n";
}

TEST(Surroundings, APipeGetsPlainText) {
  ASSAY_REQUIRE_SHARED(model, "models/TinyStories-656K");
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const TemporaryFolder folder;
  const Outcome outcome = assay_ok({"run", "--model", model, "--tasks", "arc_easy", "--limit", "5", "--data-dir", data,
                                    "--db", folder / "assay.db"});
  EXPECT_NE(outcome.out.find("arc_easy"), std::string::npos);
  EXPECT_EQ((outcome.out + outcome.err).find_first_of("\r\x1b"), std::string::npos) << outcome.out << outcome.err;
}

TEST(Surroundings, OutputIsUtf8InEveryLocale) {
  const TemporaryFolder folder;
  write_task(folder);
  const auto run = [&](const std::vector<std::string>& arguments, const std::string& locale) {
    const Outcome outcome =
        run_program(ASSAY_PROGRAM, {arguments, {{"LC_ALL", locale}, {"LANG", locale}}, folder.path(), 0, 0});
    EXPECT_EQ(outcome.exit, 0) << locale << ": " << outcome.err;
    return outcome.out;
  };
  run(kRun, "C");
  const std::vector<std::vector<std::string>> commands = {{"tasks", "list", "--tasks-dir", "."},
                                                          {"runs"},
                                                          {"show", "Prüfung-東京"},
                                                          {"runs", "--json"},
                                                          {"export", "latest", "--out", "-"}};
  std::string all;
  for (const std::vector<std::string>& command : commands) {
    // Names and answers keep their bytes; the bars beside them are ASCII where the locale is not UTF-8.
    const bool draws = command[0] == "show";
    const std::string expected = run(command, draws ? "C" : "C.UTF-8");
    if (draws) {
      EXPECT_NE(run(command, "C.UTF-8").find("█"), std::string::npos);
    }
    for (const char* locale : {"C", "POSIX", "de_DE.ISO-8859-1", "no_such_locale"}) {
      EXPECT_EQ(run(command, locale), expected) << locale << ": " << command[0];
    }
    all += expected;
  }
  EXPECT_NE(all.find("Zürich, 東京"), std::string::npos) << all;
  EXPECT_NE(all.find("Prüfung-東京"), std::string::npos) << all;
  std::cout << commands.size() << " commands print the same bytes in 5 locales\n";
}

TEST(Surroundings, ColourIsForATerminalThatWantsIt) {
  const TemporaryFolder folder;
  write_task(folder);
  ASSERT_EQ(run_program(ASSAY_PROGRAM, {kRun, {}, folder.path(), 0, 0}).exit, 0);
  const struct {
    const char* no_color;
    const char* term;
    bool colour;
  } cases[] = {{"", "xterm", true}, {"1", "xterm", false}, {"", "dumb", false}};
  for (const auto& c : cases) {
    setenv("NO_COLOR", c.no_color, 1);
    setenv("TERM", c.term, 1);
    const auto [shown, status] = on_terminal({"show", "latest", "--db", folder / "assay.db"}, 80);
    EXPECT_EQ(status, 0) << shown;
    EXPECT_EQ(shown.find('\x1b') != std::string::npos, c.colour) << shown;
  }
  unsetenv("NO_COLOR");
}

TEST(Surroundings, AFolderThatCannotBeWrittenIsSaidWithTheWayOut) {
  const TemporaryFolder folder;
  write_task(folder);
  // Where root runs the tests, an ordinary user does this: nothing refuses root.
  const fs::path program = folder / "assay";
  fs::copy_file(ASSAY_PROGRAM, program);
  fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::owner_exec | fs::perms::group_read |
                                     fs::perms::group_exec | fs::perms::others_read | fs::perms::others_exec);
  std::vector<std::string> words = {"--reuid=65534", "--regid=65534", "--clear-groups", program};
  words.insert(words.end(), kRun.begin(), kRun.end());
  const Outcome outcome = getuid() == 0
                              ? run_program("/usr/bin/setpriv", {words, {{"HOME", folder.path()}}, folder.path(), 0, 0})
                              : run_program(program, {kRun, {}, folder.path(), 0, 0});
  fs::permissions(folder.path(), fs::perms::owner_all);
  EXPECT_EQ(outcome.exit, 74) << outcome.err;
  EXPECT_NE(outcome.err.find("assay.db: "), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("--db"), std::string::npos) << outcome.err;
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
}

}  // namespace
}  // namespace assay::testing

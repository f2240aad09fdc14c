// What a jail answers to programs that attack nothing.
#include "sandbox/jail.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "base/error.h"
#include "base/text.h"
#include "sandbox/inside/layers.h"
#include "sandbox/self_test.h"
#include "tests/sandbox/jails.h"

namespace assay::sandbox {
namespace {

class Programs : public ::testing::TestWithParam<As> {
 protected:
  Jail held_{jail().options(GetParam(), 2)};
};

TEST_P(Programs, EndAsTheyDo) {
  const struct {
    const char* script;
    Outcome outcome;
    int exit, signal;
    const char *out, *err;
  } cases[] = {
      {"echo out; echo err >&2", Outcome::kFinished, 0, 0, "out\n", "err\n"},
      {"exit 42", Outcome::kFinished, 42, 0, "", ""},
      {"kill -SEGV $$", Outcome::kCrash, 0, SIGSEGV, "", ""},
      {"kill -TERM $$", Outcome::kCrash, 0, SIGTERM, "", ""},
      {"printf 'a\\0b'", Outcome::kFinished, 0, 0, "a", ""},
      {"pwd; echo $HOME $TMPDIR $LANG $PATH", Outcome::kFinished, 0, 0,
       "/tmp\n/tmp /tmp C.UTF-8 /usr/local/bin:/usr/bin:/bin\n", ""},
      {"ls -A /tmp; echo x >/tmp/file; cat /tmp/file", Outcome::kFinished, 0, 0, "x\n", ""},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.script);
    const ProgramResult result = held_.run(shell_program(each.script)).get();
    EXPECT_EQ(to_string(result.outcome), to_string(each.outcome));
    EXPECT_EQ(result.exit, each.exit);
    EXPECT_EQ(result.signal, each.signal);
    EXPECT_EQ(result.out.substr(0, result.out.find('\0')), each.out);
    EXPECT_EQ(result.err, each.err);
    EXPECT_GT(result.wall_ms, 0);
    EXPECT_EQ(result.layers, held_.layers());
  }
  EXPECT_EQ(held_.run(shell_program("printf 'a\\0b'")).get().out, std::string("a\0b", 3));
}

TEST_P(Programs, ReadTheirInput) {
  std::string large(8 << 20, 'x');
  large[1000] = '\0';
  Program program = shell_program("wc -c");
  program.input = large;
  EXPECT_EQ(held_.run(program).get().out, std::to_string(large.size()) + "\n");
  program.command = {"cat"};
  program.input = std::string("\xff\0\n", 3);
  EXPECT_EQ(held_.run(program).get().out, program.input);
}

TEST_P(Programs, OneMayBeMissing) {
  for (const char* name : {"no-such-program", "/nowhere/program", "/etc/passwd", "/tmp", "/usr/share", ""}) {
    Program program;
    program.command = {name};
    try {
      held_.run(program).get();
      ADD_FAILURE() << "'" << name << "' was executed";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    }
  }
  EXPECT_EQ(held_.run(shell_program("true")).get().outcome, Outcome::kFinished);
}

TEST_P(Programs, LimitsMustBeLimits) {
  EXPECT_THROW(held_.run({}), Error);
  for (int field = 0; field < 6; ++field) {
    for (const double value : {0.0, -1.0, 1e18}) {
      Limits limits;
      double* reals[] = {&limits.cpu_seconds, &limits.wall_seconds};
      int64_t* integers[] = {&limits.memory_mib, &limits.files, &limits.output_kib, &limits.processes};
      if (field < 2) {
        *reals[field] = value;
      } else {
        *integers[field - 2] = static_cast<int64_t>(value);
      }
      EXPECT_THROW(held_.run(shell_program("true", limits)), Error) << field << " " << value;
      EXPECT_THROW(held_.grade({"", "", "", "f", limits}), Error) << field << " " << value;
    }
  }
}

TEST_P(Programs, MayBeAskedForByManyThreads) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 10; ++i) {
        const std::string word = std::to_string(thread) + "-" + std::to_string(i);
        EXPECT_EQ(held_.run(shell_program("echo " + word)).get().out, word + "\n");
        const std::string body = "    return '" + word + "'\n";
        EXPECT_EQ(held_.grade({"def f():\n    \"\"\"Word.\"\"\"\n", body, "assert f() == '" + word + "'", "f", {}})
                      .get()
                      .outcome,
                  Verdict::kPassed);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_P(Programs, NothingIsHandedOn) {
  held_.run(shell_program("echo secret >/tmp/left; mkdir /tmp/folder")).get();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(held_.run(shell_program("ls -A /tmp")).get().out, "");
  const std::string leave =
      "    open('/tmp/left', 'w').write('x')\n    import builtins\n    builtins.left = 1\n    return 1\n";
  EXPECT_EQ(held_.grade({"def f():\n    \"\"\"One.\"\"\"\n", leave, "assert f() == 1", "f", {}}).get().outcome,
            Verdict::kPassed);
  const std::string look = "    import builtins, os\n    return (os.listdir('/tmp'), hasattr(builtins, 'left'))\n";
  for (int i = 0; i < 4; ++i) {
    const Grade grade =
        held_.grade({"def f():\n    \"\"\"Look.\"\"\"\n", look, "assert f() == ([], False)", "f", {}}).get();
    EXPECT_EQ(to_string(grade.outcome), "passed") << grade.error;
  }
}

TEST_P(Programs, ThePythonIsNamedOnceItRuns) {
  EXPECT_EQ(held_.python(), "");
  held_.warm();
  EXPECT_TRUE(held_.python().starts_with("3.")) << held_.python();
}

// Each layer that is in force is shown to do what it is for.
TEST_P(Programs, TheSelfTestPasses) {
  const std::vector<LayerReport> reports = self_test(jail().options(GetParam(), 2));
  ASSERT_EQ(reports.size(), static_cast<size_t>(kLayers));
  int tested = 0;
  for (const LayerReport& report : reports) {
    if (!report.tested) continue;
    ++tested;
    EXPECT_TRUE(report.passed) << report.name << ": " << report.detail;
  }
  EXPECT_GE(tested, 13);
}

INSTANTIATE_TEST_SUITE_P(Ways, Programs, ::testing::ValuesIn(ways_to_run()),
                         [](const auto& way) { return to_string(way.param); });

}  // namespace
}  // namespace assay::sandbox

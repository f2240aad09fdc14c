#include "reports/executions.h"

#include <gtest/gtest.h>

namespace assay::reports {
namespace {

store::StoredSample executed(const std::string& id, const std::string& outcome, const std::string& grading,
                             const std::vector<std::string>& layers) {
  store::StoredSample sample;
  sample.plan.id = id;
  sample.score.emplace();
  sample.score->execution = scorers::Execution{outcome, grading, 1, 2, layers, "", ""};
  return sample;
}

TEST(Executions, AreCountedWithTheCommonestFirst) {
  const Executions executions = count_executions({executed("a", "passed", "strict", {"userns", "seccomp"}),
                                                  executed("b", "timeout", "strict", {"userns", "seccomp"}),
                                                  executed("b", "timeout", "fallback", {"userns", "seccomp"}),
                                                  executed("b", "failed", "fallback", {"seccomp"}),
                                                  {}});
  EXPECT_EQ(executions_text(executions),
            "executed 4: 2 timeout, 1 failed, 1 passed\n"
            "graded in the fallback: b\n"
            "held by userns, seccomp\n"
            "held by seccomp\n");
  EXPECT_EQ(executions_json(executions).dump(),
            R"({"total":4,"outcomes":{"failed":1,"passed":1,"timeout":2},"fallbacks":["b"],)"
            R"("limits":[["userns","seccomp"],["seccomp"]]})");
}

TEST(Executions, NothingIsSaidWhereNothingWasExecuted) {
  EXPECT_EQ(executions_text(count_executions({store::StoredSample{}})), "");
}

}  // namespace
}  // namespace assay::reports

#include "base/log.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace assay {
namespace {

TEST(Log, LinesOnStandardError) {
  ::testing::internal::CaptureStderr();
  log_note("{} is no field");
  log_warning("50 % of the file");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "assay: {} is no field\nassay: warning: 50 % of the file\n");
}

TEST(Log, AClosedStandardErrorEndsNothing) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::close(STDERR_FILENO);
    log_warning("nobody reads this");
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace assay

// Jails for tests: as root or as an ordinary user, whole or with layers left out.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sandbox/jail.h"
#include "tests/support/temporary_folder.h"

namespace assay::sandbox {

enum class As { kRoot, kUser };
std::string to_string(As as);

// Where the test runs as root both ways can be tried, else only as the user that runs it.
std::vector<As> ways_to_run();

// assay-jail where an ordinary user may execute it, whoever may read the build's folder. Lives as long as the test.
class Installed {
 public:
  explicit Installed(const std::filesystem::path& program);
  // Options that start it as asked. Started by root for As::kUser it becomes user kUser first.
  JailOptions options(As as, int slots = 0) const;
  const std::filesystem::path& folder() const { return folder_.path(); }

  static constexpr unsigned kUser = 12345;

 private:
  testing::TemporaryFolder folder_;
};

const Installed& jail();                // as it is shipped
const Installed& jail_with_switches();  // JailOptions::switches = {"--without=LAYER"}

// Limits for programs that are to meet them soon.
Limits tight_limits();

// A python program or a shell script as a Program.
Program python_program(const std::string& text, const Limits& limits = tight_limits());
Program shell_program(const std::string& text, const Limits& limits = tight_limits());

}  // namespace assay::sandbox

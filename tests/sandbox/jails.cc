#include "tests/sandbox/jails.h"

#include <fmt/format.h>
#include <unistd.h>

namespace assay::sandbox {
namespace fs = std::filesystem;
namespace {

constexpr fs::perms kForAll = fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec |
                              fs::perms::others_read | fs::perms::others_exec;

}  // namespace

std::string to_string(As as) {
  return as == As::kRoot ? "root" : "user";
}

std::vector<As> ways_to_run() {
  if (geteuid() == 0) return {As::kRoot, As::kUser};
  return {As::kUser};
}

Installed::Installed(const fs::path& program) {
  fs::copy_file(program, folder_ / "assay-jail");
  folder_.write("as-user", fmt::format("#!/bin/sh\nexec setpriv --reuid={0} --regid={0} --clear-groups {1} \"$@\"\n",
                                       kUser, (folder_ / "assay-jail").string()));
  for (const fs::path& path : {folder_.path(), folder_ / "assay-jail", folder_ / "as-user"}) {
    fs::permissions(path, kForAll);
  }
}

JailOptions Installed::options(As as, int slots) const {
  JailOptions options;
  options.program = folder_ / (as == As::kUser && geteuid() == 0 ? "as-user" : "assay-jail");
  options.slots = slots;
  return options;
}

const Installed& jail() {
  static const Installed installed(ASSAY_JAIL);
  return installed;
}

const Installed& jail_with_switches() {
  static const Installed installed(ASSAY_JAIL_WITH_SWITCHES);
  return installed;
}

Limits tight_limits() {
  Limits limits;
  limits.cpu_seconds = 1;
  limits.wall_seconds = 10;
  limits.memory_mib = 192;
  limits.files = 200;
  return limits;
}

Program python_program(const std::string& text, const Limits& limits) {
  return {{"python3", "-I", "-S", "-B", "-c", text}, "", limits};
}

Program shell_program(const std::string& text, const Limits& limits) {
  return {{"sh", "-c", text}, "", limits};
}

}  // namespace assay::sandbox

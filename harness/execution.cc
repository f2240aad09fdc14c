#include "harness/execution.h"

#include "base/error.h"

namespace assay::harness {
namespace {

std::string way_out(const RunOptions& options) {
  // A resumed batch keeps the options that it began with.
  if (!options.resume.empty()) return "resume it where it was begun, or start a new run";
  std::string texts = "keep the programs as texts with --no-execute";
  if (options.sandbox == "reduced") return texts;
  return "run with the layers that this machine has with --sandbox reduced, or " + texts;
}

// Found out before the first step and not with the first answer.
void check_programs(const PreparedRun& run) {
  engine::Response empty;
  empty.body = engine::GenerateResponse{};
  for (const tasks::Item& item : run.rendered.items) run.scorer.program(item.sample, item.gold, item.request, empty);
}

}  // namespace

std::unique_ptr<sandbox::Jail> open_jail(const RunOptions& options, const std::vector<PreparedRun>& runs) {
  bool needed = false;
  for (const PreparedRun& run : runs) {
    if (!run.scorer.needs_execution() || options.no_execute) continue;
    check_programs(run);
    needed = true;
  }
  if (!needed) return nullptr;
  try {
    sandbox::JailOptions wanted;
    wanted.reduced = options.sandbox == "reduced";
    auto jail = std::make_unique<sandbox::Jail>(wanted);
    jail->warm();
    return jail;
  } catch (const Error& error) {
    if (error.code() != ExitCode::kUnavailable) throw;
    fail(ExitCode::kUnavailable, "programs cannot be executed here: {}; {}", error.what(), way_out(options));
  }
}

store::Json executed_by(const sandbox::Jail* jail, const RunOptions& options) {
  if (jail == nullptr) return nullptr;
  return {{"sandbox", options.sandbox}, {"layers", jail->layers()}, {"python", jail->python()}};
}

store::Json limits_json(const sandbox::Limits& limits) {
  return {{"cpu_seconds", limits.cpu_seconds},         {"wall_seconds", limits.wall_seconds},
          {"memory_mib", limits.memory_mib},           {"files", limits.files},
          {"output_kib", limits.output_kib},           {"processes", limits.processes},
          {"file_system_mib", sandbox::kFileSystemMib}};
}

}  // namespace assay::harness

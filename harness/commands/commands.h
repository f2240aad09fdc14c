// The commands of the program, one file each. Every add_... defines a subcommand with its options and help; parsing
// sets `action` to what has to be done.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "base/error.h"

namespace assay::harness {

using Action = std::function<ExitCode()>;

void add_run(CLI::App& app, Action& action);
void add_plan(CLI::App& app, Action& action);
void add_tasks(CLI::App& app, Action& action);
void add_runs(CLI::App& app, Action& action);
void add_show(CLI::App& app, Action& action);
void add_export(CLI::App& app, Action& action);
void add_delete(CLI::App& app, Action& action);
void add_compare(CLI::App& app, Action& action);
void add_gate(CLI::App& app, Action& action);
void add_report(CLI::App& app, Action& action);
void add_watch(CLI::App& app, Action& action);
void add_replay(CLI::App& app, Action& action);
void add_certify(CLI::App& app, Action& action);
void add_verify(CLI::App& app, Action& action);
void add_merge(CLI::App& app, Action& action);
void add_import(CLI::App& app, Action& action);
void add_rescore(CLI::App& app, Action& action);
void add_reference(CLI::App& app, Action& action);
void add_datasets(CLI::App& app, Action& action);
void add_sandbox(CLI::App& app, Action& action);
void add_bench(CLI::App& app, Action& action);
void add_doctor(CLI::App& app, Action& action);
void add_preference(CLI::App& app, Action& action);

}  // namespace assay::harness

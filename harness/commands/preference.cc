// `assay preference`: the hidden set, and the blind rating of answers to it by people.
#include "harness/commands/preference.h"

namespace assay::harness {

void add_preference(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("preference", "The hidden prompt set, and its blind rating by people");
  command->require_subcommand(1);
  add_preference_keygen(*command, action);
  add_preference_seal(*command, action);
  add_preference_verify(*command, action);
  add_preference_open(*command, action);
  add_preference_run(*command, action);
  add_preference_serve(*command, action);
  add_preference_rounds(*command, action);
  add_preference_report(*command, action);
  add_preference_log(*command, action);
}

}  // namespace assay::harness

// The command that a watch runs when a checkpoint has regressed.
#pragma once

#include <map>
#include <string>

namespace assay::harness {

// Runs `command` by /bin/sh with `facts` in its environment, on top of this process's own but for keys and passphrases
// (ASSAY_API_KEY, OPENAI_API_KEY, ASSAY_PASSPHRASE), and waits. Its input is empty and its output goes to standard
// error. After `seconds` it is ended, with what it started. It is not ended by Ctrl-C at the terminal. Returns "exit
// 0", or what went wrong: "exit 3", "signal 9", "ended after 600 s".
std::string run_regression_command(const std::string& command, const std::map<std::string, std::string>& facts,
                                   double seconds);

}  // namespace assay::harness

// The command line's definition as plain values: what its manual pages, its completions and its tests are made from.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace assay::harness {

struct CommandOption {
  std::vector<std::string> names;    // as they are typed: "--help", "-h"; of an argument its name alone: "RUN"
  std::string value;                 // the word for its value: "FILE", "auto|on|off"; empty: a switch without one
  std::vector<std::string> choices;  // the values that are allowed; empty: any
  std::string help;
  std::string group;          // the heading of the help that it stands under
  std::string default_value;  // empty: none
  std::string environment;    // the variable that it is taken from where it is not given; empty: none
  bool required = false;
};

struct Command {
  std::vector<std::string> words;  // without the program's own: {"tasks", "list"}; empty: the program itself
  std::string description;
  std::string notes;                  // of its footer, without the examples
  std::vector<std::string> examples;  // commands as they are typed
  std::vector<CommandOption> options;
  std::vector<CommandOption> arguments;
  std::vector<std::string> subcommands;
};

// The program and every command below it, a command before its subcommands, in the order of their definition. What is
// hidden from the help is left out.
std::vector<Command> command_tree(const CLI::App& app);

}  // namespace assay::harness

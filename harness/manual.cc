#include "harness/manual.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "harness/version.h"

namespace assay::harness {
namespace {

struct ExitMeaning {
  int code;
  const char* meaning;
};
constexpr ExitMeaning kExitMeanings[] = {
    {0, "Done."},
    {1, "The check that was asked for failed: a regression, a file that differs, a program that was stopped."},
    {2, "Inconclusive: more samples are needed."},
    {64, "Wrong usage."},
    {65, "Bad input: a malformed file, or runs that must not be compared."},
    {69, "Something that is needed is not there: a model, data, a sandbox, memory."},
    {70, "An internal error; please report it with the command."},
    {74, "A file cannot be read or written."},
    {130, "Interrupted, and resumable."},
};

// Text as it shall appear: a hyphen stays the character that a terminal can search and copy, and no line becomes a
// request because of its first character.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const bool at_begin = result.empty() || result.back() == '\n';
    if (at_begin && (c == '.' || c == '\'')) result += "\\&";
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else {
      result += c;
    }
  }
  return result;
}

std::string bold(const std::string& text) {
  return "\\fB" + escaped(text) + "\\fR";
}

std::string italic(const std::string& text) {
  return "\\fI" + escaped(text) + "\\fR";
}

std::string sentence(std::string text) {
  if (!text.empty() && text.back() != '.') text += '.';
  return text;
}

std::string full_name(const std::vector<std::string>& words) {
  return words.empty() ? "assay" : "assay " + join(words, " ");
}

std::string synopsis(const Command& command) {
  std::string text = bold(full_name(command.words)) + " [" + italic("options") + "]";
  if (!command.subcommands.empty()) text += " " + italic("command");
  for (const CommandOption& argument : command.arguments) {
    const std::string name = italic(argument.names.front());
    text += argument.required ? " " + name : " [" + name + "]";
  }
  return text + "\n";
}

std::string item(const CommandOption& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.names) names.push_back(name.starts_with("-") ? bold(name) : italic(name));
  std::string text = ".TP\n" + join(names, ", ");
  const bool is_argument = !option.names.front().starts_with("-");
  if (!option.value.empty() && !is_argument) text += " " + italic(option.value);
  text += "\n" + escaped(sentence(option.help));
  if (option.required && !is_argument) text += " Required.";
  if (!option.default_value.empty() && !option.value.empty()) {
    text += fmt::format(" Default: {}.", escaped(option.default_value));
  }
  if (!option.environment.empty()) text += fmt::format(" Else taken from {}.", bold(option.environment));
  return text + "\n";
}

std::string option_sections(const Command& command) {
  std::string text;
  if (!command.arguments.empty()) text += ".SH ARGUMENTS\n";
  for (const CommandOption& argument : command.arguments) text += item(argument);
  text += ".SH OPTIONS\n";
  std::vector<std::string> groups;
  for (const CommandOption& option : command.options) {
    if (std::find(groups.begin(), groups.end(), option.group) == groups.end()) groups.push_back(option.group);
  }
  for (const std::string& group : groups) {
    if (group != "Options") text += fmt::format(".SS {}\n", escaped(group));
    for (const CommandOption& option : command.options) {
      if (option.group == group) text += item(option);
    }
  }
  return text;
}

std::string command_section(const Command& command, const std::vector<Command>& tree) {
  std::string text = ".SH COMMANDS\n";
  for (const Command& other : tree) {
    const bool is_child = other.words.size() == command.words.size() + 1 &&
                          std::equal(command.words.begin(), command.words.end(), other.words.begin());
    if (!is_child) continue;
    text += fmt::format(".TP\n{}(1)\n{}\n", bold(manual_name(other)), escaped(sentence(other.description)));
  }
  return text;
}

std::string shared_sections(const std::vector<Command>& tree) {
  std::string text = ".SH EXIT STATUS\n";
  for (const auto& [code, meaning] : kExitMeanings) text += fmt::format(".TP\n.B {}\n{}\n", code, escaped(meaning));
  std::map<std::string, std::string> variables;
  for (const Command& command : tree) {
    for (const CommandOption& option : command.options) {
      if (!option.environment.empty()) variables[option.environment] = option.names.front();
    }
  }
  text += ".SH ENVIRONMENT\n";
  for (const auto& [variable, option] : variables) {
    text += fmt::format(".TP\n{}\nStands for {} where that is not given.\n", bold(variable), bold(option));
  }
  text += fmt::format(".TP\n{}\nFolders of benchmark data, colon\\-separated; stands for {} where that is not given.\n",
                      bold("ASSAY_DATA_DIR"), bold("--data-dir"));
  return text;
}

}  // namespace

std::string manual_name(const Command& command) {
  return command.words.empty() ? "assay" : "assay-" + join(command.words, "-");
}

std::string manual_page(const Command& command, const std::vector<Command>& tree) {
  std::string text =
      fmt::format(".TH {} 1 \"\" \"assay {}\" \"Assay Manual\"\n", escaped(manual_name(command)), kVersion);
  // Long words (choices, paths) must not be spread over a line, and none is cut.
  text += ".ad l\n.nh\n";
  text += fmt::format(".SH NAME\n{} \\- {}\n", escaped(manual_name(command)), escaped(command.description));
  text += ".SH SYNOPSIS\n" + synopsis(command);
  if (!command.notes.empty())
    text += ".SH DESCRIPTION\n" + escaped(replace_all(command.notes, "\n\n", "\n.PP\n")) + "\n";
  if (!command.subcommands.empty()) text += command_section(command, tree);
  text += option_sections(command);
  if (!command.examples.empty()) {
    text += ".SH EXAMPLES\n.EX\n" + escaped(join(command.examples, "\n")) + "\n.EE\n";
  }
  if (command.words.empty()) {
    text += shared_sections(tree);
  } else {
    text += ".SH SEE ALSO\n.BR assay (1),\nwhich lists the exit codes and the variables of the environment.\n";
  }
  return text;
}

}  // namespace assay::harness

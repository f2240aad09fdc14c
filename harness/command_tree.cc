#include "harness/command_tree.h"

#include "base/file.h"
#include "base/text.h"

namespace assay::harness {
namespace {

CommandOption describe(const CLI::Option& option) {
  CommandOption described;
  for (const std::string& name : option.get_lnames()) described.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) described.names.push_back("-" + name);
  if (option.get_positional()) described.names = {option.get_name(true)};
  described.help = option.get_description();
  described.group = option.get_group();
  described.default_value = option.get_default_str();
  described.environment = option.get_envname();
  described.required = option.get_required();
  if (option.get_type_size_max() == 0) return described;
  // CLI11 writes the choices of CLI::IsMember behind the type: TEXT:{auto,on,off}.
  described.value = option.get_type_name();
  const size_t brace = described.value.find(":{");
  if (brace != std::string::npos && described.value.back() == '}') {
    described.choices = split(described.value.substr(brace + 2, described.value.size() - brace - 3), ',');
    described.value = join(described.choices, "|");
  }
  return described;
}

// A footer is text, then a line "Example:" or "Examples:" with commands below it, each behind two spaces; text may
// follow.
void read_footer(const std::string& footer, Command& command) {
  bool in_examples = false;
  for (const std::string_view line : split_lines(footer)) {
    if (line == "Example:" || line == "Examples:") {
      in_examples = true;
    } else if (in_examples && line.starts_with("  ")) {
      command.examples.emplace_back(line.substr(2));
    } else {
      in_examples = false;
      command.notes += std::string(line) + "\n";
    }
  }
  command.notes = std::string(python_strip(command.notes));
}

void add_commands(const CLI::App& app, const std::vector<std::string>& words, std::vector<Command>& commands) {
  Command command;
  command.words = words;
  command.description = app.get_description();
  read_footer(app.get_footer(), command);
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    (option->get_positional() ? command.arguments : command.options).push_back(describe(*option));
  }
  const std::vector<const CLI::App*> below =
      app.get_subcommands([](const CLI::App* child) { return !child->get_group().empty(); });
  for (const CLI::App* child : below) command.subcommands.push_back(child->get_name());
  commands.push_back(std::move(command));
  for (const CLI::App* child : below) {
    std::vector<std::string> longer = words;
    longer.push_back(child->get_name());
    add_commands(*child, longer, commands);
  }
}

}  // namespace

std::vector<Command> command_tree(const CLI::App& app) {
  std::vector<Command> commands;
  add_commands(app, {}, commands);
  return commands;
}

}  // namespace assay::harness

#include "harness/completions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"

namespace assay::harness {
namespace {

// A command's place in the tree as the scripts write it: "" for the program, "/tasks/list".
std::string place_of(const Command& command) {
  std::string place;
  for (const std::string& word : command.words) place += "/" + word;
  return place;
}

std::string all_places(const std::vector<Command>& tree) {
  std::vector<std::string> places;
  for (const Command& command : tree) {
    if (!command.words.empty()) places.push_back(place_of(command));
  }
  return join(places, " | ");
}

std::vector<std::string> option_names(const Command& command) {
  std::vector<std::string> names;
  for (const CommandOption& option : command.options) {
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

const Command& child_of(const Command& command, const std::string& name, const std::vector<Command>& tree) {
  std::vector<std::string> words = command.words;
  words.push_back(name);
  return *std::find_if(tree.begin(), tree.end(), [&](const Command& other) { return other.words == words; });
}

// Inside single quotes: for bash and zsh a quote ends the text, is written by itself, and begins it again.
std::string shell_quoted(const std::string& text) {
  return "'" + replace_all(text, "'", "'\\''") + "'";
}

// fish knows escapes inside single quotes.
std::string fish_quoted(const std::string& text) {
  return "'" + replace_all(replace_all(text, "\\", "\\\\"), "'", "\\'") + "'";
}

// In a specification of zsh's _arguments these characters part its pieces.
std::string zsh_text(std::string text) {
  text = replace_all(text, "\\", "\\\\");
  for (const char* special : {"[", "]", ":"}) text = replace_all(text, special, std::string("\\") + special);
  return text;
}

std::string zsh_command(const Command& command, const std::vector<Command>& tree) {
  std::string text = fmt::format("    {})\n      _arguments \\\n", shell_quoted(place_of(command)));
  for (const CommandOption& option : command.options) {
    for (const std::string& name : option.names) {
      std::string spec = fmt::format("*{}[{}]", name, zsh_text(option.help));
      if (!option.value.empty()) {
        spec += fmt::format(":{}:{}", zsh_text(option.value),
                            option.choices.empty() ? "_files" : "(" + join(option.choices, " ") + ")");
      }
      text += fmt::format("        {} \\\n", shell_quoted(spec));
    }
  }
  if (command.subcommands.empty()) return text + "        '*:file:_files'\n      ;;\n";
  std::string choices;
  for (const std::string& name : command.subcommands) {
    const std::string help = zsh_text(replace_all(child_of(command, name, tree).description, "\"", "\\\""));
    choices += fmt::format(" {}\\:\"{}\"", name, help);
  }
  return text + fmt::format("        {}\n      ;;\n", shell_quoted(fmt::format("1:command:(({}))", choices.substr(1))));
}

}  // namespace

std::string bash_completion(const std::vector<Command>& tree) {
  std::map<std::string, std::vector<std::string>> by_choices;  // "auto on off": the places and options that take them
  std::string words;
  for (const Command& command : tree) {
    for (const CommandOption& option : command.options) {
      if (option.value.empty()) continue;
      for (const std::string& name : option.names) {
        by_choices[join(option.choices, " ")].push_back(place_of(command) + ":" + name);
      }
    }
    words += fmt::format("    {})\n      commands={}\n      options={}\n      ;;\n", shell_quoted(place_of(command)),
                         shell_quoted(join(command.subcommands, " ")), shell_quoted(join(option_names(command), " ")));
  }
  std::string values;
  for (const auto& [choices, patterns] : by_choices) {
    // Without choices: no words, and bash offers files.
    values += fmt::format("    {})\n      COMPREPLY=($(compgen -W {} -- \"$word\"))\n      return\n      ;;\n",
                          join(patterns, " | "), shell_quoted(choices));
  }
  return fmt::format(
      R"(# Completion of assay for bash, made by assay itself.
_assay() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}} place= commands= options= i
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case "$place/${{COMP_WORDS[i]}}" in
      {})
        place+=/${{COMP_WORDS[i]}}
        ;;
    esac
  done
  COMPREPLY=()
  case "$place:$before" in
{}  esac
  case "$place" in
{}  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  else
    COMPREPLY=($(compgen -W "$commands" -- "$word"))
  fi
}}
complete -o default -F _assay assay
)",
      all_places(tree), values, words);
}

std::string zsh_completion(const std::vector<Command>& tree) {
  std::string commands;
  for (const Command& command : tree) commands += zsh_command(command, tree);
  return fmt::format(
      R"(#compdef assay
# Completion of assay for zsh, made by assay itself.
_assay() {{
  local place= i depth=0
  for ((i = 2; i < CURRENT; ++i)); do
    case "$place/${{words[i]}}" in
      {})
        place+=/${{words[i]}}
        depth=$((i - 1))
        ;;
    esac
  done
  shift $depth words
  ((CURRENT -= depth))
  case "$place" in
{}  esac
}}
_assay "$@"
)",
      all_places(tree), commands);
}

std::string fish_completion(const std::vector<Command>& tree) {
  std::string lines;
  for (const Command& command : tree) {
    const std::string begin =
        fmt::format("complete -c assay -n {} ", fish_quoted(fmt::format("__assay_at \"{}\"", place_of(command))));
    for (const std::string& name : command.subcommands) {
      lines += fmt::format("{}-f -a {} -d {}\n", begin, name, fish_quoted(child_of(command, name, tree).description));
    }
    for (const CommandOption& option : command.options) {
      lines += begin;
      for (const std::string& name : option.names) {
        lines += name.starts_with("--") ? "-l " + name.substr(2) + " " : "-s " + name.substr(1) + " ";
      }
      if (!option.choices.empty()) {
        lines += fmt::format("-x -a {} ", fish_quoted(join(option.choices, " ")));
      } else if (!option.value.empty()) {
        lines += "-r ";
      }
      lines += fmt::format("-d {}\n", fish_quoted(option.help));
    }
  }
  return fmt::format(
      R"(# Completion of assay for fish, made by assay itself.
function __assay_at
    set -l place ""
    for word in (commandline -opc)[2..-1]
        switch "$place/$word"
            case {}
                set place "$place/$word"
        end
    end
    test "$place" = "$argv[1]"
end
{})",
      replace_all(all_places(tree), " | ", " "), lines);
}

}  // namespace assay::harness

// `assay preference open` and `log`: an owner looks at prompts, and everybody at who has looked.
#include <fmt/format.h>

#include "base/text.h"
#include "harness/commands/options.h"
#include "harness/commands/preference.h"
#include "harness/preference/hidden_set.h"
#include "reports/table.h"
#include "store/access_log.h"

namespace assay::harness {
namespace {

struct OpenArguments {
  HiddenSetOptions set;
  std::string category;
  std::vector<std::string> ids;
  int items = 3;
  int from = 1;
};

// The prompts that are meant, as places in the set.
std::vector<size_t> chosen(const datasets::OpenedSet& set, const OpenArguments& arguments) {
  std::vector<size_t> places;
  std::vector<std::string> names;
  if (!arguments.ids.empty()) {
    for (const datasets::HiddenPrompt& prompt : set.prompts) names.push_back(prompt.id);
    for (const std::string& id : arguments.ids) {
      const auto found = std::find(names.begin(), names.end(), id);
      if (found == names.end()) {
        fail(ExitCode::kUsage, "{}: has no prompt {}; the nearest is '{}'", set.file.origin, id, nearest(id, names));
      }
      places.push_back(static_cast<size_t>(found - names.begin()));
    }
    return places;
  }
  for (const auto& [name, count] : set.file.categories) names.push_back(name);
  if (!set.file.categories.contains(arguments.category)) {
    fail(ExitCode::kUsage, "--category {}: the set has {}", arguments.category, join(names, ", "));
  }
  int number = 0;
  for (size_t i = 0; i < set.prompts.size(); ++i) {
    if (set.prompts[i].category != arguments.category || ++number < arguments.from) continue;
    if (places.size() == static_cast<size_t>(arguments.items)) break;
    places.push_back(i);
  }
  return places;
}

// A prompt is text of somebody: what would move the cursor or colour the screen is shown and not obeyed.
std::string for_terminal(std::string_view text) {
  std::string shown;
  for (size_t offset = 0; offset < text.size();) {
    const size_t begin = offset;
    const char32_t c = next_code_point(text, offset);
    const bool control = (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0);
    shown += control ? std::string("?") : std::string(text.substr(begin, offset - begin));
  }
  return shown;
}

nlohmann::ordered_json to_json(const datasets::OpenedSet& set, size_t place) {
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(to_json_line(set.prompts[place]));
  json["salt"] = set.salts[place];
  json["commitment"] = set.file.lines[place].commitment;
  return json;
}

ExitCode open_prompts(const std::string& database, const OpenArguments& arguments, bool json) {
  const datasets::OpenedSet set = open_hidden_set(arguments.set, datasets::Role::kOwner);
  const std::vector<size_t> places = chosen(set, arguments);
  std::vector<std::string> ids;
  for (const size_t place : places) ids.push_back(set.prompts[place].id);
  log_access(database, set, "open", {{"prompts", ids}});
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const size_t place : places) {
    const datasets::HiddenPrompt& prompt = set.prompts[place];
    if (json) {
      list.push_back(to_json(set, place));
      continue;
    }
    fmt::print("--- {}  {}, {}, {}\n{}\n", prompt.id, prompt.difficulty, prompt.language, join(prompt.tags, " "),
               for_terminal(prompt.prompt));
    if (!prompt.note.empty()) fmt::print("  [for raters] {}\n", for_terminal(prompt.note));
  }
  if (json) fmt::print("{}\n", list.dump(1));
  return ExitCode::kDone;
}

ExitCode print_log(const std::string& database, bool json) {
  const std::vector<store::Access> entries = store::AccessLog(database, store::Store::Mode::kRead).read();
  reports::Table table({"entry", "time", "who", "role", "did", "set", "what"}, {1, 2, 3, 4, 5, 6});
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const store::Access& entry : entries) {
    list.push_back({{"entry", entry.id},
                    {"time", entry.time},
                    {"who", entry.what.who},
                    {"role", entry.what.role},
                    {"action", entry.what.action},
                    {"set", entry.what.hidden_set},
                    {"details", entry.what.details},
                    {"previous", entry.previous},
                    {"hash", entry.hash}});
    table.add({std::to_string(entry.id), entry.time, printable(entry.what.who), entry.what.role, entry.what.action,
               entry.what.hidden_set.substr(0, 8), printable(entry.what.details.dump())});
  }
  if (json) {
    fmt::print("{}\n", list.dump(1));
  } else {
    fmt::print("{}", table.text());
    if (!entries.empty()) fmt::print("the chain holds; its last hash is {}\n", entries.back().hash);
  }
  return ExitCode::kDone;
}

}  // namespace

void add_preference_open(CLI::App& command, Action& action) {
  CLI::App* open = command.add_subcommand("open", "Show prompts to an owner, and note it in the access log");
  open->footer(
      "With --json each prompt has its salt: SHA-256 over the salt and the prompt's line (the first seven fields as\n"
      "JSON without spaces) is the commitment that stands in the sealed file.\n"
      "Examples:\n"
      "  assay preference open --category coding --items 3 --passphrase-file secret.txt\n"
      "  assay preference open --id coding-017 --json --set ours.sealed --key ann.key");
  auto arguments = std::make_shared<OpenArguments>();
  CLI::Option* category = open->add_option("--category", arguments->category, "Of these prompts");
  open->add_option("--items", arguments->items, "So many")->capture_default_str()->check(CLI::PositiveNumber);
  open->add_option("--from", arguments->from, "From this one of the category on")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  open->add_option("--id", arguments->ids, "These, comma-separated")->delimiter(',')->excludes(category);
  add_hidden_set(*open, arguments->set);
  const auto database = add_database(*open);
  const auto json = add_json(*open);
  open->callback([=, &action] { action = [=] { return open_prompts(*database, *arguments, *json); }; });
}

void add_preference_log(CLI::App& command, Action& action) {
  CLI::App* log = command.add_subcommand("log", "Who opened a hidden set with this database, and whether that is all");
  log->footer(
      "Every entry holds the hash of the one before. Where the chain does not hold, the command says at which entry, "
      "with\nexit code 65.\nExamples:\n  assay preference log\n  assay preference log --json");
  const auto database = add_database(*log);
  const auto json = add_json(*log);
  log->callback([=, &action] { action = [=] { return print_log(*database, *json); }; });
}

}  // namespace assay::harness

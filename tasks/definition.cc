#include "tasks/definition.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"
#include "tasks/toml_table.h"

namespace assay::tasks {
namespace {

constexpr int kMostShots = 1000;
constexpr int kMostOptions = 26;  // letters
constexpr int kMostTokens = 1 << 20;
constexpr int kMostColumns = 10000;

bool contains(const std::vector<std::string>& list, const std::string& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// `value` is one of `known`, or an error that suggests the nearest.
void check_known(const std::string& value, const std::vector<std::string>& known, const std::string& where,
                 std::string_view what) {
  if (contains(known, value)) return;
  const std::string meant = nearest(value, known);
  fail_input("{}: there is no {} \"{}\"; {}", where, what, value,
             meant.empty() ? "there are: " + join(known, ", ") : "did you mean \"" + meant + "\"?");
}

datasets::Layout layout_of(const TomlTable& table) {
  const std::string name = table.choice("format", {"jsonl", "csv", "agieval_examples"});
  if (name == "csv") return datasets::Layout::kCsv;
  return name == "jsonl" ? datasets::Layout::kJsonl : datasets::Layout::kAgievalExamples;
}

std::map<std::string, SplitFiles> files_of(const TomlTable& data) {
  const TomlTable files = data.table("files");
  std::map<std::string, SplitFiles> splits;
  for (const std::string& split : files.keys()) {
    SplitFiles& entry = splits[split];
    entry.layout = layout_of(data);
    if (files.holds_table(split)) {
      const TomlTable own = files.table(split);
      own.only_keys({"path", "format"});
      entry.paths = own.texts("path");
      if (own.has("format")) entry.layout = layout_of(own);
    } else {
      entry.paths = files.texts(split);
    }
    if (entry.paths.empty() || contains(entry.paths, "")) fail_input("{}: names no file", files.where(split));
  }
  if (!splits.contains("test")) fail_input("{}: the split \"test\" is missing", files.where(""));
  return splits;
}

std::vector<std::string> subsets_of(const TomlTable& data) {
  std::vector<std::string> subsets = data.texts("subsets");
  if (subsets.empty()) return {""};
  std::sort(subsets.begin(), subsets.end());
  const auto twice = std::adjacent_find(subsets.begin(), subsets.end());
  if (twice != subsets.end()) fail_input("{}: \"{}\" stands there twice", data.where("subsets"), *twice);
  if (subsets.front().empty()) fail_input("{}: a subset's name is empty", data.where("subsets"));
  return subsets;
}

// Names that templates give a meaning of their own; {id} alone may be a field as well.
constexpr std::array<std::string_view, 8> kReserved = {"subset",      "index", "number", "options",
                                                       "last_letter", "item",  "letter", "option"};

void check_number_places(const TomlTable& data, const datasets::Format& format) {
  std::vector<std::string> places = format.options;
  places.push_back(format.correct);
  places.push_back(format.labels);
  for (const auto& [name, place] : format.fields) places.push_back(place);
  for (const std::string& place : places) {
    const bool number = std::all_of(place.begin(), place.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!number) {
      fail_input("{}: \"{}\" is not a column number; columns have names only with header = true", data.where(""),
                 place);
    }
  }
}

std::string only_place(const TomlTable& table, std::string_view key) {
  const std::vector<std::string> places = table.places(key);
  if (places.size() > 1) fail_input("{}: must be one place", table.where(key));
  return places.empty() ? std::string() : places.front();
}

datasets::Format format_of(const TomlTable& data) {
  datasets::Format format;
  format.header = data.boolean("header", false);
  format.columns = data.integer("columns", 1, kMostColumns, 0);
  format.options = data.places("options");
  format.labels = only_place(data, "labels");
  format.correct = only_place(data, "correct");
  const std::string form = data.choice("correct_form", {"letter", "index", "label", "text"});
  format.correct_form = form == "letter"  ? datasets::CorrectForm::kLetter
                        : form == "index" ? datasets::CorrectForm::kIndex
                        : form == "label" ? datasets::CorrectForm::kLabel
                                          : datasets::CorrectForm::kText;
  if (form == "label" && format.labels.empty()) fail_input("{}: needs the key \"labels\"", data.where("correct_form"));
  if (!format.correct.empty() && format.options.empty())
    fail_input("{}: needs the key \"options\"", data.where("correct"));
  const TomlTable fields = data.table("fields");
  std::vector<std::string> names;
  for (const std::string& name : fields.keys()) {
    if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end())
      fail_input("{}: the name has a meaning of its own; choose another", fields.where(name));
    const std::string place = only_place(fields, name);
    if (place.empty()) fail_input("{}: names no place", fields.where(name));
    format.fields.emplace_back(name, place);
    names.push_back(name);
  }
  if (layout_of(data) == datasets::Layout::kCsv && !format.header) check_number_places(data, format);
  names.insert(names.end(), {"subset", "index"});
  format.id = data.text("id");
  // The template's own check of names; what it renders to is datasets::expand_pattern's business.
  Template(format.id, {names, {}}, data.where("id"));
  format.cluster_by = data.text("cluster_by", "");
  if (!format.cluster_by.empty()) check_known(format.cluster_by, names, data.where("cluster_by"), "field");
  return format;
}

std::vector<std::string> checked_subsets(const TomlTable& table, std::string_view key, const Definition& definition) {
  std::vector<std::string> subsets = table.texts(key);
  for (const std::string& subset : subsets) check_known(subset, definition.subsets, table.where(key), "subset");
  return subsets;
}

class ProtocolParser {
 public:
  ProtocolParser(const Definition& definition, const std::string& file) : definition_(definition), file_(file) {
    for (const auto& [name, place] : definition.format.fields) fields_.push_back(name);
    for (const auto& [name, split] : definition.files) splits_.push_back(name);
  }

  ProtocolDefinition run(const std::string& name, const TomlTable& table) const {
    ProtocolDefinition protocol;
    protocol.name = name;
    protocol.ask = ask_of(table, {"subset", "scorer", "average"});
    protocol.scorer = scorer_of(table);
    protocol.average = {{"headline", "micro"}, {"group_stderr", "samples"}};
    if (table.has("average")) average_of(table.table("average"), protocol);
    if (table.has("subset")) exceptions_of(table, protocol);
    return protocol;
  }

 private:
  static nlohmann::json scorer_of(const TomlTable& table) {
    const TomlTable scorer = table.table("scorer");
    scorer.text("kind");
    return scorer.as_json();
  }

  void average_of(const TomlTable& average, ProtocolDefinition& protocol) const {
    average.only_keys({"headline", "group_stderr", "subsets"});
    protocol.average = {{"headline", average.choice("headline", {"micro", "macro"})},
                        {"group_stderr", average.choice("group_stderr", {"samples", "pooled"})}};
    protocol.averaged_subsets = checked_subsets(average, "subsets", definition_);
  }

  void exceptions_of(const TomlTable& table, ProtocolDefinition& protocol) const {
    const TomlTable subsets = table.table("subset");
    for (const std::string& subset : subsets.keys()) {
      check_known(subset, definition_.subsets, subsets.where(subset), "subset");
      const TomlTable changes = subsets.table(subset);
      toml::table base = table.raw();
      base.erase("subset");
      base.erase("average");
      if (changes.has("request") && changes.text("request") != table.text("request")) {
        for (const char* key :
             {"continuation", "gold", "stops", "stop_at_end_text", "max_tokens", "dialogue", "begun"}) {
          base.erase(key);
        }
      }
      if (changes.has("scorer")) protocol.scorer["subsets"][subset] = scorer_of(changes);
      const toml::table whole = merged(base, changes.raw());
      protocol.exceptions[subset] = ask_of(TomlTable(whole, file_, changes.path()), {"scorer"});
    }
  }

  Ask ask_of(const TomlTable& table, const std::vector<std::string>& beside) const {
    Ask ask;
    ask.generate = request_of(table) == "generate";
    if (!ask.generate && definition_.format.correct.empty()) {
      fail_input("{}: likelihood needs options, and data.correct to say which is right", table.where("request"));
    }
    std::vector<std::string> known = {"request", "head", "item", "shot", "shots", "only_options"};
    const std::vector<std::string> own =
        ask.generate ? std::vector<std::string>{"gold", "stops", "stop_at_end_text", "max_tokens", "dialogue", "begun"}
                     : std::vector<std::string>{"continuation", "dialogue", "begun"};
    known.insert(known.end(), own.begin(), own.end());
    known.insert(known.end(), beside.begin(), beside.end());
    table.only_keys(known);
    ask.dialogue = table.boolean("dialogue", false);
    if (ask.dialogue && !ask.generate) fail_input("{}: needs request = \"generate\"", table.where("dialogue"));
    if (table.has("begun") && !ask.dialogue) fail_input("{}: needs dialogue = true", table.where("begun"));

    std::vector<std::string> shown = {"subset", "index", "id", "number"};
    if (!definition_.format.options.empty()) shown.insert(shown.end(), {"options", "last_letter"});
    // An item or a head never sees which option is right.
    std::vector<std::string> answered = shown;
    if (!definition_.format.correct.empty()) answered.insert(answered.end(), {"letter", "option"});
    std::vector<std::string> in_shot = answered;
    // The item of an example in a dialogue is a turn of its own.
    if (!ask.dialogue) in_shot.emplace_back("item");
    ask.only_options = table.integer("only_options", 1, kMostOptions, 0);
    if (table.has("head")) ask.head = Template(table.text("head"), {{}, {"subset"}}, table.where("head"));
    ask.item = template_of(table, "item", shown);
    if (table.has("begun")) ask.begun = template_of(table, "begun", shown);
    if (table.has("shots")) {
      ask.shots = shots_of(table.table("shots"));
      ask.shot = template_of(table, "shot", in_shot);
    } else if (table.has("shot")) {
      fail_input("{}: needs the table [{}.shots]", table.where("shot"), table.path());
    }
    if (ask.generate) {
      ask.gold = template_of(table, "gold", answered);
      ask.stops = table.texts("stops");
      ask.stop_at_end_text = table.boolean("stop_at_end_text", false);
      ask.max_tokens = table.integer("max_tokens", 1, kMostTokens);
    } else {
      ask.continuation = template_of(table, "continuation", answered);
    }
    return ask;
  }

  static std::string request_of(const TomlTable& table) {
    table.text("request");
    return table.choice("request", {"loglikelihood", "generate"});
  }

  Template template_of(const TomlTable& table, std::string_view key, const std::vector<std::string>& others) const {
    return Template(table.text(key), {fields_, others}, table.where(key));
  }

  Shots shots_of(const TomlTable& table) const {
    table.only_keys({"split", "count", "counts", "rule", "seed", "only_options", "subset"});
    Shots shots;
    shots.split = table.text("split");
    check_known(shots.split, splits_, table.where("split"), "split");
    shots.count = table.integer("count", 0, kMostShots);
    if (table.has("counts")) {
      const TomlTable counts = table.table("counts");
      counts.only_keys(definition_.subsets);
      for (const std::string& subset : counts.keys()) shots.counts[subset] = counts.integer(subset, 0, kMostShots);
    }
    const std::string rule = table.choice("rule", {"first", "python_random"});
    shots.rule = rule == "first" ? ShotRule::kFirst : ShotRule::kPythonRandom;
    if (shots.rule == ShotRule::kPythonRandom) {
      shots.seed = static_cast<uint64_t>(table.integer("seed", 0));
    } else if (table.has("seed")) {
      fail_input("{}: has a meaning only with rule = \"python_random\"", table.where("seed"));
    }
    shots.only_options = table.integer("only_options", 1, kMostOptions, 0);
    shots.subset = table.text("subset", "");
    if (!shots.subset.empty()) check_known(shots.subset, definition_.subsets, table.where("subset"), "subset");
    return shots;
  }

  const Definition& definition_;
  const std::string& file_;
  std::vector<std::string> fields_;
  std::vector<std::string> splits_;
};

void check_name(const TomlTable& root) {
  const std::string name = root.text("name");
  const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
  });
  if (!plain)
    fail_input("{}: \"{}\" must be made of letters, digits, \"_\", \"-\" and \".\"", root.where("name"), name);
}

}  // namespace

Definition parse_definition(std::string_view text, const std::string& file) {
  const toml::table parsed = parse_toml(text, file);
  const TomlTable root(parsed, file, "");
  root.only_keys({"name", "version", "description", "data", "groups", "protocol"});
  check_name(root);
  Definition definition;
  definition.name = root.text("name");
  definition.version = root.text("version");
  definition.description = root.text("description");

  const TomlTable data = root.table("data");
  data.only_keys({"format", "files", "fields", "subsets", "options", "labels", "correct", "correct_form", "id",
                  "cluster_by", "header", "columns"});
  definition.subsets = subsets_of(data);
  definition.files = files_of(data);
  definition.format = format_of(data);

  if (root.has("groups")) {
    const TomlTable groups = root.table("groups");
    for (const std::string& group : groups.keys()) {
      definition.groups.emplace_back(group, checked_subsets(groups, group, definition));
    }
  }
  const TomlTable protocols = root.table("protocol");
  protocols.only_keys({"lm_eval", "llama3", "llama3_instruct"});
  const ProtocolParser parser(definition, file);
  for (const std::string& name : protocols.keys()) {
    definition.protocols.push_back(parser.run(name, protocols.table(name)));
  }
  if (definition.protocols.empty()) fail_input("{}: the table [protocol.lm_eval] is missing", file);
  return definition;
}

}  // namespace assay::tasks

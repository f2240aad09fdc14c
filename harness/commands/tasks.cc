// `assay tasks`: the registry, the check of a task file, and prompts without a model.
#include <ctime>
#include <fstream>
#include <iostream>

#include "base/hash.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/load_tokenizer.h"
#include "harness/commands/commands.h"
#include "harness/commands/options.h"
#include "harness/prepare.h"
#include "reports/table.h"
#include "tasks/definition.h"
#include "tasks/task.h"

namespace assay::harness {
namespace {

std::vector<std::filesystem::path> to_paths(const std::vector<std::string>& names) {
  return {names.begin(), names.end()};
}

nlohmann::ordered_json task_json(const tasks::Task& task) {
  return {{"name", task.name},     {"version", task.version},     {"description", task.description},
          {"origin", task.origin}, {"protocols", task.protocols}, {"sha256", task.sha256}};
}

ExitCode list_tasks(const std::vector<std::string>& dirs, bool json) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  reports::Table table({"task", "version", "protocols", "description"}, {0, 1, 2, 3});
  const tasks::Registry registry(to_paths(dirs));
  for (const tasks::Task& task : registry.tasks()) {
    table.add({task.name, task.version, join(task.protocols, ", "), task.description});
    list.push_back(task_json(task));
  }
  fmt::print("{}", json ? list.dump(1) + "\n" : table.text());
  return ExitCode::kDone;
}

ExitCode show_task(const std::string& name, const std::vector<std::string>& dirs, bool json) {
  const tasks::Registry registry(to_paths(dirs));
  const tasks::Task& task = registry.find(name);
  if (json) {
    fmt::print("{}\n", task_json(task).dump(1));
    return ExitCode::kDone;
  }
  fmt::print("{}: {}\nversion {}, {}, protocols {}\nsha256 {}\n\n{}", task.name, task.description, task.version,
             task.origin, join(task.protocols, ", "), task.sha256, task.text);
  return ExitCode::kDone;
}

ExitCode check_task(const std::string& file) {
  const tasks::Task task = tasks::load_task(file);
  // The scorer's table belongs to another room, so it is checked here.
  for (const tasks::ProtocolDefinition& protocol : task.definition->protocols) {
    scorers::Scorer::from_spec(protocol.scorer, fmt::format("{}: protocol {}: scorer", file, protocol.name));
  }
  fmt::print("{}: task {} version {} is fine; protocols {}\n", file, task.name, task.version,
             join(task.protocols, ", "));
  return ExitCode::kDone;
}

struct RenderArguments {
  std::string task;
  RunOptions run;
  std::optional<std::string> data_dir;
  std::string out;
};

nlohmann::ordered_json turns_json(const std::vector<engine::Turn>& turns) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const engine::Turn& turn : turns) list.push_back({{"role", turn.role}, {"content", turn.content}});
  return list;
}

// Whether the text of a dialogue is what a model is asked. Without a model only llama3_instruct says how it is written.
bool is_written(const PreparedRun& run, const engine::GenerateRequest& request) {
  return request.turns.empty() || !request.pieces.empty() || run.rendered.protocol == "llama3_instruct";
}

// A prompt that no chat template wrote is one literal.
std::vector<engine::PromptPiece> pieces_of(const engine::Request& request, const std::string& text) {
  const auto* generate = std::get_if<engine::GenerateRequest>(&request);
  if (generate != nullptr && !generate->pieces.empty()) return generate->pieces;
  return {{text, false}};
}

nlohmann::ordered_json render_line(const PreparedRun& run, const Ask& ask, const engine::Tokenizer* tokenizer) {
  const tasks::Item& item = run.rendered.items[ask.item];
  nlohmann::ordered_json line;
  line["task"] = run.rendered.task;
  line["protocol"] = run.rendered.protocol;
  line["subset"] = item.sample.subset;
  line["index"] = item.sample.index;
  line["id"] = item.sample.id;
  const auto prompt = [&](const char* kind, const std::string& text) {
    line["request"] = kind;
    line["prompt_sha256"] = sha256_hex(text);
    if (tokenizer != nullptr) line["prompt_tokens"] = tokenizer->encode_pieces(pieces_of(ask.request, text)).size();
    line["prompt"] = text;
  };
  if (const auto* likelihood = std::get_if<engine::LogLikelihoodRequest>(&ask.request)) {
    prompt("loglikelihood", likelihood->context);
    line["continuations"] = likelihood->continuations;
    line["gold"] = item.gold.choices;
  } else if (const auto* generate = std::get_if<engine::GenerateRequest>(&ask.request)) {
    if (is_written(run, *generate)) {
      prompt("generate", generate->prompt);
    } else {
      line["request"] = "generate";
    }
    if (!generate->turns.empty()) line["turns"] = turns_json(generate->turns);
    line["stops"] = generate->stops;
    line["max_tokens"] = generate->max_tokens;
    line["gold"] = item.gold.text;
  } else {
    prompt("text", std::get<engine::TextRequest>(ask.request).text);
  }
  return line;
}

void write_lines(const std::vector<PreparedRun>& runs, const engine::Tokenizer* tokenizer, std::ostream& out) {
  for (const PreparedRun& run : runs) {
    const auto* first = std::get_if<engine::GenerateRequest>(&run.asks.front().request);
    if (first != nullptr && !is_written(run, *first)) {
      log_note(fmt::format("{}: its prompts are dialogues, which a model's chat template writes; their turns are shown",
                           run.rendered.task));
    }
    for (const Ask& ask : run.asks) out << render_line(run, ask, tokenizer).dump() << '\n';
  }
}

ExitCode render_tasks(const RenderArguments& arguments) {
  RunOptions options = arguments.run;
  options.data_dirs = data_folder_names(arguments.data_dir);
  options.chat_time = std::time(nullptr);
  const std::vector<PreparedRun> runs = prepare_runs(options, Dialogues::kWrittenIfPossible);
  std::optional<engine::Tokenizer> tokenizer;
  if (!options.model.empty()) tokenizer = engine::load_tokenizer(engine::Checkpoint::open(options.model), "").tokenizer;
  const engine::Tokenizer* used = tokenizer ? &*tokenizer : nullptr;
  if (arguments.out == "-") {
    write_lines(runs, used, std::cout);
    return ExitCode::kDone;
  }
  std::ofstream out(arguments.out, std::ios::binary | std::ios::trunc);
  write_lines(runs, used, out);
  out.close();
  if (!out) fail(ExitCode::kIo, "{}: cannot be written whole", arguments.out);
  return ExitCode::kDone;
}

void add_tasks_dirs(CLI::App& command, std::vector<std::string>& dirs) {
  command.add_option("--tasks-dir", dirs, "A folder of further task files (repeatable)")->type_name("DIR");
}

void add_render(CLI::App& tasks_command, Action& action) {
  CLI::App* command = tasks_command.add_subcommand("render", "Write every prompt of tasks without running a model");
  command->footer("Example:\n  assay tasks render gsm8k_cot --limit 3 --out prompts.jsonl");
  auto arguments = std::make_shared<RenderArguments>();
  RunOptions& o = arguments->run;
  command->add_option("TASK", arguments->task, "Tasks or groups, comma-separated")->required();
  add_protocol(*command, o.protocol);
  command->add_option("--model", o.model, "Count tokens with this model's tokenizer");
  command->add_option("--shots", o.shots, "Worked examples in front of each question (default: the protocol's)");
  command->add_option("--limit", o.limit, "The first N samples of every subset");
  command->add_option("--subsets", o.subsets, "Subsets, comma-separated")->delimiter(',');
  command->add_option("--max-tokens", o.max_tokens, "Of a generation (default: the protocol's)");
  command->add_option("--out", arguments->out, "The file to write; - for standard output")->required();
  add_tasks_dirs(*command, o.tasks_dirs);
  add_data_dir(*command, arguments->data_dir);
  command->callback([=, &action] {
    action = [=] {
      RenderArguments given = *arguments;
      given.run.tasks = split(given.task, ',');
      given.run.protocol = protocol_of(*command, given.run.tasks, given.run.protocol);
      return render_tasks(given);
    };
  });
}

}  // namespace

void add_tasks(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("tasks", "List, show, check and render tasks");
  command->require_subcommand(1);
  auto dirs = std::make_shared<std::vector<std::string>>();
  auto name = std::make_shared<std::string>();

  CLI::App* list = command->add_subcommand("list", "What there is");
  list->footer("Example:\n  assay tasks list");
  add_tasks_dirs(*list, *dirs);
  const auto list_as_json = add_json(*list);
  list->callback([=, &action] { action = [=] { return list_tasks(*dirs, *list_as_json); }; });

  CLI::App* show = command->add_subcommand("show", "One task with its definition");
  show->footer("Example:\n  assay tasks show mmlu");
  show->add_option("TASK", *name, "The task")->required();
  add_tasks_dirs(*show, *dirs);
  const auto show_as_json = add_json(*show);
  show->callback([=, &action] { action = [=] { return show_task(*name, *dirs, *show_as_json); }; });

  CLI::App* check = command->add_subcommand("check", "Explain what is wrong with a task file");
  check->footer("Example:\n  assay tasks check my-task.toml");
  check->add_option("FILE", *name, "The task file")->required();
  check->callback([=, &action] { action = [=] { return check_task(*name); }; });

  add_render(*command, action);
}

}  // namespace assay::harness

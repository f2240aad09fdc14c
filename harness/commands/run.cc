#include "harness/run.h"

#include "harness/commands/commands.h"
#include "harness/commands/options.h"
#include "harness/commands/run_arguments.h"

namespace assay::harness {
void add_run(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("run", "Score a model on tasks");
  command->footer(
      "Examples:\n"
      "  assay run --model demo --tasks demo\n"
      "  assay run --model ./SmolLM2-135M-Instruct --tasks mmlu,arc_challenge --limit 20\n"
      "  assay run --model ./llama-3-8b --tasks launch_base --protocol llama3 --name night-12\n"
      "  assay run --model ./llama-3-8b-instruct --tasks launch_instruct --name instruct-12\n"
      "  assay run --resume night-12\n"
      "  assay run --model responses:answers.jsonl --tasks gsm8k\n"
      "  assay run --model ./llama-3-8b --tasks humaneval --samples 20\n"
      "  assay run --model http://localhost:8000/v1#llama-3-70b --tasks mmlu --max-cost-tokens 50000000");
  auto arguments = std::make_shared<RunArguments>();
  add_model(*command, *arguments);
  add_what_is_asked(*command, *arguments);
  add_how_it_is_computed(*command, *arguments);
  add_execution(*command, *arguments);
  add_endpoint(*command, *arguments);
  add_this_call(*command, *arguments);
  const auto database = add_database(*command);
  command->callback([arguments, database, command, &action] {
    action = [arguments, database, command] {
      RunOptions options = arguments->run;
      options.protocol = protocol_of(*command, options.tasks, options.protocol);
      options.data_dirs = data_folder_names(arguments->data_dir);
      options.endpoint.fields = parse_fields(arguments->fields);
      options.tags = parse_tags(arguments->tags);
      return run_command(std::move(options), *database);
    };
  });
}

}  // namespace assay::harness

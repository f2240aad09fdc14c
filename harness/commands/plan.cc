// `assay plan`: what can be detected, which --limit is enough, and how long it takes.
#include <cmath>
#include <limits>
#include <memory>

#include "base/text.h"
#include "harness/commands/commands.h"
#include "harness/commands/options.h"
#include "harness/estimate.h"
#include "harness/planning.h"
#include "harness/prepare.h"
#include "harness/progress.h"
#include "reports/table.h"

namespace assay::harness {
namespace {

struct PlanArguments {
  RunOptions run;
  std::optional<std::string> data_dir;
  Wish wish{std::numeric_limits<double>::quiet_NaN(), 0.8, 0.05};  // detect in points until it is checked
  std::optional<double> discordance;
};

struct TaskPlan {
  const PreparedRun* run = nullptr;
  Spread spread;
  SampleSet all;
  std::optional<double> detectable;
  std::optional<int> limit;  // that is enough; none where all samples are not
  SampleSet chosen;          // by that limit, or all
  std::vector<engine::Request> requests;
  std::optional<engine::Plan> cost;
  double seconds = 0;
};

void check(const PlanArguments& a) {
  const auto usage = [](const std::string& message) { throw Error(ExitCode::kUsage, message); };
  if (a.run.tasks.empty()) usage("--tasks is missing: `assay tasks list` shows what there is");
  if (std::isnan(a.wish.detect)) usage("--detect is missing: name the difference to be seen, in points, as --detect 1");
  if (!(a.wish.detect > 0 && a.wish.detect <= 100)) {
    usage(fmt::format("--detect {}: give points above 0 and at most 100", a.wish.detect));
  }
  if (!(a.wish.power >= 0.5 && a.wish.power < 1)) {
    usage(fmt::format("--power {}: give a number from 0.5 to below 1", a.wish.power));
  }
  if (!(a.wish.alpha > 0 && a.wish.alpha < 0.5)) {
    usage(fmt::format("--alpha {}: give a number between 0 and 0.5", a.wish.alpha));
  }
  if (a.discordance && !(*a.discordance > 0 && *a.discordance <= 1)) {
    usage(fmt::format("--discordance {}: give a share above 0 and at most 1", *a.discordance));
  }
  if (a.run.limit < 0) usage("--limit must be positive");
  if (a.run.shots && *a.run.shots < 0) usage("--shots must not be negative");
  for (const std::string& task : a.run.tasks) {
    if (task.starts_with("text:")) usage(task + ": perplexity has no samples to compare; name tasks with questions");
  }
  for (const char* prefix : {"responses:", "synthetic:", "http://", "https://"}) {
    if (a.run.model.starts_with(prefix)) {
      usage(fmt::format("--model {}: a plan measures a local model; leave --model out to plan without tokens and time",
                        a.run.model));
    }
  }
}

TaskPlan plan_task(const PreparedRun& run, const PlanArguments& a, const std::string& database) {
  TaskPlan plan;
  plan.run = &run;
  std::vector<SamplePlace> places;
  for (const tasks::Item& item : run.rendered.items) places.push_back({item.sample.subset, item.sample.cluster});
  const std::string score = run.scorer.names().at(0).score;
  std::optional<Spread> seen = seen_spread(database, run.rendered.task, run.rendered.protocol, score);
  if (a.discordance) {
    plan.spread = spread_of_discordance(*a.discordance, "given");
  } else {
    plan.spread = seen ? std::move(*seen) : spread_of_discordance(kAssumedDiscordance, "assumed");
  }
  plan.all = sample_set(places, first_of_every_subset(places, 0));
  plan.detectable = detectable(plan.spread, plan.all, a.wish);
  plan.limit = enough_limit(plan.spread, places, a.wish);
  const std::vector<size_t> chosen = first_of_every_subset(places, plan.limit.value_or(0));
  plan.chosen = sample_set(places, chosen);
  std::vector<bool> is_chosen(places.size());
  for (const size_t i : chosen) is_chosen[i] = true;
  for (const Ask& ask : run.asks) {
    if (is_chosen[ask.item]) plan.requests.push_back(ask.request);
  }
  return plan;
}

std::string source_of(const Spread& spread, int clusters) {
  std::string text = fmt::format("{:.3g} % of the samples differ", 100 * spread.discordance);
  if (spread.source == "seen") {
    text += fmt::format(", seen: the median of {}", join(spread.pairs, ", "));
    if (!spread.binary) text += fmt::format("; standard deviation {:.3g}", spread.deviation);
    if (clusters > 0) text += fmt::format("; correlation within clusters {:.2f}", spread.correlation);
    return text;
  }
  text += spread.source == "given" ? ", as --discordance says"
                                   : " is an assumption: no two finished runs of different models are in the database";
  if (clusters > 0) text += fmt::format("; its {} clusters are taken to be without correlation", clusters);
  return text;
}

nlohmann::ordered_json cost_json(const engine::Plan& cost, double seconds) {
  return {{"prompt_tokens", cost.prompt_tokens},
          {"unshared_tokens", cost.unshared_tokens},
          {"generated_tokens_at_most", cost.generated_tokens},
          {"seconds", seconds}};
}

nlohmann::ordered_json task_json(const TaskPlan& plan, const Wish& wish) {
  nlohmann::ordered_json json;
  json["task"] = plan.run->rendered.task;
  json["protocol"] = plan.run->rendered.protocol;
  json["shots"] = plan.run->rendered.shots;
  json["samples"] = plan.all.n;
  json["clusters"] = plan.all.clusters;
  json["discordance"] = plan.spread.discordance;
  json["discordance_source"] = plan.spread.source;
  json["discordance_pairs"] = plan.spread.pairs;
  json["deviation"] = plan.spread.deviation;
  json["correlation"] = plan.spread.correlation;
  json["binary"] = plan.spread.binary;
  json["detectable_points"] = plan.detectable ? nlohmann::ordered_json(100 * *plan.detectable) : nullptr;
  json["detects"] = plan.limit.has_value();
  json["limit"] = plan.limit ? nlohmann::ordered_json(*plan.limit) : nullptr;
  json["limit_samples"] = plan.limit ? nlohmann::ordered_json(plan.chosen.n) : nullptr;
  json["samples_needed"] = samples_needed(plan.spread, plan.all, wish);
  if (plan.cost) json["cost"] = cost_json(*plan.cost, plan.seconds);
  return json;
}

void print_json(const std::vector<TaskPlan>& plans, const Wish& wish, const std::optional<engine::Plan>& together,
                double seconds) {
  nlohmann::ordered_json json;
  json["detect_points"] = 100 * wish.detect;
  json["power"] = wish.power;
  json["alpha"] = wish.alpha;
  for (const TaskPlan& plan : plans) json["tasks"].push_back(task_json(plan, wish));
  if (together) json["total"] = cost_json(*together, seconds);
  fmt::print("{}\n", json.dump(1));
}

void print_table(const std::vector<TaskPlan>& plans, const Wish& wish, const std::optional<engine::Plan>& together,
                 double seconds) {
  reports::Table table({"task", "samples", "clusters", "detects, points", "enough: --limit", "samples", "prompt tokens",
                        "generated, at most", "time"});
  for (const TaskPlan& plan : plans) {
    const auto count = [&](int64_t tokens) { return plan.cost ? format_count(static_cast<double>(tokens)) : "-"; };
    table.add({plan.run->rendered.task, std::to_string(plan.all.n),
               plan.all.clusters > 0 ? std::to_string(plan.all.clusters) : "-",
               plan.detectable ? fmt::format("{:.2f}", 100 * *plan.detectable) : "none",
               plan.limit ? std::to_string(*plan.limit) : "none", std::to_string(plan.chosen.n),
               plan.cost ? count(plan.cost->prompt_tokens) : "-", plan.cost ? count(plan.cost->generated_tokens) : "-",
               plan.cost ? format_duration(plan.seconds) : "-"});
  }
  fmt::print("{}", table.text());
  const char* plural = wish.detect == 0.01 ? "" : "s";
  fmt::print("\nA difference of {:g} point{} is to be found with power {:g} by a two-sided test at {:g}.\n",
             100 * wish.detect, plural, wish.power, wish.alpha);
  for (const TaskPlan& plan : plans) {
    fmt::print("{}: {}.\n", plan.run->rendered.task, source_of(plan.spread, plan.all.clusters));
    if (!plan.limit) {
      fmt::print("{}: {:g} point{} would take about {:.0f} samples, and there are {}.\n", plan.run->rendered.task,
                 100 * wish.detect, plural, samples_needed(plan.spread, plan.all, wish), plan.all.n);
    }
  }
  if (!together) {
    fmt::print("Without --model neither tokens nor time are known.\n");
    return;
  }
  fmt::print("Together {} prompt tokens to compute of {}; {} {} on this machine, measured by a short trial{}.\n",
             format_count(static_cast<double>(together->prompt_tokens)),
             format_count(static_cast<double>(together->unshared_tokens)),
             together->generated_tokens > 0 ? "at most about" : "about", format_duration(seconds),
             together->generated_tokens > 0 ? "; every generation is reckoned with all of its max_tokens" : "");
}

ExitCode plan_command(PlanArguments arguments, const std::string& database) {
  check(arguments);
  arguments.wish.detect /= 100;
  const std::vector<PreparedRun> runs = prepare_runs(arguments.run);
  std::vector<TaskPlan> plans;
  for (const PreparedRun& run : runs) plans.push_back(plan_task(run, arguments, database));

  std::optional<engine::Plan> together;
  double seconds = 0;
  if (!arguments.run.model.empty()) {
    engine::Engine engine(arguments.run.model, arguments.run.engine);
    std::vector<engine::Request> all;
    for (TaskPlan& plan : plans) {
      plan.cost = engine.plan(plan.requests);
      all.insert(all.end(), plan.requests.begin(), plan.requests.end());
    }
    together = engine.plan(all);
    const Speed speed = measure_speed(engine, together->generated_tokens > 0);
    for (TaskPlan& plan : plans) plan.seconds = estimated_seconds(speed, *plan.cost);
    seconds = estimated_seconds(speed, *together);
  }
  arguments.run.json ? print_json(plans, arguments.wish, together, seconds)
                     : print_table(plans, arguments.wish, together, seconds);
  return ExitCode::kDone;
}

}  // namespace

void add_plan(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("plan", "How small a difference the samples can show, and what that costs");
  command->footer(
      "Examples:\n"
      "  assay plan --tasks mmlu,gsm8k --detect 1\n"
      "  assay plan --model ./SmolLM2-135M-Instruct --tasks mmlu --detect 2 --discordance 0.15");
  auto arguments = std::make_shared<PlanArguments>();
  RunOptions& o = arguments->run;
  command->add_option("--detect", arguments->wish.detect, "The difference to be seen, in points")->type_name("P");
  command->add_option("--power", arguments->wish.power, "Probability to find it")->capture_default_str();
  command->add_option("--alpha", arguments->wish.alpha, "Error level of the two-sided test")->capture_default_str();
  command->add_option("--discordance", arguments->discordance,
                      "Share of samples that two models answer differently (default: as the database has seen, else "
                      "0.10)");
  command->add_option("--model", o.model, "For tokens and time: a folder, a .gguf file or a Hugging Face cache name");
  command->add_option("--tasks", o.tasks, "Tasks or groups, comma-separated")->delimiter(',');
  add_protocol(*command, o.protocol);
  command->add_option("--tasks-dir", o.tasks_dirs, "A folder of further task files (repeatable)")->type_name("DIR");
  add_data_dir(*command, arguments->data_dir);
  command->add_option("--shots", o.shots, "Worked examples in front of each question (default: the protocol's)");
  command->add_option("--limit", o.limit, "No more than the first N samples of every subset");
  command->add_option("--subsets", o.subsets, "Subsets, comma-separated")->delimiter(',');
  add_choice(*command, "--dtype", o.engine.dtype, {"auto", "f32", "bf16", "f16"},
             "Of weights and of the inputs of matrix products");
  command->add_option("--threads", o.engine.threads, "Default: all that the process may use");
  const auto database = add_database(*command);
  const auto json = add_json(*command);
  command->callback([=, &action] {
    action = [=] {
      PlanArguments given = *arguments;
      given.run.data_dirs = data_folder_names(given.data_dir);
      given.run.json = *json;
      given.run.protocol = protocol_of(*command, given.run.tasks, given.run.protocol);
      return plan_command(std::move(given), *database);
    };
  });
}

}  // namespace assay::harness

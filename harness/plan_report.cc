#include "harness/plan_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "harness/estimate.h"
#include "harness/progress.h"
#include "reports/table.h"

namespace assay::harness {

void print_plan(const std::vector<PreparedRun>& runs, engine::Engine* engine, const RunOptions& options) {
  nlohmann::ordered_json json;
  reports::Table table({"task", "protocol", "shots", "requests", "tokens alone", "tokens shared", "generated, at most"},
                       {0, 1});
  std::vector<engine::Request> all;
  for (const PreparedRun& run : runs) {
    std::vector<engine::Request> requests;
    for (const Ask& ask : run.asks) requests.push_back(ask.request);
    const engine::Plan plan = engine != nullptr ? engine->plan(requests) : engine::Plan{};
    const auto tokens = [&](int64_t count) {
      return engine != nullptr ? format_count(static_cast<double>(count)) : "-";
    };
    table.add({run.rendered.task, run.rendered.protocol, std::to_string(run.rendered.shots),
               std::to_string(requests.size()), tokens(plan.unshared_tokens), tokens(plan.prompt_tokens),
               tokens(plan.generated_tokens)});
    json["tasks"].push_back({{"task", run.rendered.task},
                             {"protocol", run.rendered.protocol},
                             {"shots", run.rendered.shots},
                             {"requests", requests.size()},
                             {"unshared_tokens", plan.unshared_tokens},
                             {"prompt_tokens", plan.prompt_tokens},
                             {"generated_tokens", plan.generated_tokens},
                             {"truncated", plan.truncated}});
    all.insert(all.end(), requests.begin(), requests.end());
  }
  if (engine == nullptr) {
    fmt::print("{}", options.json ? json.dump(1) + "\n" : table.text());
    return;
  }
  const engine::Plan plan = engine->plan(all);
  const double seconds = estimated_seconds(measure_speed(*engine, plan.generated_tokens > 0), plan);
  json["total"] = {{"requests", plan.requests},           {"unshared_tokens", plan.unshared_tokens},
                   {"prompt_tokens", plan.prompt_tokens}, {"generated_tokens", plan.generated_tokens},
                   {"truncated", plan.truncated},         {"weight_bytes", plan.weight_bytes},
                   {"cache_bytes", plan.cache_bytes},     {"estimated_seconds", seconds}};
  if (options.json) {
    fmt::print("{}\n", json.dump(1));
    return;
  }
  fmt::print("{}", table.text());
  fmt::print("together   {} prompt tokens to compute of {} ({:.1f}x saved by sharing)\n",
             format_count(static_cast<double>(plan.prompt_tokens)),
             format_count(static_cast<double>(plan.unshared_tokens)),
             static_cast<double>(plan.unshared_tokens) / static_cast<double>(std::max<int64_t>(1, plan.prompt_tokens)));
  fmt::print("memory     {:.2f} GiB weights, {:.2f} GiB key-value cache at most\n",
             static_cast<double>(plan.weight_bytes) / (1 << 30), static_cast<double>(plan.cache_bytes) / (1 << 30));
  fmt::print("time       {} {}\n", plan.generated_tokens > 0 ? "at most about" : "about", format_duration(seconds));
  if (plan.truncated > 0) fmt::print("truncated  {} requests lose their left end to fit the context\n", plan.truncated);
}

}  // namespace assay::harness

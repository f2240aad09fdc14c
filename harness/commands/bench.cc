// `assay bench`: the engine's speed on this machine, as a share of its measured limits.
#include "harness/bench.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "harness/commands/commands.h"
#include "harness/commands/options.h"
#include "reports/table.h"

namespace assay::harness {
namespace {

// A share that is printed as more than 100 % means that the limit was measured badly (a busy neighbour, a cache that
// the system does not tell of), and the shares are worth nothing.
constexpr double kShareOfBadLimit = 1.005;

void print_json(const BenchResult& result) {
  nlohmann::ordered_json json;
  json["kernels"] = result.kernels;
  json["dtype"] = result.dtype;
  json["threads"] = result.threads;
  json["peak_gflops"] = result.peak_gflops;
  json["read_gb_per_second"] = result.read_gb_per_second;
  if (result.prompt_tokens_per_second) json["prompt_tokens_per_second"] = *result.prompt_tokens_per_second;
  if (result.generation_tokens_per_second) json["generation_tokens_per_second"] = *result.generation_tokens_per_second;
  for (const BenchRow& row : result.rows) {
    json["rows"].push_back({{"what", row.what}, {"value", row.value}, {"unit", row.unit}, {"share", row.share}});
  }
  fmt::print("{}\n", json.dump(1));
}

void print_table(const BenchResult& result) {
  fmt::print("kernels {}, {}, {} threads\n", result.kernels, result.dtype, result.threads);
  reports::Table table({"", "measured", "", "of the limit"}, {0, 2});
  table.add({"limit: multiply-adds", fmt::format("{:.1f}", result.peak_gflops), "GFLOP/s", ""});
  table.add({"limit: reading memory", fmt::format("{:.1f}", result.read_gb_per_second), "GB/s", ""});
  for (const BenchRow& row : result.rows) {
    table.add({row.what, fmt::format("{:.1f}", row.value), row.unit,
               std::isnan(row.share) ? "-" : fmt::format("{:.0f} %", 100 * row.share)});
  }
  fmt::print("{}", table.text());
}

}  // namespace

void add_bench(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("bench", "Measure the engine's speed as a share of this machine's limits");
  command->footer("Example:\n  assay bench --model ./SmolLM2-135M-Instruct --dtype bf16");
  auto options = std::make_shared<BenchOptions>();
  command->add_option("--model", options->model, "Time this model too");
  add_choice(*command, "--dtype", options->dtype, {"auto", "f32", "bf16", "f16"},
             "Of weights and of the inputs of matrix products");
  add_choice(*command, "--kernels", options->kernels, {"auto", "scalar", "avx2", "avx512", "avx512bf16", "amx"},
             "The highest kernel set allowed");
  command->add_option("--threads", options->threads, "Default: all that the process may use");
  const auto json = add_json(*command);
  command->callback([=, &action] {
    action = [=] {
      const BenchResult result = run_bench(*options);
      *json ? print_json(result) : print_table(result);
      for (const BenchRow& row : result.rows) {
        if (row.share > kShareOfBadLimit) {
          fail(ExitCode::kInternal,
               "{}: {:.0f} % of its limit: the limit was measured badly; run it again on a quiet machine", row.what,
               100 * row.share);
        }
      }
      return ExitCode::kDone;
    };
  });
}

}  // namespace assay::harness

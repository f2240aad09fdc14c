// `assay datasets pull` and `bundle`: benchmark data onto this machine, and from it to one without a network.
#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "base/text.h"
#include "datasets/bundle.h"
#include "datasets/folders.h"
#include "datasets/pull.h"
#include "harness/commands/datasets.h"
#include "harness/commands/options.h"
#include "harness/progress.h"
#include "harness/signals.h"

namespace assay::harness {
namespace {

struct PullOptions {
  std::vector<std::string> wanted;
  std::optional<std::string> to;
  std::string from;
  bool force = false;
  double stall_seconds = datasets::Patience{}.stall_seconds;
  bool quiet = false;
};

// Bytes, rate and time left of the file that is being fetched.
class FetchProgress {
 public:
  explicit FetchProgress(bool quiet) : line_(quiet) {}

  void update(const std::string& name, int64_t done, int64_t total) {
    if (name != name_ || done < begin_) {
      name_ = name;
      begin_ = done;
      started_ = Clock::now();
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - started_).count();
    const double rate = seconds > 0 ? static_cast<double>(done - begin_) / seconds : 0;
    std::string text = fmt::format("{}  {}", name, format_bytes(done));
    if (total > 0) text += " of " + format_bytes(total);
    if (rate > 0) text += fmt::format("  {}/s", format_bytes(static_cast<int64_t>(rate)));
    if (rate > 0 && total > done) {
      text += fmt::format("  {} left", format_duration(static_cast<double>(total - done) / rate));
    }
    line_.update(text);
  }
  void clear() { line_.clear(); }

 private:
  using Clock = std::chrono::steady_clock;
  ProgressLine line_;
  std::string name_;
  int64_t begin_ = 0;
  Clock::time_point started_ = Clock::now();
};

// One line a failure, but not a hundred where the network is down.
void tell(const std::vector<Error>& failures) {
  constexpr size_t kMost = 8;
  for (size_t i = 0; i < std::min(failures.size(), kMost); ++i) log_warning(failures[i].what());
  if (failures.size() > kMost) log_warning(fmt::format("and {} more like these", failures.size() - kMost));
}

ExitCode run_pull(const PullOptions& options, bool json) {
  const std::vector<datasets::Benchmark> wanted = datasets::choose(datasets::benchmarks(), options.wanted);
  datasets::Patience patience;
  patience.stall_seconds = options.stall_seconds;
  const auto origin = datasets::open_origin(options.from, patience);
  const std::filesystem::path folder = datasets::folder_to_fill(options.to);
  const StopRequest stop;
  FetchProgress progress(options.quiet || json);
  const datasets::Watch watch{
      &stop.flag(), [&](const std::string& name, int64_t done, int64_t total) { progress.update(name, done, total); }};
  const datasets::PullReport report = datasets::pull(wanted, *origin, folder, options.force, watch);
  progress.clear();
  tell(report.failures);
  if (json) {
    nlohmann::ordered_json failed = nlohmann::ordered_json::array();
    for (const Error& failure : report.failures) failed.push_back(printable(failure.what()));
    const nlohmann::ordered_json object = {{"folder", folder.string()},
                                           {"present", report.present},
                                           {"fetched", report.fetched},
                                           {"fetched_bytes", report.fetched_bytes},
                                           {"failed", failed}};
    fmt::print("{}\n", object.dump(1));
  } else {
    fmt::print("{}: {} files fetched ({}), {} were there\n", folder.string(), report.fetched,
               format_bytes(report.fetched_bytes), report.present);
  }
  if (report.failures.empty()) return ExitCode::kDone;
  log_note("not everything was fetched; what was is right, and the same command fetches the rest");
  return report.failures.front().code();
}

ExitCode run_bundle(const std::vector<std::string>& wanted, const std::optional<std::string>& data_dir,
                    const std::string& out, bool json) {
  const std::vector<std::string> folders = data_folder_names(data_dir);
  std::vector<datasets::BundleItem> items;
  std::vector<std::string> names;
  for (const datasets::Benchmark& benchmark : datasets::choose(datasets::benchmarks(), wanted)) {
    const std::string folder = folder_of(folders, benchmark.name);
    if (folder.empty() && wanted.empty()) continue;
    items.push_back({benchmark, folder.empty() ? folders.front() : folder});
    names.push_back(benchmark.name);
  }
  if (items.empty()) {
    fail(ExitCode::kUnavailable,
         "no benchmark data in {}; fetch it with `assay datasets pull`, or name its folder with "
         "--data-dir",
         join(folders, ", "));
  }
  const StopRequest stop;
  const datasets::BundleReport report = datasets::write_bundle(items, out, {&stop.flag(), nullptr});
  if (json) {
    const nlohmann::ordered_json object = {{"out", out},
                                           {"benchmarks", names},
                                           {"files", report.files},
                                           {"bytes", report.bytes},
                                           {"packed", report.packed}};
    fmt::print("{}\n", object.dump(1));
  } else {
    fmt::print("{}: {} files of {} ({}) in {}; read it with `assay datasets pull --from {}`\n", out, report.files,
               join(names, ", "), format_bytes(report.bytes), format_bytes(report.packed), out);
  }
  return ExitCode::kDone;
}

}  // namespace

std::string format_bytes(int64_t bytes) {
  const auto value = static_cast<double>(bytes);
  if (value >= 1e9) return fmt::format("{:.2f} GB", value / 1e9);
  if (value >= 1e6) return fmt::format("{:.1f} MB", value / 1e6);
  if (value >= 1e3) return fmt::format("{:.1f} kB", value / 1e3);
  return fmt::format("{} bytes", bytes);
}

void add_pull(CLI::App& command, Action& action) {
  CLI::App* pull = command.add_subcommand("pull", "Fetch benchmark data; nothing is kept that is not as published");
  pull->footer(
      "An interrupted download goes on where it stopped. Proxies are taken from https_proxy, http_proxy and "
      "no_proxy.\n\n"
      "Examples:\n  assay datasets pull gsm8k humaneval\n  assay datasets pull --to ./data\n"
      "  assay datasets pull --from benchmarks.tar.gz");
  auto options = std::make_shared<PullOptions>();
  pull->add_option("BENCHMARK", options->wanted, "Benchmarks (default: all; `assay datasets list` names them)");
  pull->add_option("--from", options->from,
                   "Instead of the authors' addresses: a folder or an address with a data folder's layout, a folder "
                   "with the authors' archives, or a bundle")
      ->type_name("DIR|URL|BUNDLE");
  pull->add_option("--to,--data-dir", options->to,
                   "The folder to fill (default: ASSAY_DATA_DIR, else ~/.local/share/assay/datasets)")
      ->type_name("DIR");
  pull->add_flag("--force", options->force, "Replace files that are there and differ from the published ones");
  pull->add_option("--timeout", options->stall_seconds, "Seconds without a byte after which a connection is given up")
      ->check(CLI::Range(1.0, 3600.0))
      ->capture_default_str()
      ->type_name("S");
  pull->add_flag("--quiet", options->quiet, "No progress line");
  const auto json = add_json(*pull);
  pull->callback([=, &action] { action = [=] { return run_pull(*options, *json); }; });
}

void add_bundle(CLI::App& command, Action& action) {
  CLI::App* bundle =
      command.add_subcommand("bundle", "Pack verified data into one file, for machines without a network");
  bundle->footer(
      "Examples:\n  assay datasets bundle --out benchmarks.tar.gz\n"
      "  assay datasets bundle gsm8k --data-dir ./data --out gsm8k.tar.gz");
  auto wanted = std::make_shared<std::vector<std::string>>();
  auto data_dir = std::make_shared<std::optional<std::string>>();
  auto out = std::make_shared<std::string>();
  bundle->add_option("BENCHMARK", *wanted, "Benchmarks (default: all that are found)");
  bundle->add_option("--out", *out, "The bundle to write")->required()->type_name("FILE.tar.gz");
  add_data_dir(*bundle, *data_dir);
  const auto json = add_json(*bundle);
  bundle->callback([=, &action] { action = [=] { return run_bundle(*wanted, *data_dir, *out, *json); }; });
}

}  // namespace assay::harness

// `assay doctor`: what this machine offers, and what mends what is missing.
#include <sys/sysinfo.h>

#include <filesystem>
#include <thread>

#include "base/text.h"
#include "datasets/verify.h"
#include "engine/device/cpu/cpu_device.h"
#include "harness/commands/commands.h"
#include "harness/commands/options.h"
#include "harness/version.h"
#include "reports/table.h"
#include "sandbox/jail.h"
#include "store/store.h"

namespace assay::harness {
namespace {

struct Finding {
  std::string what;
  std::string found;
  std::string mend;  // empty: nothing to mend
};

Finding find_memory() {
  struct sysinfo info {};
  sysinfo(&info);
  return {"memory", fmt::format("{:.1f} GiB", static_cast<double>(info.totalram) * info.mem_unit / (1 << 30)), ""};
}

Finding find_dataset(const std::vector<std::string>& folders, const std::string& dataset) {
  for (const std::string& folder : folders) {
    if (std::filesystem::exists(std::filesystem::path(folder) / dataset)) return {"data: " + dataset, folder, ""};
  }
  return {"data: " + dataset, "not found in " + join(folders, ", "),
          fmt::format("assay datasets pull {}   (or name the folder that has it with --data-dir)", dataset)};
}

Finding find_sandbox() {
  std::string missing;
  for (const bool reduced : {false, true}) {
    try {
      sandbox::JailOptions options;
      options.reduced = reduced;
      sandbox::Jail jail(options);
      jail.warm();
      return {"sandbox",
              fmt::format("{}: {}; python {}", reduced ? "reduced" : "full", join(jail.layers(), ", "), jail.python()),
              missing};
    } catch (const Error& error) {
      if (missing.empty()) missing = error.what();
    }
  }
  return {"sandbox", "none: programs of HumanEval are stored with --no-execute only", missing};
}

Finding find_database(const std::string& path) {
  std::error_code unknown;
  if (!std::filesystem::exists(path, unknown)) return {"database", path + " does not exist yet", ""};
  try {
    const store::Store store(path, store::Store::Mode::kRead);
    return {"database", fmt::format("{} with {} runs", path, store.runs().size()), ""};
  } catch (const Error& error) {
    return {"database", error.what(), "name another with --db"};
  }
}

ExitCode examine(const std::string& database, const std::optional<std::string>& data_dir, bool json) {
  const std::vector<std::string> sets = engine::cpu_kernel_sets();
  std::vector<Finding> findings{
      {"version", fmt::format("assay {}, {}", kVersion, kCompiler), ""},
      {"processor", fmt::format("{} threads; kernels {}", std::thread::hardware_concurrency(), join(sets, ", ")), ""},
      find_memory(),
      {"GPU", "not used by this version", ""},
      find_sandbox(),
      find_database(database)};
  for (const std::string& dataset : datasets::pinned_datasets()) {
    findings.push_back(find_dataset(data_folder_names(data_dir), dataset));
  }
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  reports::Table table({"", ""}, {0, 1});
  for (const Finding& finding : findings) {
    table.add({finding.what, finding.found});
    if (!finding.mend.empty()) table.add({"", "-> " + finding.mend});
    list.push_back({{"what", finding.what}, {"found", finding.found}, {"mend", finding.mend}});
  }
  fmt::print("{}", json ? list.dump(1) + "\n" : table.text());
  return ExitCode::kDone;
}

}  // namespace

void add_doctor(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("doctor", "What was found on this machine, and what mends what is missing");
  command->footer("Example:\n  assay doctor");
  const auto database = add_database(*command);
  auto data_dir = std::make_shared<std::optional<std::string>>();
  add_data_dir(*command, *data_dir);
  const auto json = add_json(*command);
  command->callback([=, &action] { action = [=] { return examine(*database, *data_dir, *json); }; });
}

}  // namespace assay::harness

// `assay datasets`: whether the benchmark data is what its authors published.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "base/text.h"
#include "datasets/verify.h"
#include "harness/commands/commands.h"
#include "harness/commands/options.h"
#include "reports/table.h"

namespace assay::harness {
namespace {

using datasets::FileCheck;
using datasets::FileState;

struct Tally {
  int ok = 0;
  int differs = 0;
  int missing = 0;
};

Tally tally_of(const std::vector<FileCheck>& checks) {
  Tally tally;
  for (const FileCheck& check : checks) {
    tally.ok += check.state == FileState::kOk;
    tally.differs += check.state == FileState::kDiffers;
    tally.missing += check.state == FileState::kMissing;
  }
  return tally;
}

// The first of the folders that has any file of the data set; empty where none does.
std::string folder_of(const std::vector<std::string>& folders, const std::string& dataset) {
  for (const std::string& folder : folders) {
    if (std::filesystem::exists(std::filesystem::path(folder) / dataset)) return folder;
  }
  return "";
}

ExitCode verify(const std::optional<std::string>& data_dir, const std::vector<std::string>& wanted, bool json) {
  const std::vector<std::string> folders = data_folder_names(data_dir);
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  reports::Table table({"data set", "folder", "ok", "differ", "missing"}, {0, 1});
  int found = 0;
  int wrong = 0;
  for (const std::string& dataset : wanted.empty() ? datasets::pinned_datasets() : wanted) {
    const std::string folder = folder_of(folders, dataset);
    if (folder.empty() && wanted.empty()) {
      table.add({dataset, "not found"});
      list.push_back({{"dataset", dataset}, {"folder", nullptr}});
      continue;
    }
    const std::vector<FileCheck> checks = datasets::verify_folder(folder.empty() ? folders.front() : folder, dataset);
    const Tally tally = tally_of(checks);
    table.add({dataset, folder.empty() ? folders.front() : folder, std::to_string(tally.ok),
               std::to_string(tally.differs), std::to_string(tally.missing)});
    nlohmann::ordered_json problems = nlohmann::ordered_json::array();
    for (const FileCheck& check : checks) {
      if (check.state == FileState::kOk) continue;
      const bool missing = check.state == FileState::kMissing;
      log_warning(missing ? fmt::format("{} is missing", check.file.path)
                          : fmt::format("{} differs: its SHA-256 is {}, published is {}; fetch it again",
                                        check.file.path, check.found_sha256, check.file.sha256));
      problems.push_back({{"file", check.file.path}, {"state", missing ? "missing" : "differs"}});
    }
    list.push_back({{"dataset", dataset},
                    {"folder", folder},
                    {"ok", tally.ok},
                    {"differ", tally.differs},
                    {"missing", tally.missing},
                    {"problems", problems}});
    ++found;
    wrong += tally.differs + tally.missing;
  }
  if (found == 0) {
    fail(ExitCode::kUnavailable, "no benchmark data in {}; name its folder with --data-dir", join(folders, ", "));
  }
  fmt::print("{}", json ? list.dump(1) + "\n" : table.text());
  return wrong == 0 ? ExitCode::kDone : ExitCode::kCheckFailed;
}

}  // namespace

void add_datasets(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("datasets", "Check benchmark data");
  command->require_subcommand(1);
  CLI::App* check = command->add_subcommand("verify", "Compare every file with its published SHA-256");
  check->footer("Example:\n  assay datasets verify --data-dir ./data");
  auto data_dir = std::make_shared<std::optional<std::string>>();
  auto wanted = std::make_shared<std::vector<std::string>>();
  check->add_option("DATASET", *wanted, "Data sets (default: all that are found)");
  add_data_dir(*check, *data_dir);
  const auto json = add_json(*check);
  check->callback([=, &action] { action = [=] { return verify(*data_dir, *wanted, *json); }; });
}

}  // namespace assay::harness

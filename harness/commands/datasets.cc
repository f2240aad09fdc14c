// `assay datasets list` and `verify`: which benchmark data is here, and whether it is what its authors published.
#include "harness/commands/datasets.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "base/text.h"
#include "datasets/sources.h"
#include "datasets/verify.h"
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

// What of a benchmark is there, by name and size: `verify` is for the content.
struct Presence {
  size_t files = 0;
  bool whole = true;  // of a gzip file and what it unpacks to one is enough
};

Presence presence_of(const std::filesystem::path& folder, const datasets::Benchmark& benchmark) {
  Presence presence;
  for (const datasets::Download& download : benchmark.downloads) {
    size_t present = 0;
    for (const datasets::SourceFile& file : download.files) {
      std::error_code missing;
      const auto size = std::filesystem::file_size(folder / file.path, missing);
      present += !missing && size == static_cast<uintmax_t>(file.bytes);
    }
    presence.files += present;
    const size_t needed = download.packing == datasets::Packing::kGzip ? 1 : download.files.size();
    presence.whole = presence.whole && present >= needed;
  }
  return presence;
}

nlohmann::ordered_json sources_json(const datasets::Benchmark& benchmark) {
  nlohmann::ordered_json sources = nlohmann::ordered_json::array();
  for (const datasets::Download& download : benchmark.downloads) {
    nlohmann::ordered_json files = nlohmann::ordered_json::array();
    for (const datasets::SourceFile& file : download.files) {
      files.push_back({{"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}});
    }
    sources.push_back({{"addresses", download.addresses},
                       {"compiled_in", download.packing == datasets::Packing::kCompiledIn},
                       {"download_bytes", download.bytes},
                       {"tried", download.tried},
                       {"files", files}});
  }
  return sources;
}

// Of what has to be fetched, about.
int64_t download_bytes(const datasets::Benchmark& benchmark) {
  int64_t sum = 0;
  for (const datasets::Download& download : benchmark.downloads) {
    if (download.packing != datasets::Packing::kCompiledIn) sum += download.bytes;
  }
  return sum;
}

ExitCode list_datasets(const std::optional<std::string>& data_dir, bool json) {
  const std::vector<std::string> folders = data_folder_names(data_dir);
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  reports::Table table({"data set", "files", "size", "download", "here", "folder", "licence"}, {0, 4, 5, 6});
  std::vector<std::string> untried;
  for (const datasets::Benchmark& benchmark : datasets::benchmarks()) {
    const std::string folder = folder_of(folders, benchmark.name);
    const Presence here = folder.empty() ? Presence{0, false} : presence_of(folder, benchmark);
    const std::string words = here.whole ? "all" : here.files == 0 ? "none" : fmt::format("{} files", here.files);
    table.add({benchmark.name, std::to_string(benchmark.file_count()), format_bytes(benchmark.bytes()),
               format_bytes(download_bytes(benchmark)), words, folder.empty() ? "-" : folder, benchmark.licence});
    const bool all_tried = std::all_of(benchmark.downloads.begin(), benchmark.downloads.end(),
                                       [](const datasets::Download& download) { return download.tried; });
    if (!all_tried) untried.push_back(benchmark.name);
    list.push_back({{"dataset", benchmark.name},
                    {"title", benchmark.title},
                    {"licence", benchmark.licence},
                    {"homepage", benchmark.homepage},
                    {"files", benchmark.file_count()},
                    {"bytes", benchmark.bytes()},
                    {"download_bytes", download_bytes(benchmark)},
                    {"present", here.files},
                    {"whole", here.whole},
                    {"folder", folder.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(folder)},
                    {"sources", sources_json(benchmark)}});
  }
  fmt::print("{}", json ? list.dump(1) + "\n" : table.text());
  if (!json && !untried.empty()) {
    log_note(
        fmt::format("the authors' addresses of {} are as their documentation gives them and not yet tried with "
                    "this program; whatever does not match its pinned SHA-256 is refused",
                    join(untried, ", ")));
  }
  return ExitCode::kDone;
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
                          : fmt::format("{} differs: its SHA-256 is {}, published is {}; fetch it again "
                                        "with `assay datasets pull {} --force`",
                                        check.file.path, check.found_sha256, check.file.sha256, dataset));
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
    fail(ExitCode::kUnavailable,
         "no benchmark data in {}; fetch it with `assay datasets pull`, or name its folder with --data-dir",
         join(folders, ", "));
  }
  fmt::print("{}", json ? list.dump(1) + "\n" : table.text());
  return wrong == 0 ? ExitCode::kDone : ExitCode::kCheckFailed;
}

void add_list(CLI::App& command, Action& action) {
  CLI::App* list = command.add_subcommand("list", "The data sets with files, sizes and licences, and which are here");
  list->footer("Examples:\n  assay datasets list\n  assay datasets list --json");
  auto data_dir = std::make_shared<std::optional<std::string>>();
  add_data_dir(*list, *data_dir);
  const auto json = add_json(*list);
  list->callback([=, &action] { action = [=] { return list_datasets(*data_dir, *json); }; });
}

void add_verify_data(CLI::App& command, Action& action) {
  CLI::App* check = command.add_subcommand("verify", "Compare every file with its published SHA-256");
  check->footer("Example:\n  assay datasets verify --data-dir ./data");
  auto data_dir = std::make_shared<std::optional<std::string>>();
  auto wanted = std::make_shared<std::vector<std::string>>();
  check->add_option("DATASET", *wanted, "Data sets (default: all that are found)");
  add_data_dir(*check, *data_dir);
  const auto json = add_json(*check);
  check->callback([=, &action] { action = [=] { return verify(*data_dir, *wanted, *json); }; });
}

}  // namespace

std::string folder_of(const std::vector<std::string>& folders, const std::string& dataset) {
  for (const std::string& folder : folders) {
    std::error_code unreadable;
    if (std::filesystem::exists(std::filesystem::path(folder) / dataset, unreadable)) return folder;
  }
  return "";
}

void add_datasets(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("datasets", "Fetch, check and pack benchmark data");
  command->require_subcommand(1);
  add_list(*command, action);
  add_pull(*command, action);
  add_verify_data(*command, action);
  add_bundle(*command, action);
}

}  // namespace assay::harness

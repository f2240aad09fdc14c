#include "harness/commands/options.h"

#include "datasets/folders.h"
#include "tasks/task.h"

namespace assay::harness {

std::shared_ptr<std::string> add_database(CLI::App& command) {
  auto path = std::make_shared<std::string>("assay.db");
  command.add_option("--db", *path, "The database")->envname("ASSAY_DB")->capture_default_str()->type_name("FILE");
  return path;
}

void add_data_dir(CLI::App& command, std::optional<std::string>& value) {
  command
      .add_option("--data-dir", value,
                  "Folders of benchmark data, colon-separated (default: ASSAY_DATA_DIR, else ./data, else "
                  "~/.local/share/assay/datasets; last, the demo's)")
      ->type_name("DIR[:DIR]");
}

std::shared_ptr<bool> add_json(CLI::App& command) {
  auto json = std::make_shared<bool>(false);
  command.add_flag("--json", *json, "Print JSON on standard output");
  return json;
}

CLI::Option* add_choice(CLI::App& command, const std::string& name, std::string& value,
                        const std::vector<std::string>& allowed, const std::string& help) {
  return command.add_option(name, value, help)->check(CLI::IsMember(allowed))->capture_default_str();
}

void add_protocol(CLI::App& command, std::string& value) {
  command
      .add_option("--protocol", value,
                  "How the tasks are asked: lm_eval, llama3, llama3_instruct (which launch_instruct implies)")
      ->capture_default_str();
}

std::string protocol_of(const CLI::App& command, const std::vector<std::string>& tasks, const std::string& value) {
  return command.count("--protocol") > 0 ? value : tasks::implied_protocol(tasks).value_or(value);
}

std::vector<std::string> data_folder_names(const std::optional<std::string>& data_dir) {
  std::vector<std::string> names;
  for (const std::filesystem::path& folder : datasets::data_folders(data_dir)) names.push_back(folder.string());
  return names;
}

}  // namespace assay::harness

// `assay preference verify`: is a sealed file whole, and is the set any good, without showing a word of it.
#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"
#include "datasets/sealed/set_report.h"
#include "harness/commands/options.h"
#include "harness/commands/preference.h"
#include "harness/preference/hidden_set.h"
#include "reports/table.h"

namespace assay::harness {
namespace {

namespace fs = std::filesystem;
using datasets::SetReport;
using Json = nlohmann::ordered_json;

struct VerifyArguments {
  HiddenSetOptions set;
  std::string public_folder;
  std::optional<std::string> data_dir;
};

// The folder that was named, else `prompts` of the data folders, if there is one.
fs::path public_prompts(const VerifyArguments& arguments) {
  if (!arguments.public_folder.empty()) return arguments.public_folder;
  for (const std::string& folder : data_folder_names(arguments.data_dir)) {
    std::error_code unreadable;
    if (fs::is_directory(fs::path(folder) / "prompts", unreadable)) return fs::path(folder) / "prompts";
  }
  return {};
}

Json to_json(const datasets::Lengths& lengths) {
  return {{"prompts", lengths.prompts}, {"words", lengths.words}};
}

Json to_json(const std::vector<datasets::IdPair>& pairs) {
  Json list = Json::array();
  for (const datasets::IdPair& pair : pairs) list.push_back({{"a", pair.a}, {"b", pair.b}, {"jaccard", pair.jaccard}});
  return list;
}

Json to_json(const std::vector<datasets::IdFinding>& findings) {
  Json list = Json::array();
  for (const datasets::IdFinding& finding : findings) list.push_back({{"id", finding.id}, {"what", finding.what}});
  return list;
}

Json header_json(const datasets::SealedFile& file) {
  Json slots = Json::array();
  for (const datasets::Slot& slot : file.slots) {
    slots.push_back({{"role", to_string(slot.role)},
                     {"name", slot.name},
                     {"kind", slot.public_key.empty() ? "passphrase" : "public key"}});
  }
  return {{"file", file.origin},
          {"set", file.set},
          {"name", file.name},
          {"canary", file.canary},
          {"prompts", file.lines.size()},
          {"categories", file.categories},
          {"merkle_root", file.merkle_root},
          {"slots", slots}};
}

Json report_json(const SetReport& report) {
  Json categories = Json::object();
  for (const auto& [name, lengths] : report.categories) categories[name] = to_json(lengths);
  return {{"all", to_json(report.all)},
          {"categories", categories},
          {"languages", report.languages},
          {"difficulties", report.difficulties},
          {"with_note", report.with_note},
          {"nearest", to_json(std::vector{report.nearest})},
          {"near_duplicates", to_json(report.near_duplicates)},
          {"same_beginning", to_json(report.same_beginning)},
          {"personal_data", to_json(report.personal_data)},
          {"public_overlaps", to_json(report.public_overlaps)},
          {"public_files", report.public_files},
          {"public_texts", report.public_texts}};
}

std::string counts_text(const std::map<std::string, int>& counts) {
  std::vector<std::string> parts;
  for (const auto& [name, count] : counts) parts.push_back(fmt::format("{} {}", name, count));
  return join(parts, ", ");
}

void add_row(reports::Table& table, const std::string& name, const datasets::Lengths& lengths) {
  std::vector<std::string> row = {name, std::to_string(lengths.prompts)};
  for (const int words : lengths.words) row.push_back(std::to_string(words));
  table.add(row);
}

void print_pairs(const char* what, const std::vector<datasets::IdPair>& pairs) {
  if (pairs.empty()) return;
  std::vector<std::string> names;
  for (const datasets::IdPair& pair : pairs) names.push_back(pair.a + " and " + pair.b);
  log_warning(fmt::format("{}: {}", what, some_of(names)));
}

void print_findings(const char* what, const std::vector<datasets::IdFinding>& findings) {
  if (findings.empty()) return;
  std::vector<std::string> names;
  for (const datasets::IdFinding& finding : findings) names.push_back(fmt::format("{} ({})", finding.id, finding.what));
  log_warning(fmt::format("{}: {}", what, some_of(names)));
}

void print_report(const SetReport& report) {
  reports::Table table({"category", "prompts", "fewest words", "quartile", "median", "quartile", "most"});
  for (const auto& [name, lengths] : report.categories) add_row(table, name, lengths);
  add_row(table, "all", report.all);
  fmt::print("{}difficulty: {}\nlanguages: {}\nwith a note for raters: {}\n", table.text(),
             counts_text(report.difficulties), counts_text(report.languages), report.with_note);
  fmt::print("near-duplicates (Jaccard of {}-word runs above {}): {}", datasets::kNearWords, datasets::kNearest,
             report.near_duplicates.size());
  if (!report.nearest.a.empty()) {
    fmt::print("; the nearest, {} and {}, have {:.3f}", report.nearest.a, report.nearest.b, report.nearest.jaccard);
  }
  fmt::print("\nsame first {} words: {}\npersonal data: {}\n", datasets::kBeginningWords, report.same_beginning.size(),
             report.personal_data.size());
  if (report.public_files == 0) {
    fmt::print("overlap with public prompts: not compared; name their folder with --public\n");
  } else {
    fmt::print("overlap with public prompts ({} words in a row; {} texts in {} files): {}\n", datasets::kCopiedWords,
               report.public_texts, report.public_files, report.public_overlaps.size());
  }
  print_pairs("near-duplicates", report.near_duplicates);
  print_pairs("same beginning", report.same_beginning);
  print_findings("personal data", report.personal_data);
  print_findings("in public sets", report.public_overlaps);
}

ExitCode verify_hidden_set(const VerifyArguments& arguments, bool json) {
  guard_memory();
  datasets::SealedFile file = datasets::read_sealed_file(hidden_set_file(arguments.set));
  datasets::Credentials credentials = read_credentials(arguments.set);
  const bool nothing_given = credentials.passphrase.empty() && credentials.keys.public_key.empty();
  if (nothing_given && is_shipped(file)) credentials.passphrase = Secret(std::string_view(kShippedPassphrase));
  const bool opens = !nothing_given || is_shipped(file);
  Json printed = header_json(file);
  if (!json) {
    fmt::print("{}: {}, {} prompts in {} categories, set {}, root {}\n", file.origin, printable(file.name),
               file.lines.size(), file.categories.size(), file.set, file.merkle_root);
  }
  if (!opens) {
    printed["opened"] = false;
    fmt::print("{}",
               json ? printed.dump(1) + "\n"
                    : "hash, root and counts are right; without a passphrase or key nothing else can be checked\n");
    return ExitCode::kDone;
  }
  const datasets::OpenedSet set = datasets::open_set(std::move(file), credentials);
  const SetReport report = datasets::report_on(set.prompts, public_prompts(arguments));
  printed["opened"] = true;
  printed["report"] = report_json(report);
  if (json) {
    fmt::print("{}\n", printed.dump(1));
  } else {
    fmt::print("every prompt opens and is the one of its commitment\n");
    print_report(report);
  }
  return report.clean() ? ExitCode::kDone : ExitCode::kCheckFailed;
}

}  // namespace

void add_preference_verify(CLI::App& command, Action& action) {
  CLI::App* verify = command.add_subcommand("verify", "Check a sealed set, and report on its quality without its text");
  verify->footer(
      "Without passphrase or key only what stands in the clear is checked (of the set that comes with assay, whose\n"
      "passphrase is published, everything). Exit code 1: something was found; 65: the file is damaged.\n"
      "Examples:\n"
      "  assay preference verify\n"
      "  assay preference verify --set ours.sealed --key ann.key --public ./data/prompts --json");
  auto arguments = std::make_shared<VerifyArguments>();
  add_hidden_set(*verify, arguments->set);
  verify
      ->add_option("--public", arguments->public_folder,
                   "Compare with every .jsonl of public prompts below it (default: prompts/ of the data folders)")
      ->type_name("DIR");
  add_data_dir(*verify, arguments->data_dir);
  const auto json = add_json(*verify);
  verify->callback([=, &action] { action = [=] { return verify_hidden_set(*arguments, *json); }; });
}

}  // namespace assay::harness

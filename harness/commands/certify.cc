// `assay certify`: a run as something that others can check.
#include <filesystem>
#include <sstream>

#include "base/file.h"
#include "base/log.h"
#include "harness/certificate.h"
#include "harness/commands/commands.h"
#include "harness/commands/options.h"
#include "store/export.h"

namespace assay::harness {
namespace {

std::vector<std::string> stable_lines(const store::Store& store, const store::RunInfo& run) {
  store::ExportOptions options;
  options.stable = true;
  std::ostringstream text;
  store::export_runs(store, {run}, text, options);
  std::vector<std::string> lines;
  for (std::string_view line : split_lines(text.view())) lines.emplace_back(line);
  return lines;
}

ExitCode certify_command(const std::string& database, const std::string& name, const std::string& out, bool json) {
  const std::string samples = out + ".samples.jsonl";
  for (const std::string& file : {out, samples}) {
    if (!std::filesystem::exists(file)) continue;
    fail(ExitCode::kUsage,
         "{} exists, and a new certificate has new salts and so another root; name another file, or remove this one",
         file);
  }
  const store::Store store(database, store::Store::Mode::kRead);
  const store::Run run = store.load_run(store.resolve_one(name).number);
  std::vector<std::string> lines = stable_lines(store, run.info);
  const Certificate certificate = make_certificate(run, lines);
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  // The samples first: where there is a certificate, they are there too.
  write_file_atomically(samples, text);
  write_file_atomically(out, certificate_text(certificate));
  log_note(
      fmt::format("{} samples of run {} ({}/{}) certified in {} and {}; publish the root where you cannot change it",
                  lines.size(), run.info.number, run.info.batch, run.info.task, out, samples));
  if (json) {
    const store::Json shown = {
        {"root", certificate.root}, {"certificate", out}, {"samples", samples}, {"n", certificate.n}};
    fmt::print("{}\n", shown.dump(1));
  } else {
    fmt::print("root {}\n", certificate.root);
  }
  return ExitCode::kDone;
}

}  // namespace

void add_certify(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("certify", "Write a certificate of a run that others can check");
  command->footer(
      "Examples:\n"
      "  assay certify night-12/mmlu --out mmlu.cert.json\n"
      "  assay verify mmlu.cert.json --samples mmlu.cert.json.samples.jsonl\n\n"
      "Writes FILE and FILE.samples.jsonl. The manifest in it names the host and the model's path. What a certificate\n"
      "proves and what not: docs/certificates.md.");
  auto name = std::make_shared<std::string>();
  auto out = std::make_shared<std::string>();
  command->add_option("RUN", *name, "A run's number, NAME/TASK, or a NAME with one run")->required();
  command->add_option("--out", *out, "The certificate to write")->required()->type_name("FILE");
  const auto database = add_database(*command);
  const auto json = add_json(*command);
  command->callback([=, &action] { action = [=] { return certify_command(*database, *name, *out, *json); }; });
}

}  // namespace assay::harness

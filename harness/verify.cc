#include "harness/verify.h"

#include <algorithm>

#include "base/entropy.h"
#include "base/file.h"
#include "harness/rerun_report.h"

namespace assay::harness {
namespace {

constexpr size_t kShownMismatches = 10;

void check_root(const std::string& published, Verification& verification) {
  if (published.empty()) return;
  verification.root_given = true;
  if (verification.certificate.root != published) {
    verification.check.mismatches.push_back(
        fmt::format("root: the certificate's is {}, the published one {}: it is another certificate",
                    verification.certificate.root, published));
  }
  verification.check.checked.emplace_back("the root against the published one");
}

void ask_again(const VerifyOptions& options, const std::vector<SampleLine>& lines, const CertifiedTask& task,
               const std::atomic<bool>& stop, Verification& verification) {
  const Certificate& certificate = verification.certificate;
  Verification::Model model;
  model.seed = options.seed.value_or(random_seed());
  const std::vector<Rerun> samples = choose_certified(certificate, lines, task, options.items, model.seed);
  engine::EngineOptions how;
  how.tokenizer = options.tokenizer;
  how.threads = options.threads;
  engine::Engine engine = open_for_rerun(options.model, how, certificate.manifest, options.machine);
  model.other = other_model(certificate.manifest, engine.facts());
  model.machine = other_machine(certificate.manifest, engine.facts());
  model.build = other_build(certificate.manifest);
  model.kernels = engine.facts().kernels;
  if (!model.machine.empty() || !model.build.empty()) {
    model.tolerance = std::max(rounding_tolerance(engine.facts().dtype),
                               rounding_tolerance(certificate.manifest.at("computed").at("dtype").get<std::string>()));
  }
  if (model.other.empty() || options.ignore_hash) model.result = rerun(engine, samples, model.tolerance, stop);
  verification.model = std::move(model);
}

}  // namespace

ExitCode Verification::exit_code() const {
  if (model && model->result && model->result->interrupted) return ExitCode::kInterrupted;
  const bool other_model = model && !model->result;
  if (!check.mismatches.empty() || other_model) return ExitCode::kCheckFailed;
  if (!model) return ExitCode::kDone;
  if (model->result->failed()) return ExitCode::kCheckFailed;
  return model->result->undecided() ? ExitCode::kInconclusive : ExitCode::kDone;
}

Verification verify(const VerifyOptions& options, const std::atomic<bool>& stop) {
  Verification verification;
  CertificateCheck& check = verification.check;
  verification.certificate = read_certificate(options.certificate);
  const Certificate& certificate = verification.certificate;
  if (!options.model.empty()) refuse_answers_from_elsewhere(certificate.manifest);
  const std::string text =
      read_text_file(options.samples.empty() ? options.certificate + ".samples.jsonl" : options.samples);
  const std::vector<std::string_view> raw = split_lines(text);
  verification.lines = raw.size();

  std::string why;
  const std::optional<TaskScoring> scoring = scoring_of(certificate, options.elsewhere.tasks_dirs, why);
  check_hashes(certificate, raw, scoring, check);
  check_root(options.root, verification);
  // Lines that cannot be read are told by their hashes, unless somebody certified them.
  CertificateCheck unreadable;
  const std::vector<SampleLine> lines = read_sample_lines(raw, unreadable);
  if (check.mismatches.empty()) check.mismatches = unreadable.mismatches;
  if (check.mismatches.empty()) check_agreement(certificate, lines, check);
  if (scoring) {
    if (check.mismatches.empty()) check_scores(lines, *scoring, check);
    check_metrics(certificate, lines, *scoring, check);
  } else {
    check.not_checked.push_back("scores and metrics were not computed again: " + why);
  }
  if (options.model.empty() && !options.data) return verification;
  const CertifiedTask task = render_certified(certificate, lines, options.elsewhere, check);
  if (!options.model.empty()) ask_again(options, lines, task, stop, verification);
  return verification;
}

std::string verification_text(const Verification& verification) {
  const Certificate& certificate = verification.certificate;
  const CertificateCheck& check = verification.check;
  std::string text = fmt::format("{} under {}, {} samples, root {}\n", certificate.task, certificate.protocol,
                                 certificate.n, certificate.root);
  for (const std::string& each : check.checked) text += "Checked: " + each + "\n";
  for (const std::string& each : check.not_checked) text += "Not checked: " + each + "\n";
  if (!verification.root_given) {
    text +=
        "Not checked: the root, since no --root was given. A certificate that was rewritten as a whole is consistent "
        "too; compare the root with one that was published elsewhere.\n";
  }
  if (verification.model) {
    const Verification::Model& model = *verification.model;
    text += facts_text(model.other, model.result.has_value(), model.machine, model.build);
    if (model.result) text += "Asked again: " + result_text(*model.result, model.tolerance, model.kernels);
    text += fmt::format("The samples were chosen by the root and seed {}; the same ones again: --seed {}\n", model.seed,
                        model.seed);
  } else {
    text += "Not checked: that a model gave these answers, since no --model was given\n";
  }
  for (size_t i = 0; i < std::min(kShownMismatches, check.mismatches.size()); ++i) {
    text += "MISMATCH " + check.mismatches[i] + "\n";
  }
  if (check.mismatches.size() > kShownMismatches) {
    text += fmt::format("MISMATCH and {} more\n", check.mismatches.size() - kShownMismatches);
  }
  switch (verification.exit_code()) {
    case ExitCode::kDone:
      return text + "Verified: everything that was checked is as certified\n";
    case ExitCode::kInconclusive:
      return text + "Undecided: nothing is known to be wrong, but not everything could be decided\n";
    case ExitCode::kInterrupted:
      return text + "Interrupted before all samples were asked again\n";
    default:
      return text + fmt::format("NOT verified: {}\n", check.mismatches.empty()
                                                          ? "the model does not give these answers"
                                                          : fmt::format("{} mismatches", check.mismatches.size()));
  }
}

store::Json verification_json(const Verification& verification) {
  const Certificate& certificate = verification.certificate;
  const CertificateCheck& check = verification.check;
  store::Json json;
  json["verified"] = verification.exit_code() == ExitCode::kDone;
  json["task"] = certificate.task;
  json["protocol"] = certificate.protocol;
  json["n"] = certificate.n;
  json["root"] = certificate.root;
  json["root_checked"] = verification.root_given;
  json["checked"] = check.checked;
  json["not_checked"] = check.not_checked;
  json["mismatch_count"] = check.mismatches.size();
  json["mismatches"] = std::vector<std::string>(
      check.mismatches.begin(),
      check.mismatches.begin() + static_cast<ptrdiff_t>(std::min(kShownMismatches, check.mismatches.size())));
  json["model"] = nullptr;
  if (verification.model) {
    const Verification::Model& model = *verification.model;
    json["model"] = {{"seed", model.seed},
                     {"facts", facts_json(model.other, model.machine, model.build)},
                     {"kernels", model.kernels},
                     {"result", model.result ? result_json(*model.result, model.tolerance) : store::Json()}};
  }
  return json;
}

}  // namespace assay::harness

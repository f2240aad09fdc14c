#include "harness/certificate_rerun.h"

#include <map>
#include <set>

#include "base/error.h"
#include "datasets/folders.h"
#include "harness/manifest.h"
#include "tasks/definition.h"

namespace assay::harness {
namespace {

using store::Json;

using Key = std::pair<std::string, int>;  // id and number of the answer

// The subsets that the samples are of: the data's hash is over their files alone. One that the task does not have is
// left out here, and its samples are told below.
std::vector<std::string> certified_subsets(const Certificate& certificate, const std::vector<SampleLine>& lines,
                                           const Elsewhere& elsewhere) {
  const tasks::Registry registry({elsewhere.tasks_dirs.begin(), elsewhere.tasks_dirs.end()});
  std::set<std::string> used;
  for (const SampleLine& line : lines) used.insert(line.plan.subset);
  std::vector<std::string> subsets;
  for (const std::string& subset : registry.find(certificate.task).definition->subsets) {
    if (!subset.empty() && used.contains(subset)) subsets.push_back(subset);
  }
  return subsets;
}

// What the manifest says of how the task was asked. Shots and limit are left to the protocol at first: a manifest has
// one number for all subsets, which may differ by protocol.
RunOptions options_of(const Certificate& certificate, const std::vector<SampleLine>& lines,
                      const Elsewhere& elsewhere) {
  RunOptions options;
  options.tasks = {certificate.task};
  options.protocol = certificate.protocol;
  options.tasks_dirs = elsewhere.tasks_dirs;
  options.subsets = certified_subsets(certificate, lines, elsewhere);
  for (const auto& folder : datasets::data_folders(elsewhere.data_dir)) options.data_dirs.push_back(folder.string());
  const Json decoding = certificate.manifest.at("asked").value("decoding", Json());
  if (!decoding.is_object()) return options;
  const auto samples = decoding.at("samples").get<int64_t>();
  if (samples < 1 || samples > std::ssize(certificate.samples))
    fail_input("asked.decoding.samples of the manifest is {}", samples);
  options.samples = static_cast<int>(samples);
  options.temperature = decoding.at("temperature").get<double>();
  options.top_p = decoding.at("top_p").get<double>();
  if (!decoding.at("seed").is_null()) options.seed = decoding.at("seed").get<uint64_t>();
  check_options([&] {
    RunOptions checked = options;
    checked.model = "certified";
    // Several greedy answers are no use, but they can be certified.
    checked.temperature.reset();
    return checked;
  }());
  return options;
}

// The same with the numbers of the manifest in place of the protocol's.
RunOptions with_numbers(RunOptions options, const Certificate& certificate) {
  const Json& asked = certificate.manifest.at("asked");
  options.shots = asked.at("shots").get<int>();
  const Json decoding = asked.value("decoding", Json());
  if (decoding.is_object()) options.max_tokens = decoding.at("max_tokens").get<int>();
  return options;
}

// Leaves only what the certificate has.
void keep_certified(PreparedRun& run, const std::set<Key>& keys) {
  std::vector<tasks::Item> items;
  std::vector<Ask> asks;
  std::map<size_t, size_t> kept;  // item before -> now
  for (Ask& ask : run.asks) {
    const tasks::Item& item = run.rendered.items[ask.item];
    const auto* generate = std::get_if<engine::GenerateRequest>(&ask.request);
    if (!keys.contains({item.sample.id, generate != nullptr ? static_cast<int>(generate->sampling.repeat) : 0}))
      continue;
    const auto [place, is_new] = kept.try_emplace(ask.item, items.size());
    if (is_new) items.push_back(item);
    asks.push_back({place->second, std::move(ask.request)});
  }
  run.rendered.items = std::move(items);
  run.asks = std::move(asks);
}

void require_same(const Certificate& certificate, const char* field, const std::string& here, const char* what) {
  const Json then = certificate.manifest.at("asked").value(field, Json());
  if (then == here) return;
  fail_input("the {} of {} here is another than the certificate's: asked.{} is {} there and {} here", what,
             certificate.task, field, then.dump(), here);
}

bool asks_the_same(const PreparedRun& run, const Certificate& certificate) {
  return certificate.manifest.at("asked").value("requests_sha256", Json()) == requests_sha256(run);
}

PreparedRun render(const Certificate& certificate, const std::vector<SampleLine>& lines, const Elsewhere& elsewhere,
                   CertificateCheck& check) {
  std::set<Key> keys;
  for (const SampleLine& line : lines) keys.emplace(line.plan.id, line.plan.sample);
  const RunOptions options = options_of(certificate, lines, elsewhere);
  PreparedRun run = std::move(prepare_runs(options).front());
  keep_certified(run, keys);
  if (!asks_the_same(run, certificate)) {
    run = std::move(prepare_runs(with_numbers(options, certificate)).front());
    keep_certified(run, keys);
  }
  // Which files were read depends on the shots, and so does the data's hash.
  require_same(certificate, "task_sha256", run.rendered.definition_sha256, "task file");
  require_same(certificate, "data_sha256", run.rendered.data_sha256, "data");
  if (!asks_the_same(run, certificate)) {
    check.mismatches.push_back(
        "manifest.asked.requests_sha256: task and data, rendered as the manifest says, give other requests for these "
        "samples");
  }
  return run;
}

// The first key of a line that is not as the task has it; empty where all are.
std::string difference(const store::PlannedSample& task, const store::PlannedSample& line) {
  if (task.prompt_sha256 != line.prompt_sha256) return "prompt_sha256";
  if (task.subset != line.subset) return "subset";
  if (task.index != line.index) return "index";
  if (task.kind != line.kind) return "request";
  if (task.continuations != line.continuations) return "continuations";
  if (task.seed != line.seed) return "seed";
  const bool same_gold = task.kind == store::RequestKind::kGenerate ? task.gold.text == line.gold.text
                                                                    : task.gold.choices == line.gold.choices;
  return same_gold ? "" : "gold";
}

}  // namespace

CertifiedTask render_certified(const Certificate& certificate, const std::vector<SampleLine>& lines,
                               const Elsewhere& elsewhere, CertificateCheck& check) {
  const Json& asked = certificate.manifest.at("asked");
  if (certificate.task.starts_with("text:")) {
    fail(ExitCode::kUnavailable, "{}: a text of the user's own cannot be asked again from a certificate",
         certificate.task);
  }
  if (asked.value("chat", Json(false)) != false) {
    fail(ExitCode::kUnavailable,
         "the certificate's run asked with a chat template, whose prompts this version cannot write again from a "
         "certificate");
  }
  CertifiedTask task{[&] {
                       try {
                         return render(certificate, lines, elsewhere, check);
                       } catch (const Json::exception& problem) {
                         fail_input("the certificate's manifest does not say how its task was asked ({})",
                                    problem.what());
                       }
                     }(),
                     {}};
  std::map<Key, size_t> place;
  const std::vector<store::PlannedSample> plans = planned_samples(task.prepared);
  for (size_t i = 0; i < plans.size(); ++i) place[{plans[i].id, plans[i].sample}] = i;
  for (const SampleLine& line : lines) {
    const auto found = place.find({line.plan.id, line.plan.sample});
    task.asks.emplace_back();
    if (found == place.end()) {
      check.mismatches.push_back(fmt::format("sample {}: the task has no such sample", line.name()));
      continue;
    }
    const std::string differs = difference(plans[found->second], line.plan);
    if (!differs.empty()) {
      check.mismatches.push_back(
          fmt::format("sample {}: its {} is not what the task's data gives", line.name(), differs));
    } else {
      task.asks.back() = task.prepared.asks[found->second].request;
    }
  }
  check.checked.push_back(
      fmt::format("prompts, continuations and gold of {} samples against the task's data", lines.size()));
  return task;
}

std::vector<Rerun> choose_certified(const Certificate& certificate, const std::vector<SampleLine>& lines,
                                    const CertifiedTask& task, size_t items, uint64_t seed) {
  std::vector<Rerun> chosen;
  for (size_t i : draw_samples(lines.size(), items, certificate.root + ":" + std::to_string(seed))) {
    if (!task.asks[i]) continue;  // named already
    chosen.push_back({lines[i].name(), *task.asks[i], lines[i].response, lines[i].tokens, lines[i].end_known});
  }
  return chosen;
}

}  // namespace assay::harness

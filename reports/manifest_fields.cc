#include "reports/manifest_fields.h"

#include <algorithm>

#include "base/text.h"

namespace assay::reports {
namespace {

using store::Json;

constexpr FieldKind kBlocking = FieldKind::kBlocking;
constexpr FieldKind kFact = FieldKind::kFact;

const std::vector<ManifestField>& fields() {
  static const std::vector<ManifestField> list = {
      {"asked.task", kBlocking, "compare runs of one task"},
      {"asked.task_version", kBlocking, "run the older one again with this task file"},
      {"asked.task_sha256", kBlocking, "run both with one task file", {"asked.task", "asked.task_version"}},
      // Examples come from a file of their own.
      {"asked.data_sha256", kBlocking, "run both with the same data files", {"asked.protocol", "asked.shots"}},
      {"asked.protocol", kBlocking, "run both under one --protocol"},
      {"asked.shots", kBlocking, "run both with the same --shots", {"asked.protocol"}},
      {"asked.samples", kBlocking, "run both with the same --limit and --subsets"},
      {"asked.samples_sha256", kBlocking, "run both with the same --limit and --subsets", {"asked.samples"}},
      {"asked.requests_sha256",
       kBlocking,
       "run both with the same task file, data and options",
       {"asked.task", "asked.task_version", "asked.task_sha256", "asked.data_sha256", "asked.protocol", "asked.shots",
        "asked.samples", "asked.samples_sha256", "asked.decoding"}},
      {"asked.turns_sha256",
       kBlocking,
       "run both with the same task file, data and options",
       {"asked.task", "asked.task_version", "asked.task_sha256", "asked.data_sha256", "asked.protocol", "asked.shots",
        "asked.samples", "asked.samples_sha256", "asked.decoding", "asked.chat"}},
      {"asked.decoding", kBlocking,
       "run both with the same --samples, --temperature, --top-p, --seed and --max-tokens"},
      {"asked.chat", kBlocking, "run both with the same --chat"},
      {"asked.hidden_set", kBlocking, "run both on one sealed set"},
      {"scored.scorer", kBlocking, "score both alike with `assay rescore`"},
      {"scored.headline", kBlocking, "score both alike with `assay rescore`", {"asked.task_version", "asked.protocol"}},
      {"scored.averaged_subsets",
       kBlocking,
       "score both alike with `assay rescore`",
       {"asked.task_version", "asked.protocol"}},
      {"scored.limits", kBlocking, "execute both with one version of assay"},
      {"computed", kFact, ""},
      {"executed", kFact, ""},
      {"program", kFact, ""},
      {"host", kFact, ""},
      {"model_name", kFact, ""},
      {"imported", kFact, ""},
  };
  return list;
}

// The value at a path; `otherwise` where there is none.
const Json& at_path(const Json& manifest, const std::string& path, const Json& otherwise) {
  const Json* place = &manifest;
  for (const std::string& name : split(path, '.')) {
    if (!place->is_object() || !place->contains(name)) return otherwise;
    place = &place->at(name);
  }
  return *place;
}

const Json kNothing = nullptr;
const Json kUnknown = "unknown";

void collect_paths(const Json& value, const std::string& path, std::vector<std::string>& paths) {
  if (!value.is_object() || value.empty()) {
    paths.push_back(path);
    return;
  }
  for (const auto& [name, below] : value.items()) collect_paths(below, path.empty() ? name : path + "." + name, paths);
}

bool lies_below(const std::string& path, const std::string& field) {
  return path == field || path.starts_with(field + ".");
}

// What differs below `path`: each leaf where both sides are objects, else the two values as they are.
void collect_differences(const ManifestField* field, const std::string& path, const Json& a, const Json& b,
                         std::vector<FieldDifference>& differences) {
  if (a == b) return;
  if (!a.is_object() || !b.is_object()) {
    differences.push_back({field, path, a, b});
    return;
  }
  std::vector<std::string> names;
  for (const Json* side : {&a, &b}) {
    for (const auto& [name, value] : side->items()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  for (const std::string& name : names) {
    collect_differences(field, path + "." + name, at_path(a, name, kNothing), at_path(b, name, kNothing), differences);
  }
}

}  // namespace

bool is_hash(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::span<const ManifestField> manifest_fields() {
  return fields();
}

const ManifestField* manifest_field(const std::string& path) {
  const auto found = std::find_if(fields().begin(), fields().end(),
                                  [&](const ManifestField& field) { return lies_below(path, field.path); });
  return found == fields().end() ? nullptr : &*found;
}

std::vector<std::string> manifest_paths(const Json& manifest) {
  std::vector<std::string> paths;
  collect_paths(manifest, "", paths);
  return paths;
}

std::vector<FieldDifference> manifest_differences(const Json& a, const Json& b) {
  std::vector<FieldDifference> differences;
  for (const ManifestField& field : fields()) {
    // A run of an older version lacks what that version did not record.
    const Json& lacking = field.kind == kBlocking ? kUnknown : kNothing;
    collect_differences(&field, field.path, at_path(a, field.path, lacking), at_path(b, field.path, lacking),
                        differences);
  }
  std::vector<std::string> paths = manifest_paths(a);
  for (std::string& path : manifest_paths(b)) {
    if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(std::move(path));
  }
  for (const std::string& path : paths) {
    if (manifest_field(path) == nullptr) {
      collect_differences(nullptr, path, at_path(a, path, kNothing), at_path(b, path, kNothing), differences);
    }
  }
  return differences;
}

Json manifest_as_scored(const store::Run& run) {
  Json manifest = run.manifest;
  if (!manifest.is_object() || !manifest.contains("scored")) return manifest;
  Json& scorer = manifest["scored"]["scorer"];
  // Scores that came with an import were given by rules that nobody here knows.
  if (run.scorer_version != store::kImportedScores) {
    scorer = run.scorer_version;
  } else {
    scorer = "unknown";
  }
  return manifest;
}

std::string show_value(const Json& value) {
  if (value.is_null()) return "none";
  if (!value.is_string()) return value.dump();
  const std::string& text = value.get_ref<const std::string&>();
  return is_hash(text) ? text.substr(0, 12) + "…" : printable(text);
}

}  // namespace assay::reports

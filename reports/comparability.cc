#include "reports/comparability.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace assay::reports {
namespace {

constexpr char kRequests[] = "asked.requests_sha256";
constexpr char kSamples[] = "asked.samples";

// "asked.decoding.max_tokens" -> "decoding.max_tokens"
std::string short_name(const std::string& path) {
  return path.substr(path.find('.') + 1);
}

// The words that people use for what a hash stands for.
std::string without_hash(std::string name) {
  constexpr std::string_view kHash = "_sha256";
  if (name.ends_with(kHash)) name.resize(name.size() - kHash.size());
  return name;
}

bool covers(const std::string& allowed, const std::string& path) {
  for (const std::string& name : {path, short_name(path), without_hash(short_name(path))}) {
    if (name == allowed || name.starts_with(allowed + ".")) return true;
  }
  return false;
}

bool is_allowed(const std::vector<std::string>& allow, const std::string& path) {
  return std::any_of(allow.begin(), allow.end(), [&](const std::string& name) { return covers(name, path); });
}

std::string some_of(const std::vector<std::string>& ids) {
  constexpr size_t kShown = 3;
  std::vector<std::string> shown(ids.begin(), ids.begin() + static_cast<ptrdiff_t>(std::min(ids.size(), kShown)));
  return join(shown, ", ") + (ids.size() > kShown ? ", …" : "");
}

// Two runs whose dialogues are the same, one of them at least written by a server's own template: how it wrote them
// belongs to the model behind it, and no hash of written prompts can be the same.
bool same_turns(const store::Json& a, const store::Json& b) {
  const auto turns = [](const store::Json& manifest) {
    return manifest.value(store::Json::json_pointer("/asked/turns_sha256"), "");
  };
  const auto by_server = [](const store::Json& manifest) {
    return manifest.value(store::Json::json_pointer("/computed/interface"), "") == "chat completions";
  };
  return !turns(a).empty() && turns(a) == turns(b) && (by_server(a) || by_server(b));
}

class Check {
 public:
  Check(const store::Run& a, const store::Run& b, const Pairing& pairing, const ComparabilityOptions& options)
      : pairing_(pairing), options_(options) {
    differences_ = manifest_differences(manifest_as_scored(a), manifest_as_scored(b));
    same_turns_ = same_turns(a.manifest, b.manifest);
  }

  Comparability result() {
    for (const FieldDifference& difference : differences_) sort_in(difference);
    check_samples();
    check_prompts();
    return std::move(result_);
  }

 private:
  void sort_in(const FieldDifference& difference) {
    if (difference.field == nullptr || difference.field->kind == FieldKind::kFact) {
      result_.facts.push_back(difference);
      return;
    }
    if (difference.unknown()) {
      result_.unknown.push_back(difference);
      return;
    }
    if (follows_another(*difference.field)) return;
    const std::string path = difference.field->path;
    if (path == kRequests && same_turns_) {
      result_.facts.push_back(difference);
      return;
    }
    // What the samples and prompts themselves say is clearer than two hashes.
    if (path == kRequests && !pairing_.other_prompts.empty()) return;
    if (path.starts_with(kSamples) && !(pairing_.only_a.empty() && pairing_.only_b.empty())) return;
    add(difference.path,
        fmt::format("{} is {} and {}", difference.path, show_value(difference.a), show_value(difference.b)),
        difference.field->advice);
  }

  bool follows_another(const ManifestField& field) const {
    return std::any_of(field.follows.begin(), field.follows.end(), [&](const char* cause) { return differs(cause); });
  }

  bool differs(const std::string& path) const {
    return std::any_of(differences_.begin(), differences_.end(), [&](const FieldDifference& difference) {
      return difference.field != nullptr && difference.field->path == path && !difference.unknown();
    });
  }

  void add(const std::string& path, std::string says, const std::string& advice) {
    Obstacle obstacle{without_hash(short_name(path)), std::move(says), advice};
    (is_allowed(options_.allow, path) ? result_.allowed : result_.obstacles).push_back(std::move(obstacle));
  }

  void check_samples() {
    std::vector<std::string> parts;
    const auto say = [&](const std::vector<std::string>& ids, const char* what) {
      if (!ids.empty()) parts.push_back(fmt::format("{} {} ({})", ids.size(), what, some_of(ids)));
    };
    say(pairing_.only_a, "are asked in A alone");
    say(pairing_.only_b, "are asked in B alone");
    const bool other_sets = !parts.empty();
    say(pairing_.unfinished_a, "have no score yet in A");
    if (!options_.unfinished_candidate) say(pairing_.unfinished_b, "have no score yet in B");
    if (parts.empty()) return;
    add(kSamples, "of the samples " + join(parts, " and "),
        other_sets ? "run both with the same --limit and --subsets" : "finish the run with --resume");
  }

  void check_prompts() {
    if (pairing_.other_prompts.empty() || same_turns_) return;
    const ManifestField& field = *manifest_field(kRequests);
    const bool explained = std::any_of(field.follows.begin(), field.follows.end(), [&](const std::string cause) {
      return !cause.starts_with(kSamples) && differs(cause);
    });
    if (explained) return;
    add(kRequests,
        fmt::format("{} of {} prompts differ ({})", pairing_.other_prompts.size(),
                    pairing_.items.size() + std::max(pairing_.unfinished_a.size(), pairing_.unfinished_b.size()),
                    some_of(pairing_.other_prompts)),
        field.advice);
  }

  const Pairing& pairing_;
  const ComparabilityOptions& options_;
  std::vector<FieldDifference> differences_;
  bool same_turns_ = false;
  Comparability result_;
};

std::string name_of(const store::Run& run) {
  return fmt::format("{} ({}/{})", run.info.number, run.info.batch, run.info.task);
}

}  // namespace

void check_allow(const std::vector<std::string>& allow) {
  std::vector<std::string> known;
  for (const ManifestField& field : manifest_fields()) {
    if (field.kind == FieldKind::kBlocking) known.push_back(without_hash(short_name(field.path)));
  }
  for (const std::string& name : allow) {
    const bool blocks =
        std::any_of(manifest_fields().begin(), manifest_fields().end(), [&](const ManifestField& field) {
          if (field.kind != FieldKind::kBlocking) return false;
          // A name below the field: "decoding.max_tokens".
          return covers(name, field.path) || name.starts_with(std::string(field.path) + ".") ||
                 name.starts_with(short_name(field.path) + ".");
        });
    if (blocks) continue;
    const std::string close = nearest(name, known);
    fail(ExitCode::kUsage, "--allow {}: no such field stands in the way of a comparison; {}", name,
         close.empty() ? "those that can are " + join(known, ", ") : "did you mean " + close + "?");
  }
}

Comparability check_comparable(const store::Run& a, const store::Run& b, const Pairing& pairing,
                               const ComparabilityOptions& options) {
  return Check(a, b, pairing, options).result();
}

void require_comparable(const store::Run& a, const store::Run& b, const Pairing& pairing,
                        const Comparability& comparability) {
  const std::string runs = fmt::format("runs {} and {}", name_of(a), name_of(b));
  if (!comparability.obstacles.empty()) {
    std::vector<std::string> parts;
    for (const Obstacle& obstacle : comparability.obstacles) {
      parts.push_back(fmt::format("{} ({}, or --allow {})", obstacle.says, obstacle.advice, obstacle.field));
    }
    fail_input("{} must not be compared: {}", runs, join(parts, "; "));
  }
  if (pairing.items.empty() && pairing.pending.empty()) {
    fail_input("{} have no scored sample in common; compare runs of one task that are finished and scored", runs);
  }
}

}  // namespace assay::reports

// Which fields of a manifest decide whether two runs may be compared, and which are facts of model and machine.
//
// Every field is in exactly one of the two lists (tests/reports/manifest_fields_test.cc): a field that a new version
// adds to the manifest must be given its place here.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/store.h"

namespace assay::reports {

enum class FieldKind {
  kBlocking,  // what was asked or how it was scored: where it differs, the two numbers mean different things
  kFact,      // of model or machine: what a comparison is about; printed, never in the way
};

struct ManifestField {
  const char* path;  // "asked.shots"; an object ("asked.decoding") stands for everything below it
  FieldKind kind;
  const char* advice;  // of a blocking field: what to do about a difference
  // A blocking field that cannot but differ where one of these differs ("asked.task_sha256" where the version was
  // raised): the difference is laid to the cause, and allowed with it.
  std::vector<const char*> follows = {};
};

std::span<const ManifestField> manifest_fields();

// The field that a path of a manifest belongs to, null for one that is in neither list.
const ManifestField* manifest_field(const std::string& path);

// Every path of a manifest that holds no object, "computed.dtype"; an empty object counts as a value.
std::vector<std::string> manifest_paths(const store::Json& manifest);

struct FieldDifference {
  const ManifestField* field = nullptr;  // null: in neither list
  std::string path;                      // the field itself or what differs below it: "asked.decoding.max_tokens"
  store::Json a;                         // null where a manifest lacks it
  store::Json b;
  // One side cannot know it (an import, an endpoint, a file of answers, a run of a version that did not record it):
  // nobody can say whether they differ.
  bool unknown() const { return a == "unknown" || b == "unknown"; }
};

// What differs between two manifests, in the order of manifest_fields(), then what is in neither list.
std::vector<FieldDifference> manifest_differences(const store::Json& a, const store::Json& b);

// The manifest as a comparison sees it: "scored.scorer" is the scoring that the run's metrics come from, which may be
// newer than the run (`assay rescore`); "unknown" where the scores came with an import.
store::Json manifest_as_scored(const store::Run& run);

// Whether `text` is a SHA-256 in hexadecimal digits.
bool is_hash(const std::string& text);

// A value for a message: text without quotes, JSON otherwise, hashes shortened to 12 digits.
std::string show_value(const store::Json& value);

}  // namespace assay::reports

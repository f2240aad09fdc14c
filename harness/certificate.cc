#include "harness/certificate.h"

#include <bit>

#include "base/entropy.h"
#include "base/error.h"
#include "base/file.h"
#include "base/merkle.h"
#include "base/text.h"
#include "store/export.h"

namespace assay::harness {
namespace {

using store::Json;

constexpr int kFormat = 1;
constexpr size_t kSaltBytes = 16;

// docs/certificates.md, "The text of a value". A number with a fraction is told by its bits, so that nobody has to
// write decimals as we do.
std::string value_text(const Json& value) {
  if (value.is_number_float()) return fmt::format("f{:016x}", std::bit_cast<uint64_t>(value.get<double>()));
  std::vector<std::string> parts;
  if (value.is_array()) {
    for (const Json& entry : value) parts.push_back(value_text(entry));
    return fmt::format("[{}]", join(parts, ","));
  }
  if (value.is_object()) {
    for (const auto& [key, entry] : value.items()) {
      parts.push_back(fmt::format("{}:{}", Json(key).dump(), value_text(entry)));
    }
    return fmt::format("{{{}}}", join(parts, ","));
  }
  return value.dump();
}

Certificate::Leaf leaf_of(const std::string& name, const Json& value) {
  return {name, merkle_leaf(name + "=" + value_text(value))};
}

// A leaf for everything in the manifest that is not an object with something in it.
void add_leaves(const std::string& name, const Json& value, std::vector<Certificate::Leaf>& leaves) {
  if (!value.is_object() || value.empty()) {
    leaves.push_back(leaf_of(name, value));
    return;
  }
  for (const auto& [key, entry] : value.items()) {
    // Dots join the names of fields: with one inside a name, two different manifests would have the same leaves.
    if (key.find('.') != std::string::npos)
      fail_input("{}: the field \"{}\" has a dot in its name", name, printable(key));
    add_leaves(name + "." + key, entry, leaves);
  }
}

// Nothing of a certificate lies deeper, and what walks through it need not fear for its stack.
constexpr int kDeepest = 64;

Json parse(const std::string& text, const std::string& where) {
  const auto limit = [&](int depth, Json::parse_event_t, const Json&) {
    if (depth > kDeepest) fail_input("{}: is no certificate: it is nested more than {} deep", where, kDeepest);
    return true;
  };
  Json json = Json::parse(text, limit, /*allow_exceptions=*/false);
  if (!json.is_object()) fail_input("{}: is no certificate: it is not a JSON object, or is cut short", where);
  return json;
}

// The fields of a group of leaves without the group's name, as the file shows them.
Json group(const std::vector<Certificate::Leaf>& leaves, const std::string& name) {
  Json json = Json::object();
  for (const Certificate::Leaf& leaf : leaves) {
    if (leaf.name.starts_with(name + ".")) json[leaf.name.substr(name.size() + 1)] = leaf.hash;
  }
  return json;
}

std::string salted(const std::string& line) {
  return line.substr(0, line.size() - 1) + ",\"salt\":\"" + random_hex(kSaltBytes) + "\"}";
}

// Reads fields of the file, each with its form checked.
class Reader {
 public:
  Reader(const Json& json, std::string where) : json_(json), where_(std::move(where)) {}

  const Json& at(const char* field) const {
    if (!json_.contains(field)) fail_input("{}: the field {} is missing, so it is no certificate", where_, field);
    return json_.at(field);
  }
  std::string text(const char* field) const {
    if (!at(field).is_string()) wrong(field, "a text");
    return at(field).get<std::string>();
  }
  int64_t count(const char* field) const {
    if (!at(field).is_number_integer() || at(field) < 0) wrong(field, "a whole number");
    return at(field).get<int64_t>();
  }
  const Json& object(const char* field) const {
    if (!at(field).is_object()) wrong(field, "an object");
    return at(field);
  }
  const Json& list(const char* field) const {
    if (!at(field).is_array()) wrong(field, "a list");
    return at(field);
  }
  std::string hash(const Json& value, const std::string& field) const {
    const bool is_hash = value.is_string() && value.get_ref<const std::string&>().size() == 64 &&
                         value.get_ref<const std::string&>().find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!is_hash) wrong(field, "64 hexadecimal digits in lower case");
    return value.get<std::string>();
  }
  [[noreturn]] void wrong(const std::string& field, const char* form) const {
    fail_input("{}: the field {} must be {}", where_, field, form);
  }

 private:
  const Json& json_;
  std::string where_;
};

void read_leaves(const Json& leaves, const std::string& where, Certificate& certificate) {
  const Reader reader(leaves, where + ": leaves");
  for (const std::string name : {"certificate", "manifest"}) {
    for (const auto& [key, value] : reader.object(name.c_str()).items()) {
      certificate.fields.push_back({name + "." + key, reader.hash(value, name + "." + key)});
    }
  }
  size_t place = 0;
  for (const Json& value : reader.list("metrics")) {
    const std::string name = "metrics." + std::to_string(place++);
    certificate.fields.push_back({name, reader.hash(value, name)});
  }
  for (const Json& value : reader.list("samples")) {
    certificate.samples.push_back(reader.hash(value, "samples." + std::to_string(certificate.samples.size())));
  }
}

}  // namespace

Certificate make_certificate(const store::Run& run, std::vector<std::string>& lines) {
  if (run.info.state != store::State::kDone || run.info.answered != run.info.n) {
    fail_input("run {} ({}/{}) is not done ({} of {} samples answered): finish it with `assay run --resume {}`",
               run.info.number, run.info.batch, run.info.task, run.info.answered, run.info.n, run.info.batch);
  }
  Certificate certificate;
  certificate.task = run.info.task;
  certificate.protocol = run.info.protocol;
  certificate.n = std::ssize(lines);
  certificate.scorer = run.scorer_version;
  certificate.manifest = run.manifest;
  certificate.metrics = store::metrics_to_json(run.metrics);
  certificate.fields = field_leaves(certificate);
  for (std::string& line : lines) {
    line = salted(line);
    certificate.samples.push_back(sample_leaf(line));
  }
  certificate.root = listed_root(certificate);
  return certificate;
}

std::vector<Certificate::Leaf> field_leaves(const Certificate& certificate) {
  std::vector<Certificate::Leaf> leaves = {
      leaf_of("certificate.assay_certificate", kFormat), leaf_of("certificate.task", certificate.task),
      leaf_of("certificate.protocol", certificate.protocol), leaf_of("certificate.n", certificate.n),
      leaf_of("certificate.scorer", certificate.scorer)};
  add_leaves("manifest", certificate.manifest, leaves);
  size_t place = 0;
  for (const Json& metric : certificate.metrics) leaves.push_back(leaf_of(fmt::format("metrics.{}", place++), metric));
  return leaves;
}

std::string sample_leaf(std::string_view line) {
  return merkle_leaf(line);
}

std::string listed_root(const Certificate& certificate) {
  std::vector<std::string> leaves;
  for (const Certificate::Leaf& leaf : certificate.fields) leaves.push_back(leaf.hash);
  leaves.insert(leaves.end(), certificate.samples.begin(), certificate.samples.end());
  return merkle_root(leaves);
}

std::string certificate_text(const Certificate& certificate) {
  Json metrics = Json::array();
  for (const Certificate::Leaf& leaf : certificate.fields) {
    if (leaf.name.starts_with("metrics.")) metrics.push_back(leaf.hash);
  }
  Json json;
  json["assay_certificate"] = kFormat;
  json["root"] = certificate.root;
  json["task"] = certificate.task;
  json["protocol"] = certificate.protocol;
  json["n"] = certificate.n;
  json["scorer"] = certificate.scorer;
  json["manifest"] = certificate.manifest;
  json["metrics"] = certificate.metrics;
  json["leaves"] = {{"certificate", group(certificate.fields, "certificate")},
                    {"manifest", group(certificate.fields, "manifest")},
                    {"metrics", metrics},
                    {"samples", certificate.samples}};
  return json.dump(1) + "\n";
}

Certificate read_certificate(const std::filesystem::path& path) {
  const std::string where = path.string();
  const Json json = parse(read_text_file(path), where);
  const Reader reader(json, where);
  if (reader.count("assay_certificate") != kFormat) {
    fail_input("{}: has form {} of certificates, and this version of assay reads form {}; use a newer one", where,
               reader.at("assay_certificate").dump(), kFormat);
  }
  Certificate certificate;
  certificate.root = reader.hash(reader.at("root"), "root");
  certificate.task = reader.text("task");
  certificate.protocol = reader.text("protocol");
  certificate.n = reader.count("n");
  certificate.scorer = reader.text("scorer");
  certificate.manifest = reader.object("manifest");
  for (const char* section : {"asked", "scored", "computed", "program"}) {
    if (!certificate.manifest.contains(section) || !certificate.manifest.at(section).is_object()) {
      fail_input("{}: the manifest lacks its section {}", where, section);
    }
  }
  certificate.metrics = reader.list("metrics");
  read_leaves(reader.object("leaves"), where, certificate);
  return certificate;
}

std::string metric_name(const store::Json& metric) {
  const auto text = [&](const char* key) {
    const bool there = metric.is_object() && metric.contains(key) && metric.at(key).is_string();
    return there ? metric.at(key).get<std::string>() : std::string();
  };
  std::string name = text("name");
  if (!text("filter").empty()) name += ", " + text("filter");
  if (!text("subset").empty()) name += ", " + text("subset");
  return fmt::format("metric {} ({})", name, text("average"));
}

}  // namespace assay::harness

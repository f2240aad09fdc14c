#include "datasets/sealed/sealed_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/merkle.h"
#include "base/text.h"

namespace assay::datasets {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kMagic = "assay-sealed-set 1";
constexpr std::string_view kHashWord = "sha256 ";
constexpr size_t kMostSlots = 1000;

Json to_json(const Slot& slot) {
  Json json = {{"role", to_string(slot.role)}, {"name", slot.name}};
  if (slot.public_key.empty()) {
    json["kind"] = "passphrase";
    json["salt"] = to_base64(slot.salt);
    json["operations"] = slot.cost.operations;
    json["memory_bytes"] = slot.cost.memory_bytes;
  } else {
    json["kind"] = "public key";
    json["public_key"] = to_base64(slot.public_key);
  }
  json["box"] = to_base64(slot.box);
  return json;
}

Json header_json(const SealedFile& file) {
  int prompts = 0;
  for (const auto& [name, count] : file.categories) prompts += count;
  Json json = {{"set", file.set},
               {"name", file.name},
               {"canary", file.canary},
               {"prompts", prompts},
               {"categories", Json(file.categories)},
               {"merkle_root", file.merkle_root},
               {"slots", Json::array()}};
  for (const Slot& slot : file.slots) json["slots"].push_back(to_json(slot));
  return json;
}

std::string header_with_mac(const SealedFile& file) {
  Json json = header_json(file);
  json["mac"] = file.mac;
  return json.dump();
}

// Fields of one line, each read once and each error with its place.
class Fields {
 public:
  Fields(std::string_view line, std::string where)
      : json_(Json::parse(line, nullptr, /*allow_exceptions=*/false)), where_(std::move(where)) {
    if (!json_.is_object()) damaged("is no JSON object");
  }
  Fields(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
    if (!json_.is_object()) damaged("is no JSON object");
  }

  const Json& at(const char* field) const {
    const auto found = json_.find(field);
    if (found == json_.end()) damaged(fmt::format("field {} is missing", field));
    return *found;
  }
  std::string text(const char* field) const {
    if (!at(field).is_string()) damaged(fmt::format("field {} is no text", field));
    return at(field).get<std::string>();
  }
  uint64_t number(const char* field) const {
    if (!at(field).is_number_unsigned()) damaged(fmt::format("field {} is no number", field));
    return at(field).get<uint64_t>();
  }
  std::string hex(const char* field, size_t digits) const {
    const std::string value = text(field);
    const bool good = value.size() == digits && std::all_of(value.begin(), value.end(), [](char c) {
                        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                      });
    if (!good) damaged(fmt::format("field {} is no hash", field));
    return value;
  }
  std::string bytes(const char* field) const {
    const std::optional<std::string> value = from_base64(text(field));
    if (!value) damaged(fmt::format("field {} is no base64", field));
    return *value;
  }
  [[noreturn]] void damaged(const std::string& how) const {
    fail_input("{}: {}; the sealed file is damaged", where_, how);
  }

 private:
  Json json_;
  std::string where_;
};

Slot parse_slot(const Json& json, const std::string& where) {
  const Fields fields(json, where);
  Slot slot;
  const std::string role = fields.text("role");
  if (role != "owner" && role != "operator") fields.damaged("field role is neither owner nor operator");
  slot.role = role == "owner" ? Role::kOwner : Role::kOperator;
  slot.name = fields.text("name");
  const std::string kind = fields.text("kind");
  if (kind == "passphrase") {
    slot.salt = fields.bytes("salt");
    slot.cost = {fields.number("operations"), fields.number("memory_bytes")};
  } else if (kind == "public key") {
    slot.public_key = fields.bytes("public_key");
  } else {
    fields.damaged("field kind is neither passphrase nor public key");
  }
  slot.box = fields.bytes("box");
  return slot;
}

void parse_header(std::string_view line, SealedFile& file) {
  const std::string where = file.origin + ": line 2";
  const Fields fields(line, where);
  file.set = fields.hex("set", 32);
  file.name = fields.text("name");
  file.canary = fields.text("canary");
  file.merkle_root = fields.hex("merkle_root", 64);
  file.mac = fields.hex("mac", 64);
  if (!fields.at("categories").is_object()) fields.damaged("field categories is no table");
  for (const auto& [name, count] : fields.at("categories").items()) {
    if (!count.is_number_unsigned()) fields.damaged("field categories has a count that is no number");
    file.categories[name] = count.get<int>();
  }
  if (!fields.at("slots").is_array() || fields.at("slots").size() > kMostSlots)
    fields.damaged("field slots is no list");
  for (const Json& slot : fields.at("slots")) file.slots.push_back(parse_slot(slot, where + ": field slots"));
  // So that the mac is of exactly what was read.
  if (header_with_mac(file) != line) fields.damaged("is not written as a header is");
}

// The lines, and behind them the hash; Error where that is not theirs.
std::vector<std::string_view> whole_lines(std::string_view text, const std::string& origin) {
  std::vector<std::string_view> lines = split_lines(text);
  if (lines.empty() || lines.front() != kMagic) fail_input("{}: is no sealed set of assay", origin);
  if (lines.size() < 3 || !lines.back().starts_with(kHashWord)) {
    fail_input("{}: the last line is no hash; the sealed file is cut short", origin);
  }
  const std::string_view hash = lines.back().substr(kHashWord.size());
  const auto above = static_cast<size_t>(lines.back().data() - text.data());
  if (sha256_hex(text.substr(0, above)) != hash || text.size() != above + lines.back().size() + 1) {
    fail_input("{}: is not what its last line's SHA-256 says; the sealed file is damaged", origin);
  }
  lines.pop_back();
  return lines;
}

}  // namespace

std::string to_string(Role role) {
  return role == Role::kOwner ? "owner" : "operator";
}

std::string header_without_mac(const SealedFile& file) {
  return header_json(file).dump();
}

std::string merkle_root_of(const std::vector<SealedLine>& lines) {
  std::vector<std::string> leaves;
  leaves.reserve(lines.size());
  for (const SealedLine& line : lines) leaves.push_back(merkle_leaf(line.id + " " + line.commitment));
  return merkle_root(leaves);
}

std::string to_text(const SealedFile& file) {
  std::string text = fmt::format("{}\n{}\n", kMagic, header_with_mac(file));
  for (const SealedLine& line : file.lines) {
    const Json json = {{"id", line.id}, {"commitment", line.commitment}, {"box", to_base64(line.box)}};
    text += json.dump() + "\n";
  }
  return text + fmt::format("{}{}\n", kHashWord, sha256_hex(text));
}

SealedFile parse_sealed_file(std::string_view text, const std::string& origin) {
  const std::vector<std::string_view> lines = whole_lines(text, origin);
  SealedFile file;
  file.origin = origin;
  parse_header(lines[1], file);
  for (size_t i = 2; i < lines.size(); ++i) {
    const Fields fields(lines[i], fmt::format("{}: line {}", origin, i + 1));
    file.lines.push_back({fields.text("id"), fields.hex("commitment", 64), fields.bytes("box")});
    if (i > 2 && file.lines[i - 3].id >= file.lines[i - 2].id) fields.damaged("its id does not follow the one before");
  }
  size_t counted = 0;
  for (const auto& [name, count] : file.categories) counted += static_cast<size_t>(count);
  if (counted != file.lines.size()) {
    fail_input("{}: the header counts {} prompts and the file has {}; the sealed file is damaged", origin, counted,
               file.lines.size());
  }
  if (merkle_root_of(file.lines) != file.merkle_root) {
    fail_input("{}: the commitments are not those of the header's root; the sealed file is damaged", origin);
  }
  return file;
}

SealedFile read_sealed_file(const std::filesystem::path& path) {
  return parse_sealed_file(read_file(path), path.string());
}

}  // namespace assay::datasets

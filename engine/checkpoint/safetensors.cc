#include "engine/checkpoint/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "engine/checkpoint/json_fields.h"

namespace assay::engine {
namespace {

using Json = nlohmann::json;

constexpr uint64_t kLongestHeader = 100'000'000;  // the limit of the format's own library

[[noreturn]] void fail_tensor(const std::filesystem::path& path, const std::string& name, const std::string& reason) {
  fail_input("{}: tensor {}: {}", path.string(), printable(name), reason);
}

std::vector<int64_t> read_sizes(const std::filesystem::path& path, const std::string& name, const Json& entry,
                                const char* field) {
  const auto found = entry.find(field);
  if (found == entry.end() || !found->is_array()) fail_tensor(path, name, fmt::format("{} must be a list", field));
  std::vector<int64_t> sizes;
  for (const Json& size : *found) {
    if (!size.is_number_integer() || size.get<int64_t>() < 0) {
      fail_tensor(path, name, fmt::format("{} holds {}, not a size", field, printable(size.dump())));
    }
    sizes.push_back(size.get<int64_t>());
  }
  return sizes;
}

Tensor read_tensor(const std::filesystem::path& path, const std::string& name, const Json& entry,
                   std::string_view data) {
  if (!entry.is_object()) fail_tensor(path, name, "its entry must be an object");
  const auto dtype = entry.find("dtype");
  if (dtype == entry.end() || !dtype->is_string()) fail_tensor(path, name, "dtype must be a string");
  Tensor tensor;
  tensor.type = find_safetensors_type(dtype->get<std::string>());
  if (tensor.type == nullptr) {
    fail_tensor(path, name,
                fmt::format("dtype {} is unknown; those read are {}", printable(dtype->get<std::string>()),
                            readable_safetensors_types()));
  }
  tensor.shape = read_sizes(path, name, entry, "shape");
  const std::vector<int64_t> offsets = read_sizes(path, name, entry, "data_offsets");
  if (offsets.size() != 2 || offsets[0] > offsets[1] || static_cast<uint64_t>(offsets[1]) > data.size()) {
    fail_tensor(path, name,
                fmt::format("data_offsets {} do not lie in the file's {} bytes of data; it is damaged or "
                            "cut short",
                            shape_text(offsets), data.size()));
  }
  tensor.bytes = offsets[1] - offsets[0];
  if (tensor_bytes(*tensor.type, tensor.shape) != tensor.bytes) {
    fail_tensor(path, name,
                fmt::format("shape {} of {} does not fit the {} bytes of its data_offsets", shape_text(tensor.shape),
                            tensor.type->safetensors, tensor.bytes));
  }
  tensor.data = reinterpret_cast<const uint8_t*>(data.data() + offsets[0]);
  return tensor;
}

}  // namespace

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path) : file_(path) {
  read_header();
}

void SafetensorsFile::read_header() {
  static_assert(std::endian::native == std::endian::little);
  const std::string file = path().string();
  const std::string_view bytes = file_.bytes();
  uint64_t length = 0;
  if (bytes.size() < sizeof length) {
    fail_input("{}: has {} bytes, too few for a safetensors header; fetch the file again", file, bytes.size());
  }
  std::memcpy(&length, bytes.data(), sizeof length);
  if (length > kLongestHeader || length > bytes.size() - sizeof length) {
    fail_input(
        "{}: the header's length is {}, but the file has {} bytes and a header at most {}; it is damaged or cut "
        "short",
        file, length, bytes.size(), kLongestHeader);
  }
  const std::string_view data = bytes.substr(sizeof length + length);
  const Json header = parse_json(bytes.substr(sizeof length, length), file + ": the header");
  if (!header.is_object()) fail_input("{}: the header must be a JSON object", file);
  for (const auto& [name, entry] : header.items()) {
    if (name != "__metadata__") tensors_.emplace(name, read_tensor(path(), name, entry, data));
  }
  check_coverage(data);
}

void SafetensorsFile::check_coverage(std::string_view data) const {
  std::vector<std::pair<const std::string*, const Tensor*>> by_place;
  for (const auto& [name, tensor] : tensors_) by_place.emplace_back(&name, &tensor);
  // An empty tensor lies before the one that starts at the same byte.
  std::sort(by_place.begin(), by_place.end(), [](const auto& a, const auto& b) {
    return std::pair(a.second->data, a.second->bytes) < std::pair(b.second->data, b.second->bytes);
  });
  for (size_t i = 1; i < by_place.size(); ++i) {
    const auto& [name, tensor] = by_place[i - 1];
    if (tensor->data + tensor->bytes > by_place[i].second->data) {
      fail_tensor(path(), *by_place[i].first, fmt::format("overlaps tensor {}", printable(*name)));
    }
  }
  int64_t covered = 0;
  for (const auto& [name, tensor] : by_place) covered += tensor->bytes;
  if (static_cast<uint64_t>(covered) != data.size()) {
    fail_input("{}: the tensors cover {} of {} bytes of data; the file is damaged", path().string(), covered,
               data.size());
  }
}

std::vector<SafetensorsFile> open_shards(const std::filesystem::path& index, Tensors& tensors) {
  const JsonFields fields = JsonFields::from_file(index);
  const Json* weight_map = fields.find("weight_map");
  if (weight_map == nullptr || !weight_map->is_object()) {
    fields.fail_field("weight_map", "must be an object of tensor names and file names");
  }

  std::map<std::string, std::vector<std::string>> names_by_shard;
  for (const auto& [name, shard] : weight_map->items()) {
    const std::string file = shard.is_string() ? shard.get<std::string>() : "";
    if (file.empty() || std::filesystem::path(file).filename() != file || file.find('\0') != std::string::npos) {
      fields.fail_field("weight_map", fmt::format("places {} in {}, which is not the name of a file beside it",
                                                  printable(name), printable(shard.dump())));
    }
    names_by_shard[file].push_back(name);
  }
  std::vector<SafetensorsFile> shards;
  for (const auto& [file, names] : names_by_shard) {
    const std::filesystem::path path = index.parent_path() / file;
    std::error_code missing;
    if (!std::filesystem::is_regular_file(path, missing)) {
      fields.fail_field("weight_map", fmt::format("names {}, which is not there; fetch it", printable(file)));
    }
    const SafetensorsFile& shard = shards.emplace_back(path);
    for (const std::string& name : names) {
      const auto found = shard.tensors().find(name);
      if (found == shard.tensors().end()) {
        fields.fail_field("weight_map",
                          fmt::format("places {} in {}, which does not hold it", printable(name), printable(file)));
      }
      tensors.emplace(name, found->second);
    }
  }
  return shards;
}

}  // namespace assay::engine

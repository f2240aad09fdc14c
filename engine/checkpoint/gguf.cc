#include "engine/checkpoint/gguf.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace assay::engine {
namespace {

constexpr uint32_t kMagic = 0x46554747;  // "GGUF"
constexpr int kMostDimensions = 4;
constexpr int kDeepestArray = 4;
constexpr int64_t kDefaultAlignment = 32;

// The fewest bytes that an entry can take: what bounds a count before anything is allocated for it.
constexpr size_t kSmallestMetadata = 8 + 4 + 1;
constexpr size_t kSmallestTensor = 8 + 4 + 8 + 4 + 8;

template <typename T>
T load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

}  // namespace

// Reads forward through the file and refuses to leave it.
class GgufFile::Cursor {
 public:
  Cursor(const std::filesystem::path& path, std::string_view bytes) : path_(path), bytes_(bytes) {}

  std::string_view take(uint64_t count, std::string_view what) {
    if (count > left()) {
      fail_input("{}: {} at byte {} takes {} bytes, but the file has only {} more; it is damaged or cut short",
                 path_.string(), what, offset_, count, left());
    }
    offset_ += count;
    return bytes_.substr(offset_ - count, count);
  }

  template <typename T>
  T number(std::string_view what) {
    return load<T>(take(sizeof(T), what).data());
  }

  std::string_view string(std::string_view what) { return take(number<uint64_t>(what), what); }

  // A count of entries of at least `smallest` bytes each.
  uint64_t count(std::string_view what, size_t smallest) {
    const auto entries = number<uint64_t>(what);
    check_count(entries, what, smallest);
    return entries;
  }

  void check_count(uint64_t entries, std::string_view what, size_t smallest) const {
    if (entries <= left() / smallest) return;
    fail_input("{}: {} is {}, more than the {} bytes that are left can hold; the file is damaged or cut short",
               path_.string(), what, entries, left());
  }

  uint64_t left() const { return bytes_.size() - offset_; }
  uint64_t offset() const { return offset_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  const std::filesystem::path& path_;
  std::string_view bytes_;
  uint64_t offset_ = 0;
};

GgufFile::GgufFile(const std::filesystem::path& path) : file_(path) {
  static_assert(std::endian::native == std::endian::little);
  Cursor cursor(file_.path(), file_.bytes());
  if (cursor.number<uint32_t>("the magic") != kMagic) {
    fail_input("{}: is not a GGUF file (its first four bytes are not GGUF)", path.string());
  }
  const auto version = cursor.number<uint32_t>("the version");
  if (version == 1) {
    fail_input("{}: is GGUF version 1, versions 2 and 3 are read; convert the model again with a current converter",
               path.string());
  }
  if ((version & 0xffff) == 0) {
    fail_input("{}: is a big-endian GGUF (version {:#x}); convert the model for a little-endian machine", path.string(),
               version);
  }
  if (version != 2 && version != 3) {
    fail_input("{}: is GGUF version {}, versions 2 and 3 are read", path.string(), version);
  }
  const uint64_t tensors = cursor.count("the number of tensors", kSmallestTensor);
  const uint64_t entries = cursor.count("the number of metadata entries", kSmallestMetadata);
  read_metadata(cursor, entries);
  cursor.check_count(tensors, "the number of tensors", kSmallestTensor);
  read_tensors(cursor, tensors);
  check_overlaps();
}

size_t GgufFile::scalar_bytes(Kind kind) {
  switch (kind) {
    case Kind::kU8:
    case Kind::kI8:
    case Kind::kBool:
      return 1;
    case Kind::kU16:
    case Kind::kI16:
      return 2;
    case Kind::kU32:
    case Kind::kI32:
    case Kind::kF32:
      return 4;
    case Kind::kU64:
    case Kind::kI64:
    case Kind::kF64:
      return 8;
    case Kind::kString:
    case Kind::kArray:
      break;
  }
  return 0;
}

void GgufFile::skip_elements(Cursor& cursor, Kind element, uint64_t count, std::string_view key, int depth) {
  if (const size_t bytes = scalar_bytes(element); bytes > 0) {
    cursor.check_count(count, fmt::format("the number of elements of {}", printable(key)), bytes);
    cursor.take(count * bytes, key);
    return;
  }
  if (depth == kDeepestArray) fail_input("{}: {} nests arrays too deeply", cursor.path().string(), printable(key));
  cursor.check_count(count, fmt::format("the number of elements of {}", printable(key)), sizeof(uint64_t));
  for (uint64_t i = 0; i < count; ++i) {
    if (element == Kind::kString) {
      cursor.string(key);
      continue;
    }
    const auto inner = cursor.number<uint32_t>(key);
    if (inner > static_cast<uint32_t>(Kind::kF64)) {
      fail_input("{}: {} has elements of unknown type {}", cursor.path().string(), printable(key), inner);
    }
    skip_elements(cursor, static_cast<Kind>(inner), cursor.number<uint64_t>(key), key, depth + 1);
  }
}

GgufFile::Value GgufFile::read_value(Cursor& cursor, std::string_view key) {
  const auto kind = [&] {
    const auto number = cursor.number<uint32_t>("a metadata type");
    if (number <= static_cast<uint32_t>(Kind::kF64)) return static_cast<Kind>(number);
    fail_input("{}: {} is of unknown type {}", cursor.path().string(), printable(key), number);
  };
  Value value;
  value.kind = kind();
  if (value.kind == Kind::kString) {
    value.bytes = cursor.string(key);
  } else if (value.kind == Kind::kArray) {
    value.element = kind();
    value.count = cursor.number<uint64_t>(key);
    Cursor behind = cursor;
    skip_elements(behind, value.element, value.count, key, 0);
    value.bytes = cursor.take(behind.offset() - cursor.offset(), key);
  } else {
    value.bytes = cursor.take(scalar_bytes(value.kind), key);
  }
  return value;
}

void GgufFile::read_metadata(Cursor& cursor, uint64_t count) {
  for (uint64_t i = 0; i < count; ++i) {
    const std::string_view key = cursor.string("a metadata key");
    const Value value = read_value(cursor, key);
    if (!metadata_.emplace(key, value).second) {
      fail_input("{}: the metadata holds {} twice", path().string(), printable(key));
    }
  }
}

int64_t GgufFile::alignment() const {
  const int64_t alignment = integer("general.alignment").value_or(kDefaultAlignment);
  if (alignment < 1 || alignment > (int64_t{1} << 30) || !std::has_single_bit(static_cast<uint64_t>(alignment))) {
    fail_input("{}: general.alignment is {}, it must be a power of two", path().string(), alignment);
  }
  return alignment;
}

void GgufFile::read_tensors(Cursor& cursor, uint64_t count) {
  struct Entry {
    std::string name;
    Tensor tensor;
    uint64_t offset;
  };
  std::vector<Entry> entries;
  const std::string file = path().string();
  for (uint64_t i = 0; i < count; ++i) {
    const std::string_view name = cursor.string("a tensor's name");
    const std::string shown = printable(name);
    const auto dimensions = cursor.number<uint32_t>(name);
    if (dimensions < 1 || dimensions > kMostDimensions) {
      fail_input("{}: tensor {} has {} dimensions, there must be 1 to {}", file, shown, dimensions, kMostDimensions);
    }
    Tensor tensor;
    for (uint32_t d = 0; d < dimensions; ++d) tensor.shape.push_back(cursor.number<int64_t>(name));
    std::reverse(tensor.shape.begin(), tensor.shape.end());
    if (*std::min_element(tensor.shape.begin(), tensor.shape.end()) < 1) {
      fail_input("{}: tensor {} has the shape {}, each size must be positive", file, shown, shape_text(tensor.shape));
    }
    const auto type = cursor.number<uint32_t>(name);
    tensor.type = find_ggml_type(type);
    if (tensor.type == nullptr) {
      fail_input("{}: tensor {} is of type {}, which is unknown or was removed from the format; those read are {}",
                 file, shown, type, readable_ggml_types());
    }
    if (tensor.shape.back() % tensor.type->block_values != 0) {
      fail_input("{}: tensor {} has the shape {}, but a row of {} must be a multiple of {} values", file, shown,
                 shape_text(tensor.shape), tensor.type->name, tensor.type->block_values);
    }
    const std::optional<int64_t> bytes = tensor_bytes(*tensor.type, tensor.shape);
    if (!bytes) {
      fail_input("{}: tensor {} has the shape {}, which {} cannot have", file, shown, shape_text(tensor.shape),
                 tensor.type->name);
    }
    tensor.bytes = *bytes;
    entries.push_back({std::string(name), std::move(tensor), cursor.number<uint64_t>(name)});
  }

  const auto align = static_cast<uint64_t>(alignment());
  const uint64_t start = std::min<uint64_t>((cursor.offset() + align - 1) / align * align, file_.bytes().size());
  const std::string_view data = file_.bytes().substr(start);
  for (Entry& entry : entries) {
    const auto bytes = static_cast<uint64_t>(entry.tensor.bytes);
    if (entry.offset % align != 0) {
      fail_input("{}: tensor {} has the offset {}, which is not a multiple of general.alignment {}", file,
                 printable(entry.name), entry.offset, align);
    }
    if (entry.offset > data.size() || bytes > data.size() - entry.offset) {
      fail_input(
          "{}: tensor {} ({} bytes at offset {}) ends behind the file's {} bytes of data; it is damaged or cut "
          "short",
          file, printable(entry.name), bytes, entry.offset, data.size());
    }
    entry.tensor.data = reinterpret_cast<const uint8_t*>(data.data() + entry.offset);
    if (!tensors_.emplace(entry.name, std::move(entry.tensor)).second) {
      fail_input("{}: the tensor table lists {} twice", file, printable(entry.name));
    }
  }
}

void GgufFile::check_overlaps() const {
  std::vector<std::pair<const std::string*, const Tensor*>> by_place;
  for (const auto& [name, tensor] : tensors_) by_place.emplace_back(&name, &tensor);
  std::sort(by_place.begin(), by_place.end(),
            [](const auto& a, const auto& b) { return a.second->data < b.second->data; });
  for (size_t i = 1; i < by_place.size(); ++i) {
    const Tensor& before = *by_place[i - 1].second;
    if (before.data + before.bytes > by_place[i].second->data) {
      fail_input("{}: tensors {} and {} overlap", path().string(), printable(*by_place[i - 1].first),
                 printable(*by_place[i].first));
    }
  }
}

const GgufFile::Value* GgufFile::find(std::string_view key) const {
  const auto found = metadata_.find(key);
  return found == metadata_.end() ? nullptr : &found->second;
}

void GgufFile::fail_kind(std::string_view key, const char* expected) const {
  fail_input("{}: {} must be {}", path().string(), key, expected);
}

namespace {

constexpr int64_t kNoInteger =
    INT64_MIN;  // what decode_integer gives for a kind that is none, or a number beyond int64

}  // namespace

int64_t GgufFile::decode_integer(Kind kind, const char* bytes) {
  switch (kind) {
    case Kind::kU8:
      return load<uint8_t>(bytes);
    case Kind::kI8:
      return load<int8_t>(bytes);
    case Kind::kU16:
      return load<uint16_t>(bytes);
    case Kind::kI16:
      return load<int16_t>(bytes);
    case Kind::kU32:
      return load<uint32_t>(bytes);
    case Kind::kI32:
      return load<int32_t>(bytes);
    case Kind::kI64:
      return load<int64_t>(bytes);
    case Kind::kU64: {
      const auto value = load<uint64_t>(bytes);
      return value > uint64_t{INT64_MAX} ? kNoInteger : static_cast<int64_t>(value);
    }
    default:
      return kNoInteger;
  }
}

double GgufFile::decode_real(Kind kind, const char* bytes) {
  return kind == Kind::kF32 ? double{load<float>(bytes)} : load<double>(bytes);
}

std::optional<std::string_view> GgufFile::text(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr) return {};
  if (value->kind != Kind::kString) fail_kind(key, "a string");
  return value->bytes;
}

std::optional<int64_t> GgufFile::integer(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr) return {};
  const int64_t number = decode_integer(value->kind, value->bytes.data());
  if (number == kNoInteger) fail_kind(key, "an integer below 2^63");
  return number;
}

std::optional<double> GgufFile::real(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr) return {};
  if (value->kind != Kind::kF32 && value->kind != Kind::kF64) fail_kind(key, "a floating-point number");
  return decode_real(value->kind, value->bytes.data());
}

std::optional<bool> GgufFile::flag(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr) return {};
  if (value->kind != Kind::kBool || load<uint8_t>(value->bytes.data()) > 1) fail_kind(key, "true or false");
  return load<uint8_t>(value->bytes.data()) == 1;
}

std::optional<std::vector<std::string_view>> GgufFile::texts(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr) return {};
  if (value->kind != Kind::kArray || value->element != Kind::kString) fail_kind(key, "an array of strings");
  std::vector<std::string_view> texts;
  texts.reserve(value->count);
  Cursor cursor(path(), value->bytes);
  for (uint64_t i = 0; i < value->count; ++i) texts.push_back(cursor.string(key));
  return texts;
}

std::optional<std::vector<int64_t>> GgufFile::integers(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr) return {};
  if (value->kind != Kind::kArray) fail_kind(key, "an array of integers");
  std::vector<int64_t> numbers(value->count);
  const size_t bytes = scalar_bytes(value->element);
  for (size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = decode_integer(value->element, value->bytes.data() + i * bytes);
    if (numbers[i] == kNoInteger) fail_kind(key, "an array of integers below 2^63");
  }
  return numbers;
}

std::optional<std::vector<double>> GgufFile::reals(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr) return {};
  if (value->kind != Kind::kArray || (value->element != Kind::kF32 && value->element != Kind::kF64)) {
    fail_kind(key, "an array of floating-point numbers");
  }
  std::vector<double> numbers(value->count);
  const size_t bytes = scalar_bytes(value->element);
  for (size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = decode_real(value->element, value->bytes.data() + i * bytes);
  }
  return numbers;
}

std::optional<std::vector<bool>> GgufFile::flags(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr) return {};
  if (value->kind != Kind::kArray || value->element != Kind::kBool) fail_kind(key, "an array of true and false");
  std::vector<bool> flags;
  for (const char byte : value->bytes) {
    if (byte != 0 && byte != 1) fail_kind(key, "an array of true and false");
    flags.push_back(byte == 1);
  }
  return flags;
}

bool GgufFile::is_array(std::string_view key) const {
  const Value* value = find(key);
  return value != nullptr && value->kind == Kind::kArray;
}

}  // namespace assay::engine

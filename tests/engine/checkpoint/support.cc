#include "tests/engine/checkpoint/support.h"

#include <cstdlib>
#include <cstring>
#include <fstream>

#include "engine/checkpoint/weight_shapes.h"

namespace assay::engine::testing {

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder() {
  std::string name = (fs::temp_directory_path() / "assay-checkpoint-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path TemporaryFolder::write(const std::string& name, std::string_view content) const {
  const fs::path path = path_ / name;
  fs::create_directories(path.parent_path());
  fs::remove(path);  // a file that is cut to nothing and written again is flushed to the disk by some file systems
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  if (!out) throw std::runtime_error("cannot write " + path.string());
  return path;
}

std::vector<float> read_all(const WeightMatrix& matrix) {
  std::vector<float> values(static_cast<size_t>(matrix.rows) * static_cast<size_t>(matrix.cols));
  for (int row = 0; row < matrix.rows; ++row) {
    matrix.read(row, values.data() + static_cast<size_t>(row) * static_cast<size_t>(matrix.cols));
  }
  return values;
}

std::vector<float> read_all(const Checkpoint& checkpoint) {
  const Architecture& architecture = checkpoint.architecture();
  std::vector<float> values;
  for (int layer = 0; layer < architecture.layers; ++layer) {
    for (const WeightShape& shape : weight_shapes()) {
      if (!has_weight(architecture, shape.which) || (layer > 0 && shape.owner == Owner::kModel)) continue;
      for (int expert = 0; expert < copies_of(architecture, shape.which); ++expert) {
        const std::vector<float> more = read_all(checkpoint.weight(shape.which, layer, expert));
        values.insert(values.end(), more.begin(), more.end());
      }
    }
  }
  return values;
}

Error error_of(const std::function<void()>& action, const std::string& label) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << label << ": " << error.what();
    return error;
  }
  ADD_FAILURE() << label << ": was accepted";
  return {ExitCode::kDone, ""};
}

std::string make_safetensors(const std::string& header, size_t data_bytes) {
  const uint64_t length = header.size();
  std::string file(sizeof length, '\0');
  std::memcpy(file.data(), &length, sizeof length);
  return file + header + std::string(data_bytes, '\0');
}

}  // namespace assay::engine::testing

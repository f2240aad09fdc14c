#include "engine/remote/secret.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace assay::engine {

Secret::Secret(std::string key, std::string source) : key_(std::move(key)), source_(std::move(source)) {
  if (!std::all_of(key_.begin(), key_.end(), [](char c) { return c > ' ' && c < 0x7f; })) {
    fail(ExitCode::kUsage, "{}: the key must be one word of printable ASCII characters", source_);
  }
}

std::string Secret::redact(std::string_view text) const {
  std::string clean = replace_all(text, key_, "[key]");
  // JSON may write a slash as \/.
  if (key_.find('/') != std::string::npos) clean = replace_all(clean, replace_all(key_, "/", "\\/"), "[key]");
  return clean;
}

}  // namespace assay::engine

#include "harness/api_key.h"

#include <cstdlib>

#include "base/crypto/secret.h"
#include "base/file.h"
#include "base/text.h"

namespace assay::harness {
namespace {

engine::Secret read_key(const std::string& file) {
  if (!file.empty()) return {std::string(python_strip(read_file(file))), "--api-key-file " + file};
  for (const char* name : {"ASSAY_API_KEY", "OPENAI_API_KEY"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return {value, name};
  }
  return {};
}

}  // namespace

engine::Secret find_api_key(const std::string& file) {
  engine::Secret key = read_key(file);
  if (!key.empty()) forbid_core_dumps();
  return key;
}

}  // namespace assay::harness

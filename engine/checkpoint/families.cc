#include "engine/checkpoint/families.h"

#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace assay::engine {
namespace {

constexpr Family kFamilies[] = {
    // Llama 2, 3, 3.1, 3.2
    {"llama", "LlamaForCausalLM", "llama", true, false, 10000},
};

const Family& find(const char* Family::*name, std::string_view value, const std::string& where, const char* field) {
  std::vector<std::string> names;
  for (const Family& family : kFamilies) {
    if (family.*name == value) return family;
    names.emplace_back(family.*name);
  }
  fail_input("{}: {} is {}, a network that is not supported; those that are: {}", where, field, printable(value),
             join(names, ", "));
}

}  // namespace

const Family& family_of_model_type(std::string_view model_type, const std::string& where) {
  return find(&Family::model_type, model_type, where, "model_type");
}

const Family& family_of_architecture(std::string_view architecture, const std::string& where) {
  return find(&Family::architecture, architecture, where, "architectures");
}

const Family& family_of_gguf(std::string_view architecture, const std::string& where) {
  return find(&Family::gguf, architecture, where, "general.architecture");
}

}  // namespace assay::engine

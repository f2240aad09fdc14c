#include "engine/tokenizer/normalizer.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#include "base/error.h"
#include "base/text.h"

namespace assay::engine {
namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 128; });
}

struct Free {
  void operator()(utf8proc_uint8_t* bytes) const { std::free(bytes); }
};

std::string unicode_form(std::string_view text, utf8proc_option_t form) {
  if (text.empty() || is_ascii(text)) return std::string(text);
  utf8proc_uint8_t* mapped = nullptr;
  const utf8proc_ssize_t length =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                   &mapped, static_cast<utf8proc_option_t>(form | UTF8PROC_STABLE));
  const std::unique_ptr<utf8proc_uint8_t, Free> owner(mapped);
  if (length == UTF8PROC_ERROR_NOMEM) throw std::bad_alloc();
  if (length < 0) fail_input("a text of {} bytes cannot be normalised: {}", text.size(), utf8proc_errmsg(length));
  return std::string(reinterpret_cast<const char*>(mapped), static_cast<size_t>(length));
}

std::string apply_step(const NormalizerStep& step, std::string_view text) {
  switch (step.kind) {
    case NormalizerStep::Kind::kPrepend:
      return text.empty() ? std::string() : step.to + std::string(text);
    case NormalizerStep::Kind::kReplace:
      return replace_all(text, step.from, step.to);
    case NormalizerStep::Kind::kNfc:
      return unicode_form(text, UTF8PROC_COMPOSE);
    case NormalizerStep::Kind::kNfd:
      return unicode_form(text, UTF8PROC_DECOMPOSE);
    case NormalizerStep::Kind::kNfkc:
      return unicode_form(text, static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_COMPAT));
    case NormalizerStep::Kind::kNfkd:
      return unicode_form(text, static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT));
  }
  return std::string(text);
}

}  // namespace

std::string normalize(const std::vector<NormalizerStep>& steps, std::string_view text) {
  std::string result(text);
  for (const NormalizerStep& step : steps) result = apply_step(step, result);
  return result;
}

}  // namespace assay::engine

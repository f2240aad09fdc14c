#include "engine/tokenizer/utf8_stream.h"

namespace assay::engine {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

}  // namespace

void Utf8Stream::push(std::string_view bytes, std::string& out) {
  for (const char unit : bytes) {
    const auto byte = static_cast<unsigned char>(unit);
    if (missing_ > 0) {
      if (byte >= low_ && byte <= high_) {
        held_.push_back(unit);
        low_ = 0x80;
        high_ = 0xbf;
        if (--missing_ == 0) {
          out += held_;
          held_.clear();
        }
        continue;
      }
      finish(out);  // and the byte is looked at again, as the first of a sequence
    }
    if (byte < 0x80) {
      out.push_back(unit);
      continue;
    }
    // Table 3-7: the second byte's range excludes overlong forms, surrogates and what lies beyond U+10FFFF.
    if (byte >= 0xc2 && byte <= 0xdf) {
      missing_ = 1;
    } else if (byte >= 0xe0 && byte <= 0xef) {
      missing_ = 2;
      if (byte == 0xe0) low_ = 0xa0;
      if (byte == 0xed) high_ = 0x9f;
    } else if (byte >= 0xf0 && byte <= 0xf4) {
      missing_ = 3;
      if (byte == 0xf0) low_ = 0x90;
      if (byte == 0xf4) high_ = 0x8f;
    } else {
      out += kReplacement;
      continue;
    }
    held_.push_back(unit);
  }
}

void Utf8Stream::finish(std::string& out) {
  if (!held_.empty()) out += kReplacement;
  *this = Utf8Stream();
}

std::string lossy_utf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  Utf8Stream stream;
  stream.push(bytes, text);
  stream.finish(text);
  return text;
}

}  // namespace assay::engine

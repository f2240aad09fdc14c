// The key of an endpoint. It goes into the header of a request and nowhere else.
#pragma once

#include <string>
#include <string_view>

namespace assay::engine {

class Secret {
 public:
  Secret() = default;
  // Error(kUsage), without the key, for one that no header can carry: control characters, spaces, not ASCII.
  // `source`: where it comes from, for messages ("--api-key-file F", "OPENAI_API_KEY").
  Secret(std::string key, std::string source);

  bool empty() const { return key_.empty(); }
  const std::string& source() const { return source_; }
  // "Authorization: Bearer ..."
  std::string header() const { return "Authorization: Bearer " + key_; }
  // `text` with every appearance of the key replaced: for whatever comes back from a server, which may quote it.
  std::string redact(std::string_view text) const;

 private:
  std::string key_;
  std::string source_;
};

}  // namespace assay::engine

// Bytes that must stay in memory: keys and passphrases. They lie in pages of their own between guard pages, are kept
// out of swap where the system allows it (RLIMIT_MEMLOCK) and out of core dumps, and are wiped when they go. By
// libsodium. Movable, not copyable. Not thread-safe while it is written.
#pragma once

#include <cstddef>
#include <string_view>

namespace assay {

class Secret {
 public:
  Secret() = default;
  // Zeros. Error(kUnavailable) where there is no memory.
  explicit Secret(size_t size);
  explicit Secret(std::string_view bytes);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  unsigned char* data() { return data_; }
  const unsigned char* data() const { return data_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::string_view view() const { return {reinterpret_cast<const char*>(data_), size_}; }

 private:
  unsigned char* data_ = nullptr;
  size_t size_ = 0;
};

// No core dump of this process from now on: it would hold a key in the clear.
void forbid_core_dumps();

// Keeps what this process holds from now on out of core dumps and debuggers of the same user, and out of swap as far as
// the system lets it. Returns false where memory stays swappable (`ulimit -l` is too small).
bool guard_memory();

}  // namespace assay

#include "base/crypto/secret.h"

#include <sodium.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstring>
#include <utility>

#include "base/error.h"

namespace assay {

Secret::Secret(size_t size) : size_(size) {
  if (sodium_init() < 0) fail(ExitCode::kInternal, "libsodium cannot be used");
  // It locks the pages itself, and goes on where the system does not allow it.
  data_ = static_cast<unsigned char*>(sodium_malloc(size == 0 ? 1 : size));
  if (data_ == nullptr) fail(ExitCode::kUnavailable, "no memory for a secret of {} bytes", size);
  sodium_memzero(data_, size);
}

Secret::Secret(std::string_view bytes) : Secret(bytes.size()) {
  if (!bytes.empty()) std::memcpy(data_, bytes.data(), bytes.size());
}

Secret::Secret(Secret&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Secret::~Secret() {
  sodium_free(data_);  // wipes; null is allowed
}

bool guard_memory() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  // A limit would make later allocations fail: then nothing is locked but the Secrets. The root user has none, or this
  // fails here.
  rlimit lockable{};
  const bool limited = getrlimit(RLIMIT_MEMLOCK, &lockable) != 0 || lockable.rlim_cur != RLIM_INFINITY;
  if (limited && geteuid() != 0) return false;
  // On fault: pages of a mapped checkpoint that nobody reads are not fetched for this.
  return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
}

}  // namespace assay

#include "base/entropy.h"

#include <sodium.h>

#include <vector>

namespace assay {

std::string random_hex(size_t bytes) {
  std::vector<unsigned char> drawn(bytes);
  randombytes_buf(drawn.data(), drawn.size());
  std::string text(2 * bytes + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), drawn.data(), drawn.size());
  text.pop_back();
  return text;
}

uint64_t random_seed() {
  return randombytes_random();
}

}  // namespace assay

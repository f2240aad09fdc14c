// The one source of chance that is not a seed: the system's generator, by libsodium. For salts, and for the seeds that
// a person did not choose; nothing that decides a score may come from here. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace assay {

// `bytes` random bytes as lower-case hexadecimal.
std::string random_hex(size_t bytes);

// A seed that can be read out and typed again: below 2^32.
uint64_t random_seed();

}  // namespace assay

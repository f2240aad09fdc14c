// Fewer cases under a sanitizer, which makes a test ten to fifty times slower. The optimised build compares values and
// needs the full number; a sanitizer looks for wrong accesses and races, which the first cases of each kind show.
// Malformed inputs are not for this: there the sanitizer is the test.
#pragma once

namespace assay::testing {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitizers = true;
#else
inline constexpr bool kSanitizers = false;
#endif

// constexpr int kTrees = cases(300, 60);
template <class T>
constexpr T cases(T many, T few) {
  return kSanitizers ? few : many;
}

}  // namespace assay::testing

// Runs of words, as near-duplicates and copies are found by. Pure.
//
// A word is a run of letters, marks and digits in lower case; where a script writes no spaces (Han, kana, Thai) a
// single character is one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace assay::datasets {

std::vector<std::string> words_of(std::string_view text);

// Hashes of all runs of `length` words, each once. 64 bits: two runs that differ share one once in 10^13 pairs or so.
std::unordered_set<uint64_t> shingles_of(const std::vector<std::string>& words, size_t length);

// |a and b| / |a or b|; 0 where both are empty (Jaccard 1901; Broder 1997 for shingles).
double jaccard(const std::unordered_set<uint64_t>& a, const std::unordered_set<uint64_t>& b);

}  // namespace assay::datasets

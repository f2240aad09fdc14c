#include "datasets/sealed/shingles.h"

#include "base/regex.h"
#include "base/text.h"

namespace assay::datasets {
namespace {

// FNV-1a, of the words with a byte between them that no word has.
uint64_t hash_of(const std::vector<std::string>& words, size_t begin, size_t length) {
  uint64_t hash = 0xcbf29ce484222325;
  for (size_t i = begin; i < begin + length; ++i) {
    for (const char c : words[i]) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    hash = (hash ^ 0xff) * 0x100000001b3;
  }
  return hash;
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  static const Regex pattern(
      R"([\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]|(?:(?![\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}])[\p{L}\p{M}\p{N}])+)");
  const std::string lower = python_lower(text);
  std::vector<std::string> words;
  for (const Regex::Match& match : pattern.find_all(lower)) {
    words.push_back(lower.substr(match[0].begin, match[0].end - match[0].begin));
  }
  return words;
}

std::unordered_set<uint64_t> shingles_of(const std::vector<std::string>& words, size_t length) {
  std::unordered_set<uint64_t> shingles;
  for (size_t begin = 0; begin + length <= words.size(); ++begin) shingles.insert(hash_of(words, begin, length));
  return shingles;
}

double jaccard(const std::unordered_set<uint64_t>& a, const std::unordered_set<uint64_t>& b) {
  size_t both = 0;
  for (const uint64_t shingle : a) both += b.count(shingle);
  const size_t either = a.size() + b.size() - both;
  return either == 0 ? 0 : static_cast<double>(both) / static_cast<double>(either);
}

}  // namespace assay::datasets

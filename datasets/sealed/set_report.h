// What can be said about the quality of a prompt set without reading it: balance, lengths, near-duplicates, personal
// data, and overlap with public prompts. Holds ids and counts, and no text. Pure but for the files of public prompts.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "datasets/sealed/hidden_prompt.h"

namespace assay::datasets {

inline constexpr size_t kNearWords = 5;       // of a shingle
inline constexpr double kNearest = 0.5;       // Jaccard from which two prompts are near-duplicates
inline constexpr size_t kBeginningWords = 5;  // that no two prompts should share at their beginning
inline constexpr size_t kCopiedWords = 13;    // in a row, as GPT-3's and later reports count overlap

struct Lengths {
  int prompts = 0;
  std::array<int, 5> words = {};  // least, quartiles, most (the lower of two neighbours)
};

struct IdPair {
  std::string a;
  std::string b;
  double jaccard = 0;
};

struct IdFinding {
  std::string id;
  std::string what;  // "e-mail address", or the public file
};

struct SetReport {
  Lengths all;
  std::map<std::string, Lengths> categories;
  std::map<std::string, int> languages;
  std::map<std::string, int> difficulties;
  int with_note = 0;
  IdPair nearest;                       // of all pairs; empty ids where no two share a shingle
  std::vector<IdPair> near_duplicates;  // above kNearest
  std::vector<IdPair> same_beginning;
  std::vector<IdFinding> personal_data;
  std::vector<IdFinding> public_overlaps;
  int public_files = 0;  // that were compared with; 0: none, and public_overlaps says nothing
  int64_t public_texts = 0;

  bool clean() const {
    return near_duplicates.empty() && same_beginning.empty() && personal_data.empty() && public_overlaps.empty();
  }
};

// `public_folder`: every .jsonl below it is compared with, all texts of its lines; empty: none.
SetReport report_on(const std::vector<HiddenPrompt>& prompts, const std::filesystem::path& public_folder);

}  // namespace assay::datasets

#include "datasets/sealed/set_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "datasets/sealed/personal_data.h"
#include "datasets/sealed/shingles.h"

namespace assay::datasets {
namespace {

using Shingles = std::unordered_set<uint64_t>;

Lengths lengths_of(std::vector<int> words) {
  std::sort(words.begin(), words.end());
  Lengths lengths;
  lengths.prompts = static_cast<int>(words.size());
  for (size_t quarter = 0; quarter <= 4 && !words.empty(); ++quarter) {
    lengths.words[quarter] = words[quarter * (words.size() - 1) / 4];
  }
  return lengths;
}

void find_near(const std::vector<HiddenPrompt>& prompts, const std::vector<std::vector<std::string>>& words,
               SetReport& report) {
  std::vector<Shingles> shingles;
  for (const auto& of_prompt : words) shingles.push_back(shingles_of(of_prompt, kNearWords));
  // Only prompts that share a shingle are compared.
  std::unordered_map<uint64_t, std::vector<size_t>> holders;
  for (size_t i = 0; i < prompts.size(); ++i) {
    std::vector<size_t> others;
    for (const uint64_t shingle : shingles[i]) {
      std::vector<size_t>& of_shingle = holders[shingle];
      others.insert(others.end(), of_shingle.begin(), of_shingle.end());
      of_shingle.push_back(i);
    }
    std::sort(others.begin(), others.end());
    others.erase(std::unique(others.begin(), others.end()), others.end());
    for (const size_t other : others) {
      const IdPair pair{prompts[other].id, prompts[i].id, jaccard(shingles[other], shingles[i])};
      if (pair.jaccard > report.nearest.jaccard) report.nearest = pair;
      if (pair.jaccard > kNearest) report.near_duplicates.push_back(pair);
    }
  }
}

void find_same_beginnings(const std::vector<HiddenPrompt>& prompts, const std::vector<std::vector<std::string>>& words,
                          SetReport& report) {
  std::map<std::vector<std::string>, std::string> first;
  for (size_t i = 0; i < prompts.size(); ++i) {
    const auto count = static_cast<ptrdiff_t>(std::min(kBeginningWords, words[i].size()));
    const auto [found, is_new] = first.try_emplace({words[i].begin(), words[i].begin() + count}, prompts[i].id);
    if (!is_new) report.same_beginning.push_back({found->second, prompts[i].id, 0});
  }
}

template <typename Action>
void for_every_text(const nlohmann::json& json, const Action& action) {
  if (json.is_string()) action(json.get_ref<const std::string&>());
  if (!json.is_structured()) return;
  for (const nlohmann::json& part : json) for_every_text(part, action);
}

std::vector<std::filesystem::path> public_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code problem;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, problem)) {
    if (entry.path().extension() == ".jsonl") files.push_back(entry.path());
  }
  if (problem) fail(ExitCode::kIo, "{}: the folder cannot be read: {}", folder.string(), problem.message());
  if (files.empty()) fail(ExitCode::kUnavailable, "{}: holds no .jsonl file of public prompts", folder.string());
  std::sort(files.begin(), files.end());
  return files;
}

void find_copies(const std::vector<HiddenPrompt>& prompts, const std::vector<std::vector<std::string>>& words,
                 const std::filesystem::path& folder, SetReport& report) {
  std::unordered_map<uint64_t, std::vector<size_t>> ours;
  for (size_t i = 0; i < prompts.size(); ++i) {
    for (const uint64_t shingle : shingles_of(words[i], kCopiedWords)) ours[shingle].push_back(i);
  }
  for (const std::filesystem::path& file : public_files(folder)) {
    std::vector<bool> found(prompts.size());
    const std::string text = read_file(file);
    int number = 0;
    for (const std::string_view line : split_lines(text)) {
      ++number;
      if (python_strip(line).empty()) continue;
      const nlohmann::json json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
      if (json.is_discarded()) fail_input("{}: line {}: is no JSON", file.string(), number);
      for_every_text(json, [&](const std::string& part) {
        ++report.public_texts;
        for (const uint64_t shingle : shingles_of(words_of(part), kCopiedWords)) {
          const auto holders = ours.find(shingle);
          if (holders == ours.end()) continue;
          for (const size_t i : holders->second) found[i] = true;
        }
      });
    }
    ++report.public_files;
    const std::string name = file.lexically_relative(folder).string();
    for (size_t i = 0; i < prompts.size(); ++i) {
      if (found[i]) report.public_overlaps.push_back({prompts[i].id, name});
    }
  }
}

}  // namespace

SetReport report_on(const std::vector<HiddenPrompt>& prompts, const std::filesystem::path& public_folder) {
  SetReport report;
  std::vector<std::vector<std::string>> words;
  std::vector<int> all;
  std::map<std::string, std::vector<int>> by_category;
  for (const HiddenPrompt& prompt : prompts) {
    words.push_back(words_of(prompt.prompt));
    all.push_back(static_cast<int>(words.back().size()));
    by_category[prompt.category].push_back(all.back());
    ++report.languages[prompt.language];
    ++report.difficulties[prompt.difficulty];
    report.with_note += !prompt.note.empty();
    for (const std::string& kind : personal_data_in(prompt.prompt)) report.personal_data.push_back({prompt.id, kind});
  }
  report.all = lengths_of(all);
  for (const auto& [category, lengths] : by_category) report.categories[category] = lengths_of(lengths);
  find_near(prompts, words, report);
  find_same_beginnings(prompts, words, report);
  if (!public_folder.empty()) find_copies(prompts, words, public_folder, report);
  return report;
}

}  // namespace assay::datasets

#include "reports/model_names.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace assay::reports {
namespace {

constexpr std::array<std::string_view, 16> kSayNothing = {"meta", "hf",    "base", "pretrained", "gguf", "ggml",
                                                          "f32",  "f16",   "bf16", "fp32",       "fp16", "safetensors",
                                                          "pt",   "model", "the",  "huggingface"};
constexpr std::array<std::string_view, 3> kInstruct = {"instruct", "chat", "it"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}

template <typename Words>
bool is_one_of(const std::string& word, const Words& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(std::exchange(word, {}));
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool point = c == '.' && i > 0 && i + 1 < text.size() && is_digit(text[i - 1]) && is_digit(text[i + 1]);
    if (!is_letter(c) && !is_digit(c) && !point) {
      end_word();
      continue;
    }
    // "llama3" is two words; "8b", "8x22b" and "v2" are one.
    const bool letters = word.size() > 1 && std::all_of(word.begin(), word.end(), is_letter);
    if (is_digit(c) && letters && !is_one_of(word, std::array<std::string_view, 2>{"bf", "fp"})) end_word();
    word += c;
  }
  end_word();
  return words;
}

bool is_date(const std::string& word) {
  return word.size() == 8 && std::all_of(word.begin(), word.end(), is_digit);
}

}  // namespace

std::string last_part_of_model(std::string_view model) {
  std::string name(model);
  constexpr std::string_view kCache = "models--";
  if (const size_t cache = name.rfind(kCache); cache != std::string::npos) {
    name = name.substr(cache, name.find('/', cache) - cache);
    return name.substr(name.rfind("--") + 2);
  }
  while (name.ends_with('/')) name.pop_back();
  return name.substr(name.rfind('/') + 1);
}

SystemName system_name(std::string_view model) {
  std::string text = python_lower(last_part_of_model(model));
  // An underscore or point inside them would make two words of each.
  for (const char* nothing : {"q8_0", "v0.1"}) text = replace_all(text, nothing, " ");
  SystemName name;
  for (std::string& word : words_of(text)) {
    if (is_one_of(word, kInstruct)) {
      name.instruct = true;
    } else if (!is_one_of(word, kSayNothing) && !is_date(word)) {
      name.words.push_back(std::move(word));
    }
  }
  std::sort(name.words.begin(), name.words.end());
  return name;
}

}  // namespace assay::reports

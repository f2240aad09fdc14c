// Which published system a model is, told from its name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay::reports {

// "TinyStories-656K" of "/models/TinyStories-656K/", "gpt2" of a Hugging Face cache folder "models--org--gpt2/…": a
// model as a report names it that goes to others.
std::string last_part_of_model(std::string_view model);

struct SystemName {
  std::vector<std::string> words;  // sorted: "3", "8b", "llama"
  bool instruct = false;

  bool operator==(const SystemName&) const = default;
};

// Lower-case words of letters and digits, with a point between digits kept ("3.1", "0.5b") and letters parted from a
// number behind them ("llama3"). Words that say nothing of which model it is are dropped (meta, hf, base, gguf, f16,
// q8_0, v0.1, dates of eight digits, ...); instruct, chat and it say the variant. Of the model
// last_part_of_model() counts. Sizes and versions stay, so that they must match exactly.
SystemName system_name(std::string_view model);

}  // namespace assay::reports

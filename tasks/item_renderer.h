// From one row of a split to what is asked about it: the prompt or the dialogue, continuations or stops, and the gold.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "datasets/format.h"
#include "tasks/definition.h"
#include "tasks/dialogue.h"
#include "tasks/shots.h"
#include "tasks/task.h"

namespace assay::tasks {

// Renders the items of one subset, in file order: the picker depends on how many were rendered before. Not thread-safe;
// what is given must outlive it.
class ItemRenderer {
 public:
  // `examples` is the split of the picker; no picker: no examples are shown.
  ItemRenderer(const Ask& ask, const datasets::Split& test, const datasets::Split& examples, ShotPicker* picker)
      : ask_(ask), test_(test), examples_(examples), picker_(picker) {}

  // Of generations, instead of the protocol's number of tokens.
  void limit_to(int max_tokens) { max_tokens_ = max_tokens; }
  // The text of a dialogue, as long as no chat template has written it.
  void write_dialogues_as(DialogueForm form) { form_ = form; }

  // Whether the protocol asks this row at all.
  bool asks(size_t row) const;
  // Error(kBadInput) with the data file and line where the row lacks what is asked.
  Item render(size_t row);

 private:
  // What stands before an item and is often the same for all of them.
  struct Before {
    std::string text;                 // head and examples
    std::vector<engine::Turn> turns;  // of a dialogue, instead of the text
    int number = 1;                   // of the item itself among the problems of the prompt
  };

  Before before(size_t row);
  Before head_and_shots(size_t row);
  void add_shot(size_t shot, Before& before) const;
  engine::GenerateRequest generation(Before before, const Template::Values& values) const;
  std::vector<std::string> continuations(Template::Values values) const;

  const Ask& ask_;
  const datasets::Split& test_;
  const datasets::Split& examples_;
  ShotPicker* picker_;
  std::optional<int> max_tokens_;
  DialogueForm form_ = DialogueForm::kPlain;
  std::optional<Before> constant_;
};

}  // namespace assay::tasks

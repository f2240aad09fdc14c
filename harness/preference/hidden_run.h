// An opened hidden set, as long as a run asks it.
#pragma once

#include <memory>

#include "harness/preference/hidden_text.h"

namespace assay::harness {

// Immutable.
class HiddenRun {
 public:
  explicit HiddenRun(datasets::OpenedSet set)
      : set_(std::move(set)), texts_(std::make_shared<const HiddenTexts>(set_)) {}

  const datasets::OpenedSet& set() const { return set_; }
  const std::shared_ptr<const HiddenTexts>& texts() const { return texts_; }

 private:
  datasets::OpenedSet set_;
  std::shared_ptr<const HiddenTexts> texts_;
};

}  // namespace assay::harness

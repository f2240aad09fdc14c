#include "harness/rating/material.h"

#include <algorithm>

#include "base/error.h"

namespace assay::harness {

Material open_material(const store::Store& database, const std::vector<store::RunInfo>& runs,
                       const datasets::OpenedSet& set) {
  Material material;
  for (const datasets::HiddenPrompt& prompt : set.prompts) {
    material.prompts[prompt.id] = {prompt.category, prompt.prompt, prompt.note};
  }
  for (const store::RunInfo& run : runs) material.responses.push_back(open_responses(database, run, set));
  return material;
}

std::vector<std::string> Material::answered(const datasets::OpenedSet& set, const std::vector<std::string>& categories,
                                            size_t& left_out) const {
  std::vector<std::string> ids;
  left_out = 0;
  for (const datasets::HiddenPrompt& prompt : set.prompts) {
    if (!categories.empty() && std::find(categories.begin(), categories.end(), prompt.category) == categories.end()) {
      continue;
    }
    const bool everywhere =
        std::all_of(responses.begin(), responses.end(), [&](const auto& of_run) { return of_run.contains(prompt.id); });
    if (everywhere) {
      ids.push_back(prompt.id);
    } else {
      ++left_out;
    }
  }
  return ids;
}

std::string comment_place(const std::string& round_uid, int64_t assignment) {
  return fmt::format("comment {} {}", round_uid, assignment);
}

}  // namespace assay::harness

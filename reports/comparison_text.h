// Comparisons as a person reads them in a terminal of 80 columns, and as JSON.
#pragma once

#include <string>
#include <vector>

#include "reports/comparison.h"
#include "reports/text_style.h"

namespace assay::reports {

// `flips`: how many of the samples that changed are listed, a task.
std::string comparison_text(const std::vector<TaskComparison>& tasks, size_t flips, const TextStyle& style = {});

// A line a task: the difference of its primary score with interval and verdict, and a picture of them on one scale.
// Empty where no such score is a share.
std::string comparison_overview(const std::vector<TaskComparison>& tasks, const TextStyle& style);

// {"a":{"run",...},"tasks":[{"task","n","scores":[...],"margin","sentence","subsets","flips","allowed","unknown",
// "facts","warnings"}]}. Scores and differences are in the unit of the score (a share is 0 to 1), not in points.
store::Json comparison_json(const std::vector<TaskComparison>& tasks, size_t flips);

// What both reports and the gate say of how far two runs were alike: facts that differ, fields that cannot be known,
// fields that were allowed. Empty where there is nothing to say.
std::string comparability_text(const std::vector<const Comparability*>& tasks, const TextStyle& style = {});
store::Json comparability_json(const Comparability& comparability);

}  // namespace assay::reports

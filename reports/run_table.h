// Runs and their metrics as a person reads them in a terminal: 80 columns.
#pragma once

#include <string>
#include <vector>

#include "reports/text_style.h"
#include "store/store.h"

namespace assay::reports {

// A line a run: number, name, protocol, samples ("150 done", "20/150 interrupted": so many answered), the first
// metric's score, start.
std::string runs_list(const std::vector<store::Run>& runs, const TextStyle& style = {});

// One line a metric of the whole task: score, standard error, 95 % interval, number of samples, and a bar of each
// share. The first of a task stands behind its name, the others below it; a metric is called by its filter where it has
// one.
std::string runs_table(const std::vector<store::Run>& runs, const TextStyle& style = {});

// Every metric of one run, groups and subsets included.
std::string run_details(const store::Run& run, const TextStyle& style = {});

// "65.4 ± 0.4"-like pieces: a share as a percentage, anything else as it is.
std::string format_score(const scorers::Metric& metric, double value);

}  // namespace assay::reports

// Runs and their metrics as a person reads them in a terminal: 80 columns.
#pragma once

#include <string>
#include <vector>

#include "store/store.h"

namespace assay::reports {

// One line a metric of the whole task: score, standard error, 95 % interval, number of samples.
std::string runs_table(const std::vector<store::Run>& runs);

// Every metric of one run, groups and subsets included.
std::string run_details(const store::Run& run);

// "65.4 ± 0.4"-like pieces: a share as a percentage, anything else as it is.
std::string format_score(const scorers::Metric& metric, double value);

}  // namespace assay::reports

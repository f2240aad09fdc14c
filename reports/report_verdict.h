// What of a run's state and comparison becomes its verdict and message.
#pragma once

#include "reports/report.h"

namespace assay::reports {

// kUnfinished and kUnscored, where the run is; else nothing changes.
void judge_state(ReportedRun& run);

// The verdict of `comparison`, or of `gate` where there is one; else nothing changes.
void judge_comparison(ReportedRun& run, double alpha, std::optional<double> margin_points);

// "-0.50", "+1.20": a difference in points where the score is a share, else as it is.
std::string difference_words(const ScoreComparison& score, double difference);

}  // namespace assay::reports

// kind = "perplexity": how well a text is predicted. No keys. Of each sample the sums are kept, because the metrics are
// ratios of sums over samples: scores logprob (natural logarithm), tokens (scored) and bytes (UTF-8, of the text).
#pragma once

#include <string_view>

#include "scorers/rule.h"
#include "scorers/spec_reader.h"

namespace assay::scorers {

inline constexpr char kLogprob[] = "logprob";

// A metric that is no mean of scores: rate = −Σ logprob / Σ unit over samples, shown as exp(rate) or rate / ln 2.
struct RatioMetric {
  const char* name;
  const char* unit;   // name of the score that is summed below the line
  bool exponentiate;  // exp(rate); otherwise rate / ln 2, in bits
};

// perplexity = exp(−Σ logprob / Σ tokens); bits_per_byte = −Σ logprob / (ln 2 · Σ bytes).
inline constexpr RatioMetric kRatioMetrics[] = {{"perplexity", "tokens", true}, {"bits_per_byte", "bytes", false}};

// The ratio metric called `metric`, null where it is an ordinary mean.
const RatioMetric* ratio_metric(std::string_view metric);

Rule perplexity_rule(SpecReader& spec);

}  // namespace assay::scorers

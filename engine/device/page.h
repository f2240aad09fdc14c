// The page of the key-value cache, for host and device code alike.
#pragma once

namespace assay::engine {

// Positions that one page of the key-value cache holds. Attention is cut at multiples of it, counted from the start of
// the sequence, and nowhere else.
inline constexpr int kPageTokens = 32;

}  // namespace assay::engine

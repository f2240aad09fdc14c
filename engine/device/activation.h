// What a feed-forward network applies to its gate.
#pragma once

namespace assay::engine {

enum class Activation {
  kSilu,      // x * sigmoid(x)
  kGeluTanh,  // Hendrycks, Gimpel 2016: x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)))
};

}  // namespace assay::engine

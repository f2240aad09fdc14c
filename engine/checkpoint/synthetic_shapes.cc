#include "engine/checkpoint/synthetic_shapes.h"

#include <cmath>
#include <functional>

#include "engine/checkpoint/complete_architecture.h"
#include "engine/checkpoint/families.h"

namespace assay::engine {
namespace {

// What every config.json says; head_dim 0: dim / heads.
struct Sizes {
  int layers = 0;
  int dim = 0;
  int heads = 0;
  int kv_heads = 0;
  int head_dim = 0;
  int ffn_dim = 0;
  int vocab = 0;
  int context = 0;
  float norm_eps = 0;
  double theta = 0;
};

// `particulars` fills in what only some families have.
Architecture shape(
    const char* model_type, const Sizes& sizes,
    const std::function<void(Architecture&)>& particulars = [](Architecture&) {}) {
  const Family& family = family_of_model_type(model_type, "synthetic");
  Architecture a = architecture_of(family);
  a.layers = sizes.layers;
  a.dim = sizes.dim;
  a.heads = sizes.heads;
  a.kv_heads = sizes.kv_heads;
  a.ffn_dim = sizes.ffn_dim;
  a.vocab = sizes.vocab;
  a.context = sizes.context;
  a.norm_eps = sizes.norm_eps;
  a.rope.theta = sizes.theta;
  a.tied = family.tied;
  particulars(a);
  const int head_dim = sizes.head_dim > 0 ? sizes.head_dim : sizes.dim / sizes.heads;
  complete_architecture(a, family, head_dim, "synthetic", {});
  return a;
}

// Every layer, or the even ones.
std::function<void(Architecture&)> windows(int window, bool every) {
  return [=](Architecture& a) {
    std::vector<bool> slides;
    for (int layer = 0; layer < a.layers; ++layer) slides.push_back(every || layer % 2 == 0);
    a.windows = windows_of(slides, window);
  };
}

std::function<void(Architecture&)> experts(int count, int per_token) {
  return [=](Architecture& a) {
    a.experts = count;
    a.experts_per_token = per_token;
  };
}

std::function<void(Architecture&)> gemma2(int window, double query_scalar) {
  return [=](Architecture& a) {
    windows(window, false)(a);
    a.attention_soft_cap = 50;
    a.logit_soft_cap = 30;
    a.attention_scale = static_cast<float>(1 / std::sqrt(query_scalar));
  };
}

}  // namespace

const std::vector<SyntheticShape>& synthetic_shapes() {
  static const std::vector<SyntheticShape> kShapes = {
      {"llama3-8b", shape("llama", {32, 4096, 32, 8, 0, 14336, 128256, 8192, 1e-5F, 500000})},
      {"llama3-70b", shape("llama", {80, 8192, 64, 8, 0, 28672, 128256, 8192, 1e-5F, 500000})},
      {"mistral-7b", shape("mistral", {32, 4096, 32, 8, 0, 14336, 32000, 32768, 1e-5F, 10000}, windows(4096, true))},
      {"mixtral-8x22b", shape("mixtral", {56, 6144, 48, 8, 0, 16384, 32000, 65536, 1e-5F, 1000000}, experts(8, 2))},
      {"gemma-7b", shape("gemma", {28, 3072, 16, 16, 256, 24576, 256000, 8192, 1e-6F, 10000})},
      {"gemma2-9b", shape("gemma2", {42, 3584, 16, 8, 256, 14336, 256000, 8192, 1e-6F, 10000}, gemma2(4096, 256))},
      {"qwen2.5-7b", shape("qwen2", {28, 3584, 28, 4, 0, 18944, 152064, 131072, 1e-6F, 1000000})},
      {"qwen3-8b", shape("qwen3", {36, 4096, 32, 8, 128, 12288, 151936, 40960, 1e-6F, 1000000})},
      {"llama-tiny", shape("llama", {2, 64, 4, 2, 0, 128, 2048, 8192, 1e-5F, 500000})},
      {"mistral-tiny", shape("mistral", {2, 64, 4, 2, 0, 128, 2048, 8192, 1e-5F, 10000}, windows(24, true))},
      {"mixtral-tiny", shape("mixtral", {2, 64, 4, 2, 0, 96, 2048, 8192, 1e-5F, 1000000}, experts(4, 2))},
      {"gemma-tiny", shape("gemma", {2, 64, 4, 1, 32, 128, 2048, 8192, 1e-6F, 10000})},
      {"gemma2-tiny", shape("gemma2", {4, 64, 4, 2, 24, 128, 2048, 8192, 1e-6F, 10000}, gemma2(24, 40))},
      {"qwen2-tiny", shape("qwen2", {2, 64, 4, 2, 0, 128, 2048, 8192, 1e-6F, 1000000})},
      {"qwen3-tiny", shape("qwen3", {2, 64, 4, 2, 24, 128, 2048, 8192, 1e-6F, 1000000})},
      {"olmo2-tiny", shape("olmo2", {2, 64, 4, 2, 0, 128, 2048, 4096, 1e-6F, 500000})},
  };
  return kShapes;
}

}  // namespace assay::engine

#include "engine/engine.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "engine/encode_requests.h"
#include "engine/lane.h"
#include "engine/load_chat_template.h"
#include "engine/load_tokenizer.h"
#include "engine/model/model.h"
#include "engine/open_devices.h"
#include "engine/parallel.h"
#include "engine/share_out.h"

namespace assay::engine {
namespace {

// A model without files (synthetic.h) is what its name says.
std::string sha256_of_weights(const std::vector<std::filesystem::path>& paths, const std::string& name) {
  return paths.empty() ? sha256_hex(name) : sha256_files(paths);
}

// Where the lanes of a run meet: one of them at a time talks to the caller, and tells of all.
class Outlet {
 public:
  Outlet(const RunCallbacks& callbacks, size_t lanes) : callbacks_(callbacks), progress_(lanes) {}

  LaneCallbacks of(size_t lane) {
    return {[this](std::vector<Response> responses) {
              const std::lock_guard lock(mutex_);
              if (callbacks_.on_responses) callbacks_.on_responses(std::move(responses));
            },
            [this, lane](const Progress& progress) {
              const std::lock_guard lock(mutex_);
              progress_[lane] = progress;
              if (callbacks_.on_step) callbacks_.on_step(sum());
            },
            [this] { return failed_ || (callbacks_.stop != nullptr && *callbacks_.stop); }};
  }
  // The other lanes end as well.
  void fail() { failed_ = true; }

 private:
  Progress sum() const {
    Progress all;
    for (const Progress& one : progress_) {
      all.prompt_tokens_done += one.prompt_tokens_done;
      all.prompt_tokens_total += one.prompt_tokens_total;
      all.generated_tokens_done += one.generated_tokens_done;
      all.generated_tokens_left += one.generated_tokens_left;
    }
    return all;
  }

  const RunCallbacks& callbacks_;
  std::mutex mutex_;
  std::vector<Progress> progress_;
  std::atomic<bool> failed_ = false;
};

EndOfText end_of_text(const Checkpoint& checkpoint, const Tokenizer& tokenizer) {
  EndOfText end{checkpoint.end_tokens(), ""};
  if (!end.tokens.empty()) end.text = tokenizer.token_text(end.tokens.front());
  return end;
}

LaneModel open_model(const std::string& name, const EngineOptions& options, bool on_gpu) {
  if (options.threads < 0) fail(ExitCode::kUsage, "--threads {} is negative", options.threads);
  const Checkpoint checkpoint = Checkpoint::open(name);
  const DataType type = choose_type(options.dtype, checkpoint.stored_type(), on_gpu);
  LoadedTokenizer loaded = load_tokenizer(checkpoint, options.tokenizer);
  EndOfText end = end_of_text(checkpoint, loaded.tokenizer);
  return {name, checkpoint, type, std::move(loaded), std::move(end)};
}

}  // namespace

struct Engine::Impl {
  std::vector<int> gpus;  // none: the processor
  LaneModel model;
  std::vector<std::unique_ptr<Lane>> lanes;  // one a device
  std::unique_ptr<RequestEncoder> encoder;
  ModelFacts facts;
  std::optional<chat::ChatTemplate> chat;

  Impl(const std::string& name, const EngineOptions& options)
      : gpus(options.test_devices.make ? std::vector<int>{} : choose_gpus(options.device)),
        model(open_model(name, options, options.test_devices.make || !gpus.empty())) {
    const bool adds_bos = decide_bos(model.loaded, options.bos);
    TextStart start{adds_bos, model.loaded.bos, {}};
    if (!model.end.tokens.empty()) start.end = model.end.tokens.front();
    encoder = std::make_unique<RequestEncoder>(model.loaded.tokenizer, start, model.checkpoint.architecture().context);

    std::vector<std::unique_ptr<Device>> devices = open_devices(options, gpus, model.type);
    // A large checkpoint takes as long to hash as to pack: both read the same pages of the same files.
    auto weights_sha256 = std::async(std::launch::async, sha256_of_weights, model.checkpoint.weight_files(), name);
    lanes.resize(devices.size());
    parallel_for(devices.size(), static_cast<int>(devices.size()), [&](size_t i) {
      lanes[i] = std::make_unique<Lane>(model, std::move(devices[i]), options.step_tokens, options.memory_gib);
    });
    fill_facts(adds_bos, options);
    facts.weights_sha256 = weights_sha256.get();
  }

  void fill_facts(bool adds_bos, const EngineOptions& options) {
    const Architecture& architecture = model.checkpoint.architecture();
    const Device& device = lanes.front()->device();
    facts.model = model.name;
    facts.architecture = architecture.family;
    facts.tokenizer_sha256 = model.loaded.sha256;
    facts.parameters = model.checkpoint.parameters();
    facts.weights_per_token = weights_per_token(architecture);
    facts.context_length = architecture.context;
    facts.vocabulary = architecture.vocab;
    facts.adds_bos = adds_bos;
    facts.end_text = model.end.text;
    facts.dtype = name_of(model.type);
    facts.device = device.kind();
    facts.kernels = device.kernels();
    facts.threads = device.threads();
    facts.step_tokens = lanes.front()->step_tokens();
    if (options.tokenizer.empty()) chat = load_chat_template(model.checkpoint, model.name);
    facts.instruct = chat.has_value();
  }

  std::vector<LaneShare> encode(std::span<const Request> requests) const {
    std::vector<EncodedRequest> encoded(requests.size());
    const int threads = lanes.front()->device().threads() * static_cast<int>(lanes.size());
    parallel_for(requests.size(), threads, [&](size_t i) { encoded[i] = encoder->encode(i, requests[i]); });
    std::vector<LaneShare> shares;
    for (std::vector<size_t>& which : share_out(encoded, static_cast<int>(lanes.size()))) {
      LaneShare& share = shares.emplace_back();
      for (const size_t request : which) share.encoded.push_back(std::move(encoded[request]));
      share.which = std::move(which);
    }
    return shares;
  }

  bool run(std::span<const Request> requests, const RunCallbacks& callbacks) {
    std::vector<LaneShare> shares = encode(requests);
    Outlet outlet(callbacks, lanes.size());
    std::atomic<bool> all_done = true;
    parallel_for(lanes.size(), static_cast<int>(lanes.size()), [&](size_t i) {
      try {
        if (!lanes[i]->run(requests, std::move(shares[i]), outlet.of(i))) all_done = false;
      } catch (...) {
        outlet.fail();
        throw;
      }
    });
    return all_done;
  }

  Plan plan(std::span<const Request> requests) const {
    std::vector<LaneShare> shares = encode(requests);
    Plan all;
    for (size_t i = 0; i < lanes.size(); ++i) {
      const Plan one = lanes[i]->plan(std::move(shares[i]));
      all.requests += one.requests;
      all.unshared_tokens += one.unshared_tokens;
      all.prompt_tokens += one.prompt_tokens;
      all.generated_tokens += one.generated_tokens;
      all.truncated += one.truncated;
      all.weight_bytes = one.weight_bytes;
      all.cache_bytes = std::max(all.cache_bytes, one.cache_bytes);
    }
    return all;
  }
};

Engine::Engine(const std::string& model, const EngineOptions& options)
    : impl_(std::make_unique<Impl>(model, options)) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;

const ModelFacts& Engine::facts() const {
  return impl_->facts;
}
const std::optional<chat::ChatTemplate>& Engine::chat() const {
  return impl_->chat;
}
Plan Engine::plan(std::span<const Request> requests) const {
  return impl_->plan(requests);
}
bool Engine::run(std::span<const Request> requests, const RunCallbacks& callbacks) {
  return impl_->run(requests, callbacks);
}

}  // namespace assay::engine

#include "engine/engine.h"

#include <future>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "engine/answers.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/device/cpu/cpu_device.h"
#include "engine/encode_requests.h"
#include "engine/load_tokenizer.h"
#include "engine/memory.h"
#include "engine/model/model.h"
#include "engine/parallel.h"
#include "engine/scheduler/scheduler.h"

namespace assay::engine {
namespace {

// Enough rows to keep a processor's matrix product near its peak; more only costs memory.
constexpr int kCpuStepTokens = 512;
constexpr int kMostStepTokens = 1 << 16;
// Of the memory that is free. The rest is for activations, logits, the requests and everybody else.
constexpr double kShareOfMemory = 0.8;

void check_device(const std::string& device) {
  if (device == "auto" || device == "cpu") return;
  if (device == "cuda" || device.starts_with("cuda:")) {
    fail(ExitCode::kUnavailable, "--device {}: this program is built without CUDA; use --device cpu", device);
  }
  fail(ExitCode::kUsage, "--device {} is none of auto, cpu, cuda", device);
}

// INTERFACE.md, --dtype.
DataType choose_type(const std::string& dtype, const std::string& stored) {
  if (dtype == "auto") return stored == "bf16" ? DataType::kBf16 : DataType::kF32;
  if (dtype == "f32") return DataType::kF32;
  if (dtype == "bf16") return DataType::kBf16;
  if (dtype == "f16") fail(ExitCode::kUsage, "--dtype f16 needs a CUDA device; use f32 or bf16 on a CPU");
  fail(ExitCode::kUsage, "--dtype {} is none of auto, f32, bf16, f16", dtype);
}

int choose_step_tokens(int asked) {
  if (asked < 0 || asked > kMostStepTokens) {
    fail(ExitCode::kUsage, "--step-tokens {} is not between 1 and {}", asked, kMostStepTokens);
  }
  return asked == 0 ? kCpuStepTokens : asked;
}

// Bytes for weights and cache together.
int64_t memory_budget(double asked_gib) {
  if (!(asked_gib >= 0) || asked_gib > 1 << 20) fail(ExitCode::kUsage, "--memory {} is not a size in GiB", asked_gib);
  if (asked_gib > 0) return static_cast<int64_t>(asked_gib * (1 << 30));
  return static_cast<int64_t>(kShareOfMemory * static_cast<double>(available_memory()));
}

std::string sha256_of_files(const std::vector<std::filesystem::path>& paths) {
  Sha256 hash;
  for (const auto& path : paths) hash.update(MappedFile(path).bytes());
  return hash.hex();
}

}  // namespace

struct Engine::Impl {
  std::string name;
  Checkpoint checkpoint;
  DataType type;
  int step_tokens;
  int64_t budget;
  LoadedTokenizer loaded;
  std::unique_ptr<Device> device;
  std::unique_ptr<Model> model;
  std::unique_ptr<RequestEncoder> encoder;
  EndOfText end;
  ModelFacts facts;

  Impl(const std::string& model_name, const EngineOptions& options)
      : name(model_name),
        checkpoint((check_device(options.device), Checkpoint::open(model_name))),
        type(choose_type(options.dtype, checkpoint.stored_type())),
        step_tokens(choose_step_tokens(options.step_tokens)),
        budget(memory_budget(options.memory_gib)),
        loaded(load_tokenizer(checkpoint, options.tokenizer)) {
    if (options.threads < 0) fail(ExitCode::kUsage, "--threads {} is negative", options.threads);
    const bool adds_bos = decide_bos(loaded, options.bos);
    check_weights_fit();
    // A large checkpoint takes as long to hash as to pack: both read the same pages of the same files.
    auto weights_sha256 = std::async(std::launch::async, sha256_of_files, checkpoint.weight_files());
    device = make_cpu_device(options.kernels, type, options.threads);
    model = std::make_unique<Model>(checkpoint, *device, type, step_tokens);

    TextStart start{adds_bos, loaded.bos, {}};
    end.tokens = checkpoint.end_tokens();
    if (!end.tokens.empty()) {
      start.end = end.tokens.front();
      end.text = loaded.tokenizer.token_text(end.tokens.front());
    }
    encoder = std::make_unique<RequestEncoder>(loaded.tokenizer, start, checkpoint.architecture().context);
    fill_facts(adds_bos, options);
    facts.weights_sha256 = weights_sha256.get();
  }

  void check_weights_fit() const {
    const int64_t needed = weight_bytes(checkpoint.architecture(), type);
    if (needed <= budget) return;
    fail(ExitCode::kUnavailable, "the weights of {} take {} as {}, but only {} of memory may be used; see --memory",
         name, format_gib(needed), type == DataType::kF32 ? "f32" : "bf16", format_gib(budget));
  }

  void fill_facts(bool adds_bos, const EngineOptions& options) {
    const Architecture& architecture = checkpoint.architecture();
    facts.model = name;
    facts.architecture = architecture.family;
    facts.tokenizer_sha256 = loaded.sha256;
    facts.parameters = checkpoint.parameters();
    facts.context_length = architecture.context;
    facts.vocabulary = architecture.vocab;
    facts.adds_bos = adds_bos;
    facts.end_text = end.text;
    facts.dtype = type == DataType::kF32 ? "f32" : "bf16";
    facts.device = "cpu";
    facts.kernels = device->kernels();
    facts.threads = device->threads();
    facts.step_tokens = step_tokens;
    facts.instruct = options.tokenizer.empty() && checkpoint.has_chat_template();
  }

  std::vector<EncodedRequest> encode(std::span<const Request> requests) const {
    std::vector<EncodedRequest> encoded(requests.size());
    parallel_for(requests.size(), device->threads(), [&](size_t i) { encoded[i] = encoder->encode(i, requests[i]); });
    return encoded;
  }

  // Moves the sequences away.
  Scheduler schedule(Sequences& sequences) const {
    const Architecture& architecture = checkpoint.architecture();
    SchedulerLimits limits;
    limits.step_tokens = step_tokens;
    limits.pages = (budget - weight_bytes(architecture, type)) / page_bytes(architecture, *device);
    return {std::move(sequences.scored), std::move(sequences.generated), limits};
  }

  [[noreturn]] void report_nan(const NanFound& found, size_t request) const {
    const int layers = checkpoint.architecture().layers;
    const std::string where = found.layer < 0        ? "the embedding"
                              : found.layer < layers ? fmt::format("layer {}", found.layer)
                                                     : "the output matrix";
    fail_input(
        "{}: {} gives a NaN for request {}; the run stops, and nothing that depends on it "
        "is scored",
        name, where, request);
  }

  bool run(std::span<const Request> requests, const RunCallbacks& callbacks) {
    std::vector<EncodedRequest> encoded = encode(requests);
    Sequences sequences = take_sequences(encoded);
    Scheduler scheduler = schedule(sequences);
    Answers answers(requests, std::move(encoded), sequences, loaded.tokenizer, end);
    const Scheduler::Sink sink = answers.sink();
    const auto hand_out = [&] {
      std::vector<Response> finished = answers.take_finished();
      if (!finished.empty() && callbacks.on_responses) callbacks.on_responses(std::move(finished));
    };
    hand_out();
    if (!scheduler.done()) model->make_cache(static_cast<int>(scheduler.peak_pages()));
    while (!scheduler.done()) {
      if (callbacks.stop != nullptr && *callbacks.stop) return false;
      StepResult result;
      try {
        result = model->forward(scheduler.next_step());
      } catch (const NanFound& found) {
        report_nan(found, answers.request_of(scheduler.owner_of_row(found.row)));
      }
      scheduler.absorb(result, sink);
      hand_out();
      if (callbacks.on_step) callbacks.on_step(progress_of(scheduler));
    }
    return true;
  }

  static Progress progress_of(const Scheduler& scheduler) {
    return {scheduler.prompt_tokens_done(), scheduler.prompt_tokens(), scheduler.generated_tokens_done(),
            scheduler.generated_tokens_left()};
  }

  Plan plan(std::span<const Request> requests) const {
    std::vector<EncodedRequest> encoded = encode(requests);
    Plan result;
    for (const EncodedRequest& request : encoded) result.truncated += request.truncated ? 1 : 0;
    Sequences sequences = take_sequences(encoded);
    const Scheduler scheduler = schedule(sequences);
    result.requests = static_cast<int64_t>(requests.size());
    result.unshared_tokens = scheduler.unshared_tokens();
    result.prompt_tokens = scheduler.prompt_tokens();
    result.generated_tokens = scheduler.generated_tokens_left();
    result.weight_bytes = weight_bytes(checkpoint.architecture(), type);
    result.cache_bytes = scheduler.peak_pages() * page_bytes(checkpoint.architecture(), *device);
    return result;
  }
};

Engine::Engine(const std::string& model, const EngineOptions& options)
    : impl_(std::make_unique<Impl>(model, options)) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;

const ModelFacts& Engine::facts() const {
  return impl_->facts;
}
Plan Engine::plan(std::span<const Request> requests) const {
  return impl_->plan(requests);
}
bool Engine::run(std::span<const Request> requests, const RunCallbacks& callbacks) {
  return impl_->run(requests, callbacks);
}

}  // namespace assay::engine

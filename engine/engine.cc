#include "engine/engine.h"

#include <algorithm>
#include <charconv>
#include <future>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "engine/answers.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/device/cpu/cpu_device.h"
#include "engine/device/cpu/thread_pool.h"
#include "engine/device/gpu.h"
#include "engine/encode_requests.h"
#include "engine/load_tokenizer.h"
#include "engine/memory.h"
#include "engine/model/model.h"
#include "engine/parallel.h"
#include "engine/scheduler/scheduler.h"

namespace assay::engine {
namespace {

constexpr int kMostStepTokens = 1 << 16;
// Of the memory that is free. The rest is for activations, logits, the requests and everybody else.
constexpr double kShareOfMemory = 0.8;

// INTERFACE.md, --device: the number of a GPU, or nothing for the processor. auto: the first GPU where there is one.
std::optional<int> choose_gpu(const std::string& device) {
  if (device == "cpu") return std::nullopt;
  if (device == "auto") return gpu_support().count > 0 ? std::optional(0) : std::nullopt;
  if (device == "cuda") return 0;
  int ordinal = 0;
  const std::string_view number = std::string_view(device).substr(std::min(device.size(), size_t{5}));
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), ordinal);
  if (device.starts_with("cuda:") && error == std::errc() && end == number.data() + number.size() && ordinal >= 0) {
    return ordinal;
  }
  fail(ExitCode::kUsage, "--device {} is none of auto, cpu, cuda, cuda:N", device);
}

// INTERFACE.md, --dtype.
DataType choose_type(const std::string& dtype, const std::string& stored, bool on_gpu) {
  if (dtype == "auto" && stored == "f16" && on_gpu) return DataType::kF16;
  if (dtype == "auto") return stored == "bf16" ? DataType::kBf16 : DataType::kF32;
  if (dtype == "f32") return DataType::kF32;
  if (dtype == "bf16") return DataType::kBf16;
  if (dtype == "f16" && on_gpu) return DataType::kF16;
  if (dtype == "f16") fail(ExitCode::kUsage, "--dtype f16 needs a CUDA device; use f32 or bf16 on a CPU");
  fail(ExitCode::kUsage, "--dtype {} is none of auto, f32, bf16, f16", dtype);
}

const char* name_of(DataType type) {
  switch (type) {
    case DataType::kBf16:
      return "bf16";
    case DataType::kF16:
      return "f16";
    case DataType::kF32:
      break;
  }
  return "f32";
}

// A GPU has one set of kernels: whoever names another wants another machine.
void check_gpu_kernels(const std::string& asked, const Device& device) {
  if (asked == "auto" || asked == device.kernels()) return;
  fail(ExitCode::kUnavailable, "--kernels {}: this GPU has {}; leave it out, or use --device cpu", asked,
       device.kernels());
}

std::unique_ptr<Device> open_device(const EngineOptions& options, DataType type) {
  const std::optional<int> gpu = choose_gpu(options.device);
  if (!gpu) return make_cpu_device(options.kernels, type, options.threads);
  const int threads = options.threads > 0 ? options.threads : usable_threads();
  std::unique_ptr<Device> device = make_gpu_device(*gpu, type, threads);
  check_gpu_kernels(options.kernels, *device);
  return device;
}

int choose_step_tokens(int asked, const Device& device) {
  if (asked < 0 || asked > kMostStepTokens) {
    fail(ExitCode::kUsage, "--step-tokens {} is not between 1 and {}", asked, kMostStepTokens);
  }
  return asked == 0 ? device.step_tokens() : asked;
}

// Bytes for weights and cache together.
int64_t memory_budget(double asked_gib, const Device& device) {
  if (!(asked_gib >= 0) || asked_gib > 1 << 20) fail(ExitCode::kUsage, "--memory {} is not a size in GiB", asked_gib);
  if (asked_gib > 0) return static_cast<int64_t>(asked_gib * (1 << 30));
  return static_cast<int64_t>(kShareOfMemory * static_cast<double>(device.own_memory().value_or(available_memory())));
}

// A model without files (synthetic.h) is what its name says.
std::string sha256_of_weights(const std::vector<std::filesystem::path>& paths, const std::string& name) {
  if (paths.empty()) return sha256_hex(name);
  Sha256 hash;
  for (const auto& path : paths) hash.update(MappedFile(path).bytes());
  return hash.hex();
}

}  // namespace

struct Engine::Impl {
  std::string name;
  Checkpoint checkpoint;
  DataType type;
  LoadedTokenizer loaded;
  std::unique_ptr<Device> device;
  int step_tokens;
  int64_t budget;
  std::unique_ptr<Model> model;
  std::unique_ptr<RequestEncoder> encoder;
  EndOfText end;
  ModelFacts facts;

  Impl(const std::string& model_name, const EngineOptions& options, const DeviceMaker& make_device)
      : name(model_name),
        checkpoint((choose_gpu(options.device), Checkpoint::open(model_name))),
        type(choose_type(options.dtype, checkpoint.stored_type(), make_device || choose_gpu(options.device))),
        loaded(load_tokenizer(checkpoint, options.tokenizer)),
        device(make_device ? make_device(type) : open_device(options, type)),
        step_tokens(choose_step_tokens(options.step_tokens, *device)),
        budget(memory_budget(options.memory_gib, *device)) {
    if (options.threads < 0) fail(ExitCode::kUsage, "--threads {} is negative", options.threads);
    const bool adds_bos = decide_bos(loaded, options.bos);
    check_weights_fit();
    // A large checkpoint takes as long to hash as to pack: both read the same pages of the same files.
    auto weights_sha256 = std::async(std::launch::async, sha256_of_weights, checkpoint.weight_files(), name);
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

  // The embedding stays in the checkpoint's file unless the device has a memory of its own.
  int64_t weights_in_memory() const {
    const Architecture& architecture = checkpoint.architecture();
    const int64_t table = int64_t{architecture.vocab} * architecture.dim * static_cast<int64_t>(bytes_of(type));
    return weight_bytes(architecture, type) + (device->own_memory() ? table : 0);
  }

  void check_weights_fit() const {
    const int64_t needed = weights_in_memory();
    if (needed <= budget) return;
    fail(ExitCode::kUnavailable, "the weights of {} take {} as {}, but only {} of memory may be used; see --memory",
         name, format_gib(needed), name_of(type), format_gib(budget));
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
    facts.dtype = name_of(type);
    facts.device = device->kind();
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
    limits.pages = (budget - weights_in_memory()) / page_bytes(architecture, *device);
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
    result.weight_bytes = weights_in_memory();
    result.cache_bytes = scheduler.peak_pages() * page_bytes(checkpoint.architecture(), *device);
    return result;
  }
};

Engine::Engine(const std::string& model, const EngineOptions& options, const DeviceMaker& make_device)
    : impl_(std::make_unique<Impl>(model, options, make_device)) {}
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

// The engine: a whole plan of requests goes in at once, responses come back as they finish, in any order.
//
// Batch invariance: a response depends on its request and the model alone (bit for bit, on one device type, kernel set
// and build) - never on the other requests, the step size, the number of threads, the order, or a resume.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/chat/chat_template.h"
#include "engine/request.h"

namespace assay::engine {

enum class DataType;
class Device;
struct TestDevices {
  std::function<std::unique_ptr<Device>(DataType)> make;
  int count = 1;
};

struct EngineOptions {
  std::string device = "auto";  // auto | cpu | cuda | cuda:N | cuda:all
  std::string dtype = "auto";   // auto | f32 | bf16 | f16 (GPUs alone): of weights and of the inputs of matrix products
  std::string kernels = "auto";  // auto | scalar | avx2 | avx512 | avx512bf16 | amx: the highest set allowed
  int threads = 0;               // 0: as many as the process may use
  int step_tokens = 0;           // tokens a forward pass computes at most; 0: a default for the device
  double memory_gib = 0;         // weights and key-value cache together; 0: most of what is free
  std::string bos = "auto";      // auto | on | off (PROTOCOLS.md §1.2)
  std::string tokenizer;         // a folder or file that replaces the model's own tokenizer; empty: the model's own
  TestDevices test_devices;      // for tests: where it makes some, instead of what `device` says
};

// Facts of model and machine for the manifest.
struct ModelFacts {
  std::string model;             // as the user named it
  std::string architecture;      // "llama"
  std::string weights_sha256;    // over the weight files, in order
  std::string tokenizer_sha256;  // over the tokenizer's file, or the vocabulary embedded in a GGUF
  int64_t parameters = 0;
  int64_t weights_per_token = 0;  // that a token is multiplied by, the output matrix not counted
  int context_length = 0;         // tokens
  int vocabulary = 0;
  bool adds_bos = false;
  std::string end_text;  // written form of the end token; empty where there is none
  std::string dtype;     // f32 | bf16 | f16
  std::string device;    // cpu | cuda
  std::string kernels;   // those in use: scalar | avx2 | avx512 | avx512bf16 | amx; of a GPU sm_90 and the like
  int threads = 0;
  int step_tokens = 0;
  bool instruct = false;  // carries a chat template
};

// What a run will cost; exact except where it says "at most".
struct Plan {
  int64_t requests = 0;
  int64_t unshared_tokens = 0;   // prompt tokens if every request were computed alone
  int64_t prompt_tokens = 0;     // prompt tokens that will be computed
  int64_t generated_tokens = 0;  // at most
  int64_t truncated = 0;         // requests whose left end is cut
  int64_t weight_bytes = 0;      // on each device
  int64_t cache_bytes = 0;       // of the key-value cache of a device, at most
};

struct Progress {
  int64_t prompt_tokens_done = 0;
  int64_t prompt_tokens_total = 0;
  int64_t generated_tokens_done = 0;
  int64_t generated_tokens_left = 0;  // at most: what the unfinished generations may still produce
};

struct RunCallbacks {
  // Responses of one step together, so that they can be stored in one transaction. Several devices take turns: no two
  // calls of any of these run at once, but they may come from different threads.
  std::function<void(std::vector<Response>)> on_responses;
  std::function<void(const Progress&)> on_step;  // after each step
  const std::atomic<bool>* stop = nullptr;       // set: the run ends after the step in flight
};

// Not thread-safe; uses its own threads inside.
class Engine {
 public:
  // `model`: a folder, a file, or a name in the Hugging Face cache (INTERFACE.md). Errors: kBadInput for a damaged or
  // unknown checkpoint, kUnavailable for memory or a device that is not there, kUsage for an option.
  Engine(const std::string& model, const EngineOptions& options);
  ~Engine();
  Engine(Engine&&) noexcept;

  const ModelFacts& facts() const;
  // The model's own chat template; nothing where it has none, and where another tokenizer replaces its own.
  const std::optional<chat::ChatTemplate>& chat() const;
  Plan plan(std::span<const Request> requests) const;
  // Returns true when every request was answered, false when `stop` ended it. NaN in the logits: Error(kBadInput)
  // naming layer and request; responses handed out before stay valid.
  bool run(std::span<const Request> requests, const RunCallbacks& callbacks);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assay::engine

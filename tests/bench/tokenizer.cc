// Tokenisation of MMLU's questions, one call a question as the harness makes it: tokens and bytes per second on one
// core. Reads the folder that ASSAY_SHARED names (default ../shared).
#include "engine/tokenizer/tokenizer.h"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"

namespace assay::engine {
namespace {

std::filesystem::path shared() {
  const char* named = std::getenv("ASSAY_SHARED");
  return named != nullptr ? named : "../shared";
}

// The test questions, cut where they are about as long as a rendered prompt with its examples.
const std::vector<std::string>& prompts() {
  static const std::vector<std::string> texts = [] {
    constexpr size_t kPromptBytes = 3000;
    std::vector<std::string> result;
    for (const auto& file : std::filesystem::directory_iterator(shared() / "datasets/mmlu/test")) {
      const std::string content = read_file(file.path());
      for (size_t at = 0; at < content.size(); at += kPromptBytes) result.push_back(content.substr(at, kPromptBytes));
    }
    return result;
  }();
  return texts;
}

void encode(benchmark::State& state, const char* file) {
  const Tokenizer tokenizer = Tokenizer::from_file(shared() / "models" / file);
  int64_t tokens = 0;
  int64_t bytes = 0;
  for (auto _ : state) {
    for (const std::string& prompt : prompts()) {
      tokens += static_cast<int64_t>(tokenizer.encode(prompt).size());
      bytes += static_cast<int64_t>(prompt.size());
    }
  }
  state.counters["tokens"] = benchmark::Counter(static_cast<double>(tokens), benchmark::Counter::kIsRate);
  state.SetBytesProcessed(bytes);
}

void load(benchmark::State& state, const char* file) {
  for (auto _ : state) benchmark::DoNotOptimize(Tokenizer::from_file(shared() / "models" / file));
}

// A word that never ends: time must grow as n log n.
void encode_run(benchmark::State& state, const char* file) {
  const Tokenizer tokenizer = Tokenizer::from_file(shared() / "models" / file);
  const std::string text(static_cast<size_t>(state.range(0)), 'a');
  for (auto _ : state) benchmark::DoNotOptimize(tokenizer.encode(text));
  state.SetComplexityN(state.range(0));
}

BENCHMARK_CAPTURE(encode, llama3, "llama3-tokenizer/tokenizer.json")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(encode, smollm2, "SmolLM2-135M-Instruct/tokenizer.json")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(encode, llama2, "tokenizers/llama2/tokenizer.json")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(load, llama3, "llama3-tokenizer/tokenizer.json")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(load, llama3_tiktoken, "llama3-tokenizer/tokenizer.model")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(load, smollm2, "SmolLM2-135M-Instruct/tokenizer.json")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(encode_run, llama3, "llama3-tokenizer/tokenizer.json")
    ->RangeMultiplier(10)
    ->Range(1000, 100000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity();

}  // namespace
}  // namespace assay::engine

BENCHMARK_MAIN();

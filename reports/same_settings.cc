#include "reports/same_settings.h"

namespace assay::reports {
namespace {

constexpr std::string_view kMeta = "Meta (measured)";
constexpr std::string_view kApril = "2024-04-18";
constexpr std::string_view kJuly = "2024-07-23";

constexpr std::string_view kMacro = "choice-letter log-likelihood; macro average over subjects";
constexpr std::string_view kMicro = "choice-letter log-likelihood; micro average over questions";
constexpr std::string_view kArc = "all choices in prompt (MMLU format); choice-letter log-likelihood";
constexpr std::string_view kAgieval = "AGIEval default few-shot prompts; average over English subtasks";

constexpr std::string_view kTurnsMacro =
    "few-shot as user/assistant dialogue; choice letter generated; macro average over subjects";
constexpr std::string_view kTurnsMicro =
    "few-shot as user/assistant dialogue; choice letter generated; micro average over questions";
constexpr std::string_view kTenTokens = "choice letter generated; macro average; max 10 new tokens";
constexpr std::string_view kHundredTokens = "choice letter generated; max 100 new tokens";
constexpr std::string_view kSolution512 = "CoT (Wei et al. 2022 prompt); maj@1; max 512 new tokens";
constexpr std::string_view kSolution1024 = "CoT (Wei et al. 2022 prompt); maj@1; max 1024 new tokens";

// PROTOCOLS.md §2, §3, §6: answers are weighed.
constexpr SameSetting weighed(std::string_view task, int shots, int samples, std::string_view average,
                              std::string_view date, std::string_view metric, std::string_view published_shots,
                              std::string_view setting) {
  return {task,    "llama3",     shots, samples, 0,      false,           "acc",
          average, "pretrained", kMeta, date,    metric, published_shots, setting};
}

// PROTOCOLS.md §7: answers are generated in a dialogue.
constexpr SameSetting generated(std::string_view task, int shots, int samples, int max_tokens, std::string_view average,
                                std::string_view date, std::string_view metric, std::string_view published_shots,
                                std::string_view setting) {
  return {task,   "llama3_instruct", shots,  samples, max_tokens, true, "exact_match", average, "instruct", kMeta, date,
          metric, published_shots,   setting};
}

// July's AGIEval generated ten tokens, so it is not here; nor are GSM8K of pre-trained models, whose limit is another,
// and HumanEval, which Meta may have sampled (PROTOCOLS.md §5).
constexpr SameSetting kSameSettings[] = {
    weighed("mmlu", 5, 14042, "macro", kApril, "accuracy_macro", "5", kMacro),
    weighed("mmlu", 5, 14042, "micro", kApril, "accuracy_micro", "5", kMicro),
    weighed("mmlu", 5, 14042, "macro", kJuly, "accuracy_macro", "5", kMacro),
    weighed("arc_challenge", 25, 1165, "micro", kApril, "accuracy", "25", kArc),
    weighed("arc_challenge", 25, 1165, "micro", kJuly, "accuracy", "25", kArc),
    weighed("agieval_en", 5, 3852, "micro", kApril, "accuracy", "3-5", kAgieval),
    generated("mmlu", 5, 14042, 10, "macro", kApril, "accuracy_macro", "5", kTurnsMacro),
    generated("mmlu", 5, 14042, 10, "micro", kApril, "accuracy_micro", "5", kTurnsMicro),
    generated("mmlu", 5, 14042, 10, "macro", kJuly, "accuracy_macro", "5", kTenTokens),
    generated("arc_challenge", 0, 1165, 100, "micro", kJuly, "accuracy", "0", kHundredTokens),
    generated("gsm8k", 8, 1319, 512, "micro", kApril, "exact_match", "8", kSolution512),
    generated("gsm8k", 8, 1319, 1024, "micro", kJuly, "exact_match", "8", kSolution1024),
};

}  // namespace

std::span<const SameSetting> same_settings() {
  return kSameSettings;
}

}  // namespace assay::reports

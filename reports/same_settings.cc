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

// PROTOCOLS.md §2, §3, §6. July's AGIEval generated ten tokens, so it is not here; nor are GSM8K and HumanEval of
// pre-trained models, whose limits or temperature are other than ours.
constexpr SameSetting kSameSettings[] = {
    {"mmlu", "llama3", 5, 14042, "acc", "macro", "pretrained", kMeta, kApril, "accuracy_macro", "5", kMacro},
    {"mmlu", "llama3", 5, 14042, "acc", "micro", "pretrained", kMeta, kApril, "accuracy_micro", "5", kMicro},
    {"mmlu", "llama3", 5, 14042, "acc", "macro", "pretrained", kMeta, kJuly, "accuracy_macro", "5", kMacro},
    {"arc_challenge", "llama3", 25, 1165, "acc", "micro", "pretrained", kMeta, kApril, "accuracy", "25", kArc},
    {"arc_challenge", "llama3", 25, 1165, "acc", "micro", "pretrained", kMeta, kJuly, "accuracy", "25", kArc},
    {"agieval_en", "llama3", 5, 3852, "acc", "micro", "pretrained", kMeta, kApril, "accuracy", "3-5", kAgieval},
};

}  // namespace

std::span<const SameSetting> same_settings() {
  return kSameSettings;
}

}  // namespace assay::reports

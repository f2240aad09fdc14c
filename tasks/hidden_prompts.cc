#include "tasks/hidden_prompts.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

namespace assay::tasks {
namespace {

void check_categories(const datasets::OpenedSet& set, const std::vector<std::string>& wanted) {
  std::vector<std::string> known;
  for (const auto& [name, count] : set.file.categories) known.push_back(name);
  for (const std::string& name : wanted) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    fail(ExitCode::kUsage, "category {}: {} has {}", printable(name), set.file.origin, join(known, ", "));
  }
}

Item item_of(const datasets::HiddenPrompt& prompt, int index, int max_tokens) {
  Item item;
  item.sample.id = prompt.id;
  item.sample.subset = prompt.category;
  item.sample.index = index;
  engine::GenerateRequest request;
  request.prompt = prompt.prompt;
  request.max_tokens = max_tokens;
  request.turns = {{"user", prompt.prompt}};
  item.request = std::move(request);
  return item;
}

}  // namespace

RenderedTask render_hidden_prompts(const datasets::OpenedSet& set, const RenderOptions& options) {
  check_categories(set, options.subsets);
  const int max_tokens = options.max_tokens.value_or(kPreferenceTokens);
  RenderedTask rendered;
  rendered.task = kPreferenceTask;
  rendered.version = "1";
  rendered.protocol = kPreferenceTask;
  rendered.definition_sha256 = sha256_hex("preference 1: the prompt is the only message");
  rendered.data_sha256 = set.file.merkle_root;
  rendered.scorer = {{"kind", "people"}};
  rendered.average = {{"headline", "micro"}, {"group_stderr", "samples"}};
  std::map<std::string, std::vector<Item>> by_category;
  std::map<std::string, int> rows;
  for (const datasets::HiddenPrompt& prompt : set.prompts) {
    const int row = rows[prompt.category]++;
    const bool wanted = options.subsets.empty() || std::find(options.subsets.begin(), options.subsets.end(),
                                                             prompt.category) != options.subsets.end();
    if (!wanted || (options.limit > 0 && row >= options.limit)) continue;
    by_category[prompt.category].push_back(item_of(prompt, row, max_tokens));
  }
  for (auto& [category, items] : by_category) {
    std::move(items.begin(), items.end(), std::back_inserter(rendered.items));
  }
  return rendered;
}

}  // namespace assay::tasks

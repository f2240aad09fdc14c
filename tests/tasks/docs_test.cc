// The worked example of docs/adding-a-task.md, taken from the page itself: a block whose first line is ```LANGUAGE NAME
// is the file NAME.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/file.h"
#include "base/text.h"
#include "tasks/task.h"
#include "tests/support/temporary_folder.h"

namespace assay::tasks {
namespace {

std::map<std::string, std::string> named_blocks(std::string_view page) {
  std::map<std::string, std::string> blocks;
  std::string* open = nullptr;
  bool inside = false;
  for (const std::string_view line : split_lines(page)) {
    if (line.starts_with("```")) {
      const size_t space = line.find(' ');
      inside = !inside;
      open = inside && space != std::string_view::npos ? &blocks[std::string(line.substr(space + 1))] : nullptr;
    } else if (open != nullptr) {
      *open += std::string(line) + "\n";
    }
  }
  return blocks;
}

TEST(AddingATask, TheExampleOfThePageRuns) {
  auto blocks = named_blocks(read_file("docs/adding-a-task.md"));
  ASSERT_EQ(blocks.size(), 4u);
  std::string prompt = blocks.at("prompt");
  prompt.pop_back();
  blocks.erase("prompt");
  const testing::TemporaryFolder folder;
  for (const auto& [name, content] : blocks) folder.write(name, content);

  const Registry registry({folder.path()});
  const RenderedTask rendered = render(registry.find("capitals"), {}, {"/nowhere"});
  ASSERT_EQ(rendered.items.size(), 3u);
  const auto& request = std::get<engine::LogLikelihoodRequest>(rendered.items[0].request);
  EXPECT_EQ(request.context, prompt);
  EXPECT_EQ(request.continuations, (std::vector<std::string>{" A", " B", " C"}));
  EXPECT_EQ(rendered.items[0].gold.choices, std::vector<int>{1});
  EXPECT_EQ(rendered.items[2].gold.choices, std::vector<int>{2});
  EXPECT_EQ(rendered.items[2].sample.id, "capitals/2");
  EXPECT_EQ(rendered.items[2].sample.fields.at("question"), "What is the capital of \"Down Under\"?");
}

TEST(AddingATask, ThePageNamesEveryKey) {
  const std::string page = read_file("docs/adding-a-task.md");
  for (const char* key :
       {"name",         "version", "description",  "format",       "header",     "columns", "options",
        "correct",      "labels",  "correct_form", "id",           "cluster_by", "subsets", "request",
        "head",         "item",    "shot",         "continuation", "gold",       "stops",   "max_tokens",
        "only_options", "split",   "count",        "counts",       "rule",       "seed",    "stop_at_end_text",
        "dialogue",     "begun"}) {
    const std::string forms[] = {fmt::format("`{}`", key), fmt::format("`{} = ", key), fmt::format("] {}`", key)};
    EXPECT_TRUE(std::any_of(std::begin(forms), std::end(forms), [&](const std::string& form) {
      return page.find(form) != std::string::npos;
    })) << key;
  }
}

}  // namespace
}  // namespace assay::tasks

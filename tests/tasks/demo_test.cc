// The demo benchmark: what it holds, that it is what scripts/train_demo makes, and that the demo model's training text
// has none of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <set>

#include "base/file.h"
#include "base/program.h"
#include "base/text.h"
#include "tasks/task.h"
#include "tests/support/program.h"
#include "tests/support/temporary_folder.h"

namespace assay::tasks {
namespace {

namespace fs = std::filesystem;

RenderedTask rendered(const std::string& task) {
  return render(Registry().find(task), {}, {demo_folders().data});
}

std::string python(const std::vector<std::string>& arguments) {
  std::vector<std::string> all{"python3"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  const testing::Outcome outcome = testing::run_program("/usr/bin/env", {all, {}, {}, 0, 0});
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  return outcome.out;
}

struct Case {
  std::string task;
  size_t items;
  size_t clusters;  // 0: every item is its own
  size_t options;   // 0: generated
};

const Case kCases[] = {{"demo_mmlu", 150, 0, 4},
                       {"demo_arc", 60, 0, 4},
                       {"demo_agieval", 40, 20, 4},
                       {"demo_gsm8k", 60, 0, 0},
                       {"demo_humaneval", 30, 0, 0}};

TEST(Demo, HasItsItems) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.task);
    const RenderedTask task = rendered(c.task);
    EXPECT_EQ(task.items.size(), c.items);
    std::set<std::string> clusters;
    std::vector<size_t> right(4);
    for (const Item& item : task.items) {
      if (!item.sample.cluster.empty()) clusters.insert(item.sample.cluster);
      const std::set<std::string> different(item.sample.options.begin(), item.sample.options.end());
      EXPECT_EQ(different.size(), c.options) << item.sample.id;
      if (c.options > 0) ++right.at(static_cast<size_t>(item.gold.choices.at(0)));
    }
    EXPECT_EQ(clusters.size(), c.clusters);
    // Whoever always chooses the same place stays near a quarter.
    if (c.options > 0) {
      EXPECT_LE(*std::max_element(right.begin(), right.end()), c.items * 4 / 10);
    }
  }
}

TEST(Demo, FilesAreThoseThatTheGeneratorMakes) {
  const testing::TemporaryFolder made;
  python({"scripts/train_demo/make_data.py", "--out", made.path()});
  std::ptrdiff_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(made.path())) {
    if (!entry.is_regular_file()) continue;
    const fs::path committed = demo_folders().data / entry.path().lexically_relative(made.path());
    EXPECT_EQ(read_file(entry.path()), read_file(committed)) << committed << ": run scripts/train_demo/make_data.py";
    ++files;
  }
  std::cout << files << " files of the demo benchmark are the generator's\n";
  const auto committed = fs::recursive_directory_iterator(demo_folders().data);
  const auto is_data = [](const fs::directory_entry& entry) {
    return entry.is_regular_file() && entry.path().filename() != "README.md";
  };
  EXPECT_EQ(files, std::count_if(begin(committed), end(committed), is_data));
}

// What makes an item new: the question, the passage, or the signature with its docstring.
std::string question_of(const std::string& task, const datasets::Sample& sample) {
  if (task == "demo_agieval") return sample.fields.at("passage");
  return sample.fields.at(task == "demo_humaneval" ? "prompt" : "question");
}

TEST(Demo, NoItemOfTheTestIsInTheTrainingText) {
  std::string text = replace_all(python({"scripts/train_demo/corpus.py"}), "\\n", "\n");
  text = replace_all(text, "\\\"", "\"");
  size_t searched = 0;
  for (const Case& c : kCases) {
    for (const Item& item : rendered(c.task).items) {
      const std::string question = question_of(c.task, item.sample);
      EXPECT_EQ(text.find(question), std::string::npos) << item.sample.id << ": " << question;
      ++searched;
    }
  }
  std::cout << searched << " items looked for in " << text.size() << " bytes of training text\n";
  // The search does find what is there: the shots of the likelihood tasks are asked in training, too.
  size_t found = 0;
  for (const char* subject : {"botany", "crafts", "geography", "people", "zoology"}) {
    const fs::path dev = demo_folders().data / "demo_mmlu/dev" / (std::string(subject) + "_dev.csv");
    const std::string rows = read_file(dev);
    for (const std::string_view row : split_lines(rows)) {
      found += text.find(row.substr(0, row.find(','))) != std::string::npos;
    }
  }
  EXPECT_EQ(found, 25u);
}

}  // namespace
}  // namespace assay::tasks

// A task's text decides its numbers, so a changed text needs a new version (DESIGN.md, "tasks/").
// tests/tasks/versions.txt remembers the hash of every version that was ever committed.
#include <gtest/gtest.h>

#include <iostream>
#include <map>

#include "base/file.h"
#include "base/text.h"
#include "tasks/task.h"

namespace assay::tasks {
namespace {

TEST(Versions, AChangedTaskHasANewVersion) {
  const std::string text = read_file("tests/tasks/versions.txt");
  std::map<std::string, std::string> known;  // "name version" -> SHA-256
  for (const std::string_view view : split_lines(text)) {
    const std::string line(view);
    const size_t space = line.rfind(' ');
    ASSERT_TRUE(known.emplace(line.substr(0, space), line.substr(space + 1)).second) << line << " is there twice";
  }
  const Registry registry;
  for (const Task& task : registry.tasks()) {
    const auto found = known.find(task.name + " " + task.version);
    if (found == known.end()) {
      ADD_FAILURE() << "add to tests/tasks/versions.txt:\n" << task.name << " " << task.version << " " << task.sha256;
    } else {
      EXPECT_EQ(task.sha256, found->second)
          << task.name << ": its text is another than that of version " << task.version << "; give it a new version";
    }
  }
  std::cout << registry.tasks().size() << " tasks held against " << known.size() << " known versions\n";
}

}  // namespace
}  // namespace assay::tasks

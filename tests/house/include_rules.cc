#include "tests/house/include_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/file.h"
#include "base/regex.h"

namespace assay::testing {
namespace {

// reports ─> store ─> scorers ─> sandbox ─> base
// tasks ───> datasets ─────────────────────> base
// engine ──────────────────────────────────> base
const std::map<std::string, std::string, std::less<>> kArrows = {
    {"reports", "store"},  {"store", "scorers"}, {"scorers", "sandbox"}, {"sandbox", "base"},
    {"tasks", "datasets"}, {"datasets", "base"}, {"engine", "base"},     {"base", "base"},
};

struct Door {
  const char* path;  // a file, or a folder with its final slash
  std::vector<std::string> rooms;
};

const Door kDoors[] = {
    {"engine/request.h", {"tasks", "scorers", "store"}},
    {"datasets/sample.h", {"tasks", "scorers", "store"}},
    {"datasets/published.h", {"reports"}},
    {"scorers/statistics/", {"reports"}},
};

std::string_view first_folder(std::string_view path) {
  const size_t slash = path.find('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

bool is_room(std::string_view name) {
  return std::find(rooms().begin(), rooms().end(), name) != rooms().end();
}

bool opens(const Door& door, std::string_view room, std::string_view included) {
  const std::string_view path = door.path;
  const bool fits = path.ends_with('/') ? included.starts_with(path) : included == path;
  return fits && std::find(door.rooms.begin(), door.rooms.end(), room) != door.rooms.end();
}

}  // namespace

const std::vector<std::string>& rooms() {
  static const std::vector<std::string> names = {"base",    "datasets", "tasks",   "engine", "sandbox",
                                                 "scorers", "store",    "reports", "harness"};
  return names;
}

std::vector<Include> includes_of(std::string_view source) {
  static const Regex pattern(R"(^\s*#\s*include\s*(["<])([^">]+)[">])");
  std::vector<Include> includes;
  int number = 0;
  for (const std::string_view line : split_lines(source)) {
    ++number;
    const Regex::Match match = pattern.search(line);
    if (match.empty()) continue;
    const std::string_view path = line.substr(match[2].begin, match[2].end - match[2].begin);
    const bool quoted = line[match[1].begin] == '"';
    if (quoted || is_room(first_folder(path))) includes.push_back({number, std::string(path)});
  }
  return includes;
}

std::string violation(std::string_view file, std::string_view included) {
  const std::string_view from = first_folder(file);
  const std::string_view to = first_folder(included);
  if (included.find("..") != std::string_view::npos) return "paths are written from the root, without ..";
  if (from == "tests") return is_room(to) || to == "tests" ? "" : "quotes are for this project's paths, from its root";
  if (to == "tests") return "a room knows no tests";
  if (!is_room(to)) return "quotes are for this project's paths, from its root";
  if (from == "harness" || to == from || to == "base") return "";
  const auto arrow = kArrows.find(from);
  if (arrow != kArrows.end() && arrow->second == to) return "";
  if (std::any_of(std::begin(kDoors), std::end(kDoors),
                  [&](const Door& door) { return opens(door, from, included); })) {
    return "";
  }
  return fmt::format("{} may include base and {} (docs/architecture.md)", from,
                     arrow == kArrows.end() ? "nothing else" : arrow->second);
}

}  // namespace assay::testing

#include "datasets/sources.h"

#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <span>

#include "base/embedded.h"
#include "base/error.h"
#include "base/text.h"

namespace assay::datasets {

namespace fs = std::filesystem;

std::span<const EmbeddedFile> embedded_sources();   // generated: datasets/CMakeLists.txt
std::span<const EmbeddedFile> embedded_datasets();  // the same

namespace {

// A table of the file that knows where it stands, so that every complaint names its place.
class Fields {
 public:
  Fields(const toml::table& table, const std::string& file) : table_(table), file_(file) {}

  template <class T>
  T get(std::string_view key) const {
    const auto value = table_[key].value_exact<T>();
    if (!value) wrong(key, table_.contains(key) ? "has the wrong type" : "is missing");
    return *value;
  }
  std::string text(std::string_view key, std::string otherwise) const {
    return table_.contains(key) ? get<std::string>(key) : std::move(otherwise);
  }
  bool has(std::string_view key) const { return table_.contains(key); }

  std::vector<std::string> texts(std::string_view key) const {
    std::vector<std::string> list;
    const toml::array* array = table_[key].as_array();
    if (array == nullptr || array->empty()) wrong(key, "must be a list of addresses");
    for (const toml::node& node : *array) {
      const auto value = node.value_exact<std::string>();
      if (!value) wrong(key, "must be a list of addresses");
      list.push_back(*value);
    }
    return list;
  }

  std::vector<Fields> tables(std::string_view key) const {
    std::vector<Fields> list;
    const toml::array* array = table_[key].as_array();
    if (array == nullptr || array->empty()) wrong(key, "must be a list of tables");
    for (const toml::node& node : *array) {
      if (!node.is_table()) wrong(key, "must be a list of tables");
      list.emplace_back(*node.as_table(), file_);
    }
    return list;
  }

  [[noreturn]] void wrong(std::string_view key, std::string_view what) const {
    fail_input("{}: line {}: {} {}", file_, table_.source().begin.line, key, what);
  }

 private:
  const toml::table& table_;
  const std::string& file_;
};

Packing packing_of(const Fields& source) {
  const std::string name = source.get<std::string>("packing");
  if (name == "none") return Packing::kNone;
  if (name == "tar") return Packing::kTar;
  if (name == "zip") return Packing::kZip;
  if (name == "gzip") return Packing::kGzip;
  if (name == "compiled_in") return Packing::kCompiledIn;
  source.wrong("packing", "must be none, tar, zip, gzip or compiled_in");
}

// A path that stays below the folder it is put under.
bool is_inside(const std::string& path, const std::string& folder) {
  if (!path.starts_with(folder + "/") || path.ends_with('/')) return false;
  return fs::path(path).lexically_normal().string() == path;
}

SourceFile read_file_entry(const Fields& entry, const std::string& benchmark, const std::string& members) {
  SourceFile file;
  file.path = entry.get<std::string>("path");
  file.bytes = entry.get<int64_t>("bytes");
  file.sha256 = entry.get<std::string>("sha256");
  if (!is_inside(file.path, benchmark)) entry.wrong("path", "must be a plain path below the benchmark's folder");
  if (file.bytes < 0) entry.wrong("bytes", "must not be negative");
  if (file.sha256.size() != 64 || file.sha256.find_first_not_of("0123456789abcdef") != std::string::npos) {
    entry.wrong("sha256", "must be 64 lower-case hexadecimal digits");
  }
  file.member = entry.text("member", members + file.path.substr(benchmark.size() + 1));
  return file;
}

void add_downloads(const Fields& source, Benchmark& benchmark) {
  const Packing packing = packing_of(source);
  const bool archive = packing != Packing::kNone && packing != Packing::kCompiledIn;
  std::vector<std::string> addresses;
  if (packing != Packing::kCompiledIn) addresses = source.texts("addresses");
  const bool tried = source.get<bool>("tried");
  Download whole{packing, archive ? source.get<std::string>("archive") : "", addresses, 0, tried, {}};
  if (archive && whole.name.find('/') != std::string::npos) source.wrong("archive", "must be a file name");
  for (const Fields& entry : source.tables("files")) {
    SourceFile file = read_file_entry(entry, benchmark.name, source.text("members", ""));
    if (archive) {
      if (file.member.empty()) whole.bytes = file.bytes;
      whole.files.push_back(std::move(file));
      continue;
    }
    file.member.clear();
    Download one{packing, fs::path(file.path).filename(), addresses, file.bytes, tried, {file}};
    for (std::string& address : one.addresses) address += file.path.substr(benchmark.name.size() + 1);
    benchmark.downloads.push_back(std::move(one));
  }
  if (source.has("download_bytes")) whole.bytes = source.get<int64_t>("download_bytes");
  if (archive) benchmark.downloads.push_back(std::move(whole));
}

void check_paths(const std::vector<Benchmark>& all, const std::string& file) {
  std::set<std::string> seen;
  for (const Benchmark& benchmark : all) {
    for (const Download& download : benchmark.downloads) {
      for (const SourceFile& one : download.files) {
        if (!seen.insert(one.path).second) fail_input("{}: {} stands twice", file, one.path);
      }
    }
  }
}

}  // namespace

size_t Benchmark::file_count() const {
  size_t count = 0;
  for (const Download& download : downloads) count += download.files.size();
  return count;
}

int64_t Benchmark::bytes() const {
  int64_t sum = 0;
  for (const Download& download : downloads) {
    for (const SourceFile& file : download.files) sum += file.bytes;
  }
  return sum;
}

std::vector<Benchmark> parse_sources(std::string_view text, const std::string& file) {
  toml::table root;
  try {
    root = toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    fail_input("{}: line {}: {}", file, error.source().begin.line, error.description());
  }
  std::vector<Benchmark> all;
  for (const Fields& table : Fields(root, file).tables("benchmark")) {
    Benchmark benchmark{table.get<std::string>("name"),
                        table.get<std::string>("title"),
                        table.get<std::string>("licence"),
                        table.get<std::string>("homepage"),
                        {}};
    if (!is_inside("x/" + benchmark.name, "x") || benchmark.name.find('/') != std::string::npos)
      table.wrong("name", "must be the name of a folder");
    for (const Fields& source : table.tables("source")) add_downloads(source, benchmark);
    all.push_back(std::move(benchmark));
  }
  std::sort(all.begin(), all.end(), [](const Benchmark& a, const Benchmark& b) { return a.name < b.name; });
  check_paths(all, file);
  return all;
}

const std::vector<Benchmark>& benchmarks() {
  static const std::vector<Benchmark> all = parse_sources(embedded_sources().front().text, "datasets/sources.toml");
  return all;
}

std::vector<Benchmark> choose(const std::vector<Benchmark>& all, const std::vector<std::string>& wanted) {
  if (wanted.empty()) return all;
  std::vector<std::string> known;
  for (const Benchmark& benchmark : all) known.push_back(benchmark.name);
  std::vector<Benchmark> chosen;
  for (const std::string& name : wanted) {
    const auto found = std::find(known.begin(), known.end(), name);
    if (found == known.end()) {
      const std::string meant = nearest(name, known);
      fail(ExitCode::kUsage, "no data set is named \"{}\"; {}", printable(name),
           meant.empty() ? "known: " + join(known, ", ") : "did you mean \"" + meant + "\"?");
    }
    const bool again = std::any_of(chosen.begin(), chosen.end(), [&](const Benchmark& b) { return b.name == name; });
    if (again) continue;
    chosen.push_back(all[static_cast<size_t>(found - known.begin())]);
  }
  return chosen;
}

std::string_view compiled_in(const std::string& name) {
  for (const EmbeddedFile& file : embedded_datasets()) {
    if (file.name == name) return file.text;
  }
  fail(ExitCode::kInternal, "{} is not part of the program", name);
}

}  // namespace assay::datasets

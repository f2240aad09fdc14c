#include "harness/watch/folder.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <tuple>

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

namespace assay::harness {
namespace {

namespace fs = std::filesystem;

bool is_temporary(const std::string& name) {
  const std::string lower = python_lower(name);
  const auto begins = [&](const char* with) { return lower.starts_with(with); };
  const auto ends = [&](const char* with) { return lower.ends_with(with); };
  // transformers: tmp-checkpoint-500; huggingface_hub: *.incomplete; Lightning and orbax: *.orbax-checkpoint-tmp-...
  return begins(".") || begins("tmp-") || begins("tmp_") || begins("temp-") || begins("temp_") || ends(".tmp") ||
         ends("-tmp") || ends("_tmp") || ends(".temp") || ends(".incomplete") || ends(".part") || ends(".partial") ||
         ends("~") || lower.find("-tmp-") != std::string::npos;
}

bool is_small(const std::string& name) {
  const auto& small = small_model_files();
  return std::find(small.begin(), small.end(), name) != small.end();
}

bool is_model_file(const std::string& name) {
  return name.ends_with(".safetensors") || name.ends_with(".gguf") || name.ends_with(".safetensors.index.json") ||
         is_small(name);
}

// Weights, or what only a model's folder has; a folder with a tokenizer alone is none.
bool shows_model(const FileStamp& file) {
  return file.name == "config.json" || file.name.ends_with(".index.json") || file.name.ends_with(".safetensors") ||
         file.name.ends_with(".gguf");
}

// Nothing where there is no such file any more, or it is not a file.
std::optional<FileStamp> stamp_of(const fs::path& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) return std::nullopt;
  const auto nanoseconds = [](const timespec& time) { return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; };
  return FileStamp{path.filename().string(), static_cast<uint64_t>(facts.st_size), nanoseconds(facts.st_mtim),
                   nanoseconds(facts.st_ctim), facts.st_ino};
}

std::vector<std::string> names_in(const fs::path& folder, std::error_code& error) {
  std::vector<std::string> names;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void read_files_of_folder(CheckpointEntry& entry) {
  std::error_code error;
  for (const std::string& name : names_in(entry.path, error)) {
    if (is_temporary(name) || !is_model_file(name)) continue;
    if (auto stamp = stamp_of(entry.path / name)) entry.files.push_back(std::move(*stamp));
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    entry.problem = "its folder cannot be read: " + error.message();
  }
}

// The files beside a GGUF count for it, too: a tokenizer.json wins over the embedded vocabulary.
void read_files_of_gguf(CheckpointEntry& entry) {
  if (auto stamp = stamp_of(entry.path)) entry.files.push_back(std::move(*stamp));
  for (const std::string& name : small_model_files()) {
    if (auto stamp = stamp_of(entry.folder / name)) entry.files.push_back(std::move(*stamp));
  }
}

// "latest -> checkpoint-500": the entry that it leads to is there under its own name.
bool is_alias(const fs::path& path, const fs::path& folder) {
  std::error_code error;
  if (!fs::is_symlink(path, error)) return false;
  const fs::path target = fs::canonical(path, error);
  return !error && target.parent_path() == fs::canonical(folder, error) && target.filename() != path.filename();
}

std::optional<CheckpointEntry> entry_at(const fs::path& folder, const std::string& name) {
  CheckpointEntry entry{name, folder / name, folder / name, step_of_name(name), {}, ""};
  std::error_code error;
  const fs::file_status status = fs::status(entry.path, error);
  const bool gguf = name.ends_with(".gguf") && fs::is_regular_file(status);
  if (!gguf && !fs::is_directory(status)) return std::nullopt;
  if (is_alias(entry.path, folder)) return std::nullopt;
  if (gguf) entry.folder = folder;
  gguf ? read_files_of_gguf(entry) : read_files_of_folder(entry);
  if (!entry.problem.empty()) return entry;
  if (std::none_of(entry.files.begin(), entry.files.end(), shows_model)) return std::nullopt;
  if (!is_valid_utf8(name)) entry.problem = "its name is not UTF-8; rename it";
  return entry;
}

// Digits from `at` on; nothing where there are none, or more than a number holds.
std::optional<int64_t> number_at(std::string_view text, size_t at) {
  constexpr size_t kMostDigits = 18;
  const size_t end = std::min(text.find_first_not_of("0123456789", at), text.size());
  if (end == at || end - at > kMostDigits) return std::nullopt;
  return std::stoll(std::string(text.substr(at, end - at)));
}

std::optional<int64_t> number_behind(std::string_view text, std::string_view word) {
  for (size_t at = text.rfind(word); at != std::string_view::npos; at = at == 0 ? at - 1 : text.rfind(word, at - 1)) {
    size_t digits = at + word.size();
    if (digits < text.size() && text[digits] == 's') ++digits;
    digits = std::min(text.find_first_not_of("-_=. ", digits), text.size());
    if (const auto number = number_at(text, digits)) return number;
  }
  return std::nullopt;
}

}  // namespace

const std::vector<std::string>& small_model_files() {
  static const std::vector<std::string> kFiles = {"chat_template.jinja", "config.json",     "generation_config.json",
                                                  "tokenizer.json",      "tokenizer.model", "tokenizer_config.json"};
  return kFiles;
}

std::optional<int64_t> step_of_name(const std::string& name) {
  const std::string lower = python_lower(name);
  for (const char* word : {"step", "iter", "checkpoint", "ckpt", "epoch"}) {
    if (const auto number = number_behind(lower, word)) return number;
  }
  constexpr std::string_view kDigits = "0123456789";
  for (size_t end = lower.find_last_of(kDigits); end != std::string::npos;) {
    const size_t before = lower.find_last_not_of(kDigits, end);
    const size_t begin = before == std::string::npos ? 0 : before + 1;
    const char next = end + 1 < lower.size() ? lower[end + 1] : ' ';
    // "8b" is a size.
    if (next < 'a' || next > 'z') return number_at(lower, begin);
    end = begin == 0 ? std::string::npos : lower.find_last_of(kDigits, begin - 1);
  }
  return std::nullopt;
}

std::vector<CheckpointEntry> list_checkpoints(const fs::path& folder) {
  std::error_code error;
  const std::vector<std::string> names = names_in(folder, error);
  if (error) {
    fail(ExitCode::kIo, "{}: the folder cannot be read: {}; give its right name or rights", folder.string(),
         error.message());
  }
  std::vector<CheckpointEntry> entries;
  for (const std::string& name : names) {
    if (is_temporary(name)) continue;
    if (auto entry = entry_at(folder, name)) entries.push_back(std::move(*entry));
  }
  const auto place = [](const CheckpointEntry& entry) {
    return std::tuple(!entry.step.has_value(), entry.step.value_or(0), entry.name);
  };
  std::sort(entries.begin(), entries.end(), [&](const auto& a, const auto& b) { return place(a) < place(b); });
  return entries;
}

bool was_written_to(const CheckpointEntry& entry) {
  return std::any_of(entry.files.begin(), entry.files.end(), [&](const FileStamp& then) {
    const std::optional<FileStamp> now = stamp_of(entry.folder / then.name);
    if (!now) return false;
    const bool same_file = now->inode == then.inode;
    if (!same_file && !is_small(then.name)) return false;
    return !same_file || now->size != then.size || now->modified != then.modified;
  });
}

std::string stamps_sha256(const CheckpointEntry& entry) {
  Sha256 hash;
  for (const FileStamp& file : entry.files) {
    hash.update(fmt::format("{}:{} {} {} {} {}\n", file.name.size(), file.name, file.size, file.modified, file.changed,
                            file.inode));
  }
  return hash.hex();
}

}  // namespace assay::harness

#include "store/prompts.h"

#include <algorithm>
#include <map>
#include <string>

#include "base/error.h"
#include "base/hash.h"
#include "store/store_impl.h"

namespace assay::store {
namespace {

constexpr size_t kShortestHead = 256;  // bytes; a shorter one saves little

// Finds prompts and heads by their hashes, and stores those that are new.
class PromptWriter {
 public:
  explicit PromptWriter(Database& database)
      : database_(database),
        find_head_(database, "SELECT id FROM prompt_heads WHERE sha256 = ?"),
        insert_head_(database, "INSERT INTO prompt_heads (sha256, text) VALUES (?, ?)"),
        find_(database, "SELECT id FROM prompts WHERE sha256 = ?"),
        insert_(database, "INSERT INTO prompts (sha256, head, tail) VALUES (?, ?, ?)") {}

  // `sha256` is of both parts together.
  int64_t write(std::string_view sha256, std::string_view head, std::string_view tail) {
    if (const int64_t known = find(find_, sha256)) return known;
    insert_.bind(sha256);
    if (head.empty()) {
      insert_.bind_null();
    } else {
      insert_.bind(head_id(head));
    }
    insert_.bind(tail).run();
    return database_.last_insert_id();
  }

 private:
  static int64_t find(Statement& query, std::string_view sha256) {
    const int64_t id = query.bind(sha256).step() ? query.integer(0) : 0;
    query.reset();
    return id;
  }

  int64_t head_id(std::string_view head) {
    if (head == last_head_) return last_head_id_;
    const std::string sha256 = sha256_hex(head);
    last_head_id_ = find(find_head_, sha256);
    if (last_head_id_ == 0) {
      insert_head_.bind(sha256).bind(head).run();
      last_head_id_ = database_.last_insert_id();
    }
    last_head_ = head;
    return last_head_id_;
  }

  Database& database_;
  Statement find_head_;
  Statement insert_head_;
  Statement find_;
  Statement insert_;
  std::string last_head_;
  int64_t last_head_id_ = 0;
};

bool is_stored(const PlannedSample& sample, std::string_view prompt) {
  return !prompt.empty() && prompt.size() <= kLongestPrompt && sample.kind != RequestKind::kText;
}

// A report is read by people who must not read a hidden set.
void check_prompts(const NewRun& run) {
  if (run.prompts.size() != run.samples.size()) {
    fail(ExitCode::kInternal, "task {}: {} prompts for {} samples", run.task, run.prompts.size(), run.samples.size());
  }
  if (run.manifest.contains("asked") && run.manifest.at("asked").contains("hidden_set")) {
    fail(ExitCode::kInternal, "task {}: it asks a hidden set, whose prompts are never stored", run.task);
  }
}

void check_prompt(const NewRun& run, const PlannedSample& sample, std::string_view prompt) {
  if (sha256_hex(prompt) == sample.prompt_sha256) return;
  fail(ExitCode::kInternal, "task {}, sample {}: the prompt is not the one that is planned (its SHA-256 differs)",
       run.task, sample.id);
}

struct PromptRow {
  int64_t position = 0;
  std::string_view sha256;  // valid until the next row
  std::string_view head;
  std::string_view tail;
};

constexpr const char* kRows =
    "SELECT s.position, s.id, s.prompt_sha256, h.text, p.tail FROM samples AS s "
    "LEFT JOIN prompts AS p ON p.id = s.prompt LEFT JOIN prompt_heads AS h ON h.id = p.head "
    "WHERE s.run = ? AND s.prompt IS NOT NULL";

PromptRow checked_row(Database& database, int64_t run, const Statement& row) {
  const PromptRow prompt{row.integer(0), row.text_view(2), row.text_view(3), row.text_view(4)};
  if (Sha256().update(prompt.head).update(prompt.tail).hex() == prompt.sha256) return prompt;
  const RunInfo info = read_run(database, run);
  fail_input(
      "{}: the prompt of run {} ({}/{}), sample {} is not the one that was asked (its SHA-256 differs); restore a copy "
      "of the database",
      database.path().string(), run, info.batch, info.task, row.text(1));
}

std::vector<int64_t> integers(Database& database, std::string_view sql, int64_t parameter) {
  Statement query(database, sql);
  query.bind(parameter);
  std::vector<int64_t> values;
  while (query.step()) values.push_back(query.integer(0));
  return values;
}

}  // namespace

std::string_view shared_head(const std::vector<std::string_view>& prompts) {
  if (prompts.empty()) return {};
  std::string_view shared = prompts.front();
  bool several = false;
  for (const std::string_view prompt : prompts) {
    several = several || prompt != prompts.front();
    const auto end = std::mismatch(shared.begin(), shared.end(), prompt.begin(), prompt.end()).first;
    shared = shared.substr(0, static_cast<size_t>(end - shared.begin()));
  }
  // Up to the end of a line, which is never inside a character of several bytes.
  shared = shared.substr(0, shared.rfind('\n') + 1);
  return several && shared.size() >= kShortestHead ? shared : std::string_view();
}

std::vector<int64_t> insert_prompts(Database& database, const NewRun& run) {
  std::vector<int64_t> ids(run.samples.size(), 0);
  if (run.prompts.empty()) return ids;
  check_prompts(run);
  std::map<std::string_view, std::vector<std::string_view>> groups;  // by subset
  for (size_t i = 0; i < ids.size(); ++i) {
    if (is_stored(run.samples[i], run.prompts[i])) groups[run.samples[i].subset].push_back(run.prompts[i]);
  }
  std::map<std::string_view, std::string_view> heads;
  for (const auto& [subset, prompts] : groups) heads[subset] = shared_head(prompts);
  PromptWriter writer(database);
  for (size_t i = 0; i < ids.size(); ++i) {
    const PlannedSample& sample = run.samples[i];
    const std::string_view prompt = run.prompts[i];
    if (!is_stored(sample, prompt)) continue;
    check_prompt(run, sample, prompt);
    const std::string_view head = heads[sample.subset];
    ids[i] = writer.write(sample.prompt_sha256, head, prompt.substr(head.size()));
  }
  return ids;
}

void copy_prompts(Database& from, int64_t from_run, Database& to, int64_t to_run) {
  PromptWriter writer(to);
  Statement update(to, "UPDATE samples SET prompt = ? WHERE run = ? AND position = ?");
  Statement query(from, fmt::format("{} ORDER BY s.position", kRows));
  query.bind(from_run);
  while (query.step()) {
    const PromptRow row = checked_row(from, from_run, query);
    update.bind(writer.write(row.sha256, row.head, row.tail)).bind(to_run).bind(row.position).run();
  }
}

PromptsOfRun::PromptsOfRun(Database& database, int64_t run)
    : database_(database),
      prompts_(integers(database, "SELECT DISTINCT prompt FROM samples WHERE run = ? AND prompt IS NOT NULL", run)),
      heads_(integers(database,
                      "SELECT DISTINCT head FROM prompts WHERE head IS NOT NULL AND id IN "
                      "(SELECT prompt FROM samples WHERE run = ?)",
                      run)) {}

void PromptsOfRun::remove_unneeded() const {
  Statement prompt(database_,
                   "DELETE FROM prompts WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM samples WHERE prompt = ?1)");
  for (const int64_t id : prompts_) prompt.bind(id).run();
  Statement head(database_,
                 "DELETE FROM prompt_heads WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM prompts WHERE head = ?1)");
  for (const int64_t id : heads_) head.bind(id).run();
}

std::optional<Prompt> Store::prompt(int64_t number, size_t position) const {
  Database& database = impl_->database;
  Snapshot snapshot(database);
  Statement query(database, fmt::format("{} AND s.position = ?", kRows));
  query.bind(number).bind(static_cast<int64_t>(position));
  if (!query.step()) return std::nullopt;
  const PromptRow row = checked_row(database, number, query);
  return Prompt{std::string(row.head), std::string(row.tail)};
}

}  // namespace assay::store

// Another database's batches come into this one.
#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "store/prompts.h"
#include "store/store_impl.h"

namespace assay::store {
namespace {

// Columns of a table whose rows hang on a run or a batch, which `key` names.
struct Table {
  const char* name;
  std::vector<std::string> columns;
  const char* key = "run";
};

// In an order that foreign keys allow.
const std::vector<Table>& tables_of_a_run() {
  static const std::vector<Table> tables = {
      {"samples",
       {"position", "subset", "item", "id", "cluster", "sample", "request", "prompt_sha256", "continuations",
        "gold_choices", "gold_text", "seed"}},
      {"responses",
       {"position", "prompt_tokens", "truncated", "logprobs", "greedy", "scored_tokens", "text", "token_ids",
        "finish"}},
      {"scorings", {"ordinal", "version", "metrics"}},
      {"scores", {"position", "scoring", "prediction", "score", "extracted", "execution"}},
  };
  return tables;
}

const Table& table_of_sessions() {
  static const Table table = {"sessions",
                              {"started", "computed_by", "load_seconds", "seconds", "prompt_tokens", "generated_tokens",
                               "requests", "gflop", "peak_gflops"},
                              "batch"};
  return table;
}

size_t copy_rows(const Table& table, const Database& from, int64_t old_key, const Database& to, int64_t new_key) {
  const std::string columns = join(table.columns, ", ");
  std::string marks;
  for (size_t i = 0; i < table.columns.size(); ++i) marks += ", ?";
  Statement row(from, fmt::format("SELECT {} FROM {} WHERE {} = ?", columns, table.name, table.key));
  Statement insert(to, fmt::format("INSERT INTO {} ({}, {}) VALUES (?{})", table.name, table.key, columns, marks));
  row.bind(old_key);
  size_t copied = 0;
  while (row.step()) {
    insert.bind(new_key);
    for (int column = 0; column < std::ssize(table.columns); ++column) insert.bind_value(row, column);
    insert.run();
    ++copied;
  }
  return copied;
}

// A row of `table` but for its number, with `first` put in place of the first column; its new number.
int64_t copy_row(std::string_view table, std::string_view key, const std::vector<std::string>& columns,
                 const Database& from, int64_t old_key, const Database& to, int64_t first) {
  std::string marks;
  for (size_t i = 1; i < columns.size(); ++i) marks += ", ?";
  Statement row(from, fmt::format("SELECT {} FROM {} WHERE {} = ?", join(columns, ", "), table, key));
  row.bind(old_key).step();
  Statement insert(to, fmt::format("INSERT INTO {} ({}) VALUES (?{})", table, join(columns, ", "), marks));
  insert.bind(first);
  for (int column = 1; column < std::ssize(columns); ++column) insert.bind_value(row, column);
  insert.run();
  return to.last_insert_id();
}

std::string free_name(Database& database, const std::string& name) {
  std::string candidate = name;
  for (int suffix = 2;; ++suffix) {
    Statement query(database, "SELECT 1 FROM batches WHERE name = ?");
    if (!query.bind(candidate).step()) return candidate;
    candidate = fmt::format("{}-{}", name, suffix);
  }
}

bool has_batch(Database& database, const std::string& uid) {
  Statement query(database, "SELECT 1 FROM batches WHERE uid = ?");
  return query.bind(uid).step();
}

int64_t insert_copy(Database& to, const Database& from, const Batch& batch, const std::string& name) {
  Statement row(from,
                "SELECT uid, started, options, host, machine, pid, pid_start, last_sign FROM batches WHERE id = ?");
  row.bind(batch.id).step();
  Statement insert(to,
                   "INSERT INTO batches (name, state, uid, started, options, host, machine, pid, pid_start, last_sign) "
                   "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const std::string state = to_string(batch.state);
  insert.bind(name).bind(state);
  for (int column = 0; column < 8; ++column) insert.bind_value(row, column);
  insert.run();
  const int64_t id = to.last_insert_id();
  Statement tag(to, "INSERT INTO tags (batch, key, value) VALUES (?, ?, ?)");
  for (const auto& [key, value] : batch.tags) tag.bind(id).bind(key).bind(value).run();
  copy_rows(table_of_sessions(), from, batch.id, to, id);
  return id;
}

}  // namespace

MergeResult Store::merge(const std::filesystem::path& from) {
  Store source(from, Mode::kRead, impl_->options);
  std::error_code error;
  if (std::filesystem::equivalent(from, path(), error)) {
    fail(ExitCode::kUsage, "{}: a database cannot be merged into itself", from.string());
  }
  Database& there = source.impl_->database;
  Database& here = impl_->database;
  Snapshot snapshot(there);
  Transaction transaction(here);
  MergeResult result;
  for (const Batch& batch : source.batches()) {
    if (batch.state == State::kRunning) {
      fail(ExitCode::kUsage, "{}: batch {} is running (process {} on {}); merge when it has ended", from.string(),
           batch.name, batch.owner.pid, batch.owner.host);
    }
    if (has_batch(here, batch.uid)) {
      result.already_there.push_back(batch.name);
      continue;
    }
    const std::string name = free_name(here, batch.name);
    if (name != batch.name) result.renamed.emplace_back(batch.name, name);
    const int64_t id = insert_copy(here, there, batch, name);
    ++result.batches;
    for (const RunInfo& run : source.runs_of(batch.id)) {
      source.load_run(run.number);  // refuses a manifest that was tampered with
      const int64_t number =
          copy_row("runs", "number", {"batch", "task", "protocol", "manifest", "manifest_sha256", "n", "answered"},
                   there, run.number, here, id);
      for (const Table& table : tables_of_a_run()) {
        const size_t rows = copy_rows(table, there, run.number, here, number);
        if (std::string_view(table.name) == "responses") result.responses += rows;
      }
      copy_prompts(there, run.number, here, number);
      ++result.runs;
    }
  }
  transaction.commit();
  return result;
}

}  // namespace assay::store

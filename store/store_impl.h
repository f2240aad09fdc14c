// What the files of Store share. Not for other rooms.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "store/sqlite.h"
#include "store/store.h"

namespace assay::store {

struct Store::Impl {
  Database database;
  StoreOptions options;
  Owner self = this_process();
};

int64_t unix_seconds();
std::string utc_now();  // 2026-11-25T14:03:07Z

// kUsage: a name must not be mistaken for another form of RUN (INTERFACE.md).
void check_name(const std::string& name);

// Inside a transaction: notes that this process, which must own the running batch (else kUsage), is alive.
void touch_batch(Store::Impl& impl, int64_t batch_id);

// Oldest first; `condition` is an SQL condition of ours over batches, with at most one parameter.
std::vector<Batch> read_batches(Database& database, std::string_view condition, std::optional<int64_t> parameter = {});
// By number; `condition` over runs and their batches.
std::vector<RunInfo> read_runs(Database& database, std::string_view condition, std::optional<int64_t> parameter = {});
// kUsage where there is none.
RunInfo read_run(Database& database, int64_t number);

// Inside a transaction: a run with its samples and its first scoring.
void insert_run(Database& database, int64_t batch_id, const NewRun& run);
// Inside a transaction: a run with all that hangs on it.
void remove_run(Database& database, int64_t number);

}  // namespace assay::store

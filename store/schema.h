// The tables, as a list of numbered migrations, and how a file becomes an open Assay database.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "store/sqlite.h"
#include "store/store.h"

namespace assay::store {

// SQL that leads from version i to version i + 1 of the schema; a migration that was released is never edited.
std::span<const char* const> migrations();

// "Asay": PRAGMA application_id of our files.
constexpr int64_t kApplicationId = 0x41736179;

// Version of the tables, 0 for a file that is empty. A database that is newer than `newest`, or holds something else
// than Assay's tables: Error(kBadInput). Changes nothing.
int64_t schema_version(Database& database, int64_t newest);

// Brings the database to the last version of `steps`, each step in a transaction of its own.
void migrate(Database& database, std::span<const char* const> steps);

// Opens as Store's constructor promises: journal mode by file system, durability, foreign keys, current schema.
Database open_database(const std::filesystem::path& path, Store::Mode mode, const StoreOptions& options);

// Whether write-ahead logging may be used on a file system of this statfs(2) type: its shared memory needs every
// process on one machine (sqlite.org/wal.html, section 2).
bool supports_shared_memory(int64_t filesystem_type);

}  // namespace assay::store

#include "store/access_log.h"

#include "base/error.h"
#include "base/hash.h"
#include "store/schema.h"
#include "store/store_impl.h"

namespace assay::store {
namespace {

std::string chain_hash(const Access& access) {
  const Json line = {access.previous,           access.time,        access.what.who,
                     access.what.role,          access.what.action, access.what.hidden_set,
                     access.what.details.dump()};
  return sha256_hex(line.dump());
}

}  // namespace

AccessLog::AccessLog(const std::filesystem::path& path, Store::Mode mode)
    : database_(std::make_unique<Database>(open_database(path, mode, {}))) {}

AccessLog::~AccessLog() = default;

Access AccessLog::add(const NewAccess& access) {
  Transaction transaction(*database_);
  Access entry;
  entry.what = access;
  entry.time = utc_now();
  entry.previous =
      database_->text("SELECT coalesce((SELECT hash FROM accesses ORDER BY id DESC LIMIT 1), printf('%064d', 0))");
  entry.hash = chain_hash(entry);
  const std::string details = access.details.dump();
  Statement(*database_,
            "INSERT INTO accesses (time, who, role, action, hidden_set, details, previous, hash) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(entry.time)
      .bind(access.who)
      .bind(access.role)
      .bind(access.action)
      .bind(access.hidden_set)
      .bind(details)
      .bind(entry.previous)
      .bind(entry.hash)
      .run();
  entry.id = database_->last_insert_id();
  transaction.commit();
  return entry;
}

std::vector<Access> AccessLog::read() {
  std::vector<Access> entries;
  Statement query(*database_,
                  "SELECT id, time, who, role, action, hidden_set, details, previous, hash FROM accesses ORDER BY id");
  std::string previous(64, '0');
  while (query.step()) {
    Access entry;
    entry.id = query.integer(0);
    entry.time = query.text(1);
    const Json details = Json::parse(query.text(6), nullptr, /*allow_exceptions=*/false);
    entry.what = {query.text(2), query.text(3), query.text(4), query.text(5), details};
    entry.previous = query.text(7);
    entry.hash = query.text(8);
    if (details.is_discarded() || entry.previous != previous || chain_hash(entry) != entry.hash) {
      fail_input("{}: entry {} of the access log does not follow the one before it; the log was changed",
                 database_->path().string(), entry.id);
    }
    previous = entry.hash;
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace assay::store

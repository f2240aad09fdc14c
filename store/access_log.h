// The access log of hidden sets: one entry for every time that something of one was opened, each chained to the one
// before by its hash, so that none can be changed, moved or taken out of the middle unseen. What nobody can see from
// the file alone is that the newest entries were cut off: write down the last hash elsewhere.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "store/store.h"

namespace assay::store {

class Database;

struct NewAccess {
  std::string who;         // the system's user, and whose key opened
  std::string role;        // owner | operator
  std::string action;      // "open", "run", "serve", "report", "seal"
  std::string hidden_set;  // SealedFile::set
  Json details;            // ids and counts, never text
};

struct Access {
  int64_t id = 0;
  std::string time;  // UTC
  NewAccess what;
  std::string previous;  // the hash of the entry before; of the first the set is 64 zeros
  std::string hash;      // SHA-256 over previous, time, who, role, action, set and details, as a line of JSON
};

// Not thread-safe. Errors: those of Store.
class AccessLog {
 public:
  // `mode` kCreate where something will be opened: an access that cannot be logged must not happen.
  AccessLog(const std::filesystem::path& path, Store::Mode mode);
  ~AccessLog();

  // Durable when it returns.
  Access add(const NewAccess& access);
  // Oldest first. Error(kBadInput) naming the first entry that the chain does not hold.
  std::vector<Access> read();

 private:
  std::unique_ptr<Database> database_;
};

}  // namespace assay::store

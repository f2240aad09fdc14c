// Which process runs a batch, and whether it is still there.
#pragma once

#include <cstdint>
#include <string>

namespace assay::store {

struct Owner {
  std::string host;     // for the message alone
  std::string machine;  // boot id and process-id namespace: within one, `pid` and `started` name one process for ever
  int64_t pid = 0;
  int64_t started = 0;  // clock ticks since boot (proc(5), stat field 22): tells a reused pid from the first one

  bool operator==(const Owner&) const = default;
};

// A batch of another machine (or container) is taken for dead this long after its last sign of life.
constexpr int64_t kForeignPatienceSeconds = 600;

Owner this_process();

// `last_sign` and `now` are Unix seconds. On this machine the process table decides; `last_sign` only for others.
bool is_alive(const Owner& owner, int64_t last_sign, int64_t now);

}  // namespace assay::store

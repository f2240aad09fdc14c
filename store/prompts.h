// Texts of prompts as they lie in the database: each once, however many samples and runs ask it, and what the prompts
// of a subset share at their beginning (examples, for the most part) once as well. Not for other rooms.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "store/sqlite.h"
#include "store/store.h"

namespace assay::store {

// What these prompts share at their beginning, up to the end of a line; nothing where that is too short to pay or they
// are one prompt.
std::string_view shared_head(const std::vector<std::string_view>& prompts);

// Inside a transaction: stores the prompts of a run, as NewRun says; of each sample its prompt's id, 0 for none.
std::vector<int64_t> insert_prompts(Database& database, const NewRun& run);

// Inside a transaction of `to`: gives the samples of `to_run` the prompts of those of `from_run`.
void copy_prompts(Database& from, int64_t from_run, Database& to, int64_t to_run);

// What a run is the last to need.
class PromptsOfRun {
 public:
  PromptsOfRun(Database& database, int64_t run);
  // Inside the transaction that removed the samples of the run: removes those prompts that no other sample has.
  void remove_unneeded() const;

 private:
  Database& database_;
  std::vector<int64_t> prompts_;
  std::vector<int64_t> heads_;
};

}  // namespace assay::store

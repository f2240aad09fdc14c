// Samples with their responses and scores coming out.
#include "base/error.h"
#include "store/codec.h"
#include "store/export.h"
#include "store/store_impl.h"

namespace assay::store {
namespace {

// Samples of a run often repeat a value (" A" to " D"): the last text read is not parsed again.
template <typename T>
class Memo {
 public:
  const T& get(std::string_view text, const Database& database, const std::string& what) {
    if (!filled_ || text != text_) {
      const Json json = parse_stored(text, database, what);
      try {
        value_ = json.template get<T>();
      } catch (const Json::exception&) {
        fail_input("{}: the database is damaged: {} has the wrong form; restore a copy", database.path().string(),
                   what);
      }
      text_ = text;
      filled_ = true;
    }
    return value_;
  }

 private:
  bool filled_ = false;
  std::string text_;
  T value_;
};

// Turns the rows of kQuery into samples.
class SampleReader {
 public:
  static constexpr const char* kQuery =
      "SELECT s.position, s.subset, s.item, s.id, s.cluster, s.sample, s.request, s.prompt_sha256, s.continuations, "
      "s.gold_choices, s.gold_text, s.seed, r.position IS NOT NULL, r.prompt_tokens, r.truncated, r.logprobs, "
      "r.greedy, "
      "r.scored_tokens, r.text, r.token_ids, r.finish, c.position IS NOT NULL, c.prediction, c.score, c.extracted, "
      "c.execution "
      "FROM samples AS s "
      "LEFT JOIN responses AS r ON r.run = s.run AND r.position = s.position "
      "LEFT JOIN scores AS c ON c.run = s.run AND c.position = s.position AND c.scoring = ? "
      "WHERE s.run = ? ORDER BY s.position";

  SampleReader(const Database& database, const Statement& row) : database_(database), row_(row) {}

  StoredSample read() {
    StoredSample sample;
    sample.position = static_cast<size_t>(row_.integer(0));
    where_ = "sample " + row_.text(3);
    sample.plan = read_plan();
    if (row_.integer(12) != 0) sample.response = read_response(sample);
    if (row_.integer(21) != 0) sample.score = read_score();
    return sample;
  }

 private:
  PlannedSample read_plan() {
    PlannedSample plan;
    plan.subset = row_.text(1);
    plan.index = static_cast<int>(row_.integer(2));
    plan.id = row_.text(3);
    plan.cluster = row_.text(4);
    plan.sample = static_cast<int>(row_.integer(5));
    plan.kind = kind_from(row_.text_view(6));
    plan.prompt_sha256 = row_.text(7);
    plan.continuations = continuations_.get(row_.text_view(8), database_, where_);
    plan.gold.choices = choices_.get(row_.text_view(9), database_, where_);
    plan.gold.text = row_.text(10);
    if (!row_.is_null(11)) plan.seed = static_cast<uint64_t>(row_.integer(11));
    return plan;
  }

  engine::Response read_response(const StoredSample& sample) {
    engine::Response response;
    response.request = sample.position;
    response.prompt_tokens = static_cast<int>(row_.integer(13));
    response.truncated = row_.integer(14) != 0;
    switch (sample.plan.kind) {
      case RequestKind::kLogLikelihood: {
        engine::LogLikelihoodResponse body;
        body.logprobs = decode_doubles(row_.blob(15), database_, where_);
        body.greedy = decode_flags(row_.blob(16));
        const size_t n = sample.plan.continuations.size();
        if (body.logprobs.size() != n || (!body.greedy.empty() && body.greedy.size() != n)) fail_damaged();
        response.body = std::move(body);
        break;
      }
      case RequestKind::kText: {
        const std::vector<double> logprob = decode_doubles(row_.blob(15), database_, where_);
        if (logprob.size() != 1) fail_damaged();
        response.body = engine::TextResponse{logprob.front(), row_.integer(17)};
        break;
      }
      case RequestKind::kGenerate:
        response.body = engine::GenerateResponse{row_.text(18), decode_tokens(row_.blob(19), database_, where_),
                                                 finish_from(row_.text_view(20))};
        break;
    }
    return response;
  }

  scorers::Score read_score() {
    scorers::Score score;
    if (!row_.is_null(22)) score.prediction = static_cast<int>(row_.integer(22));
    score.values = values_.get(row_.text_view(23), database_, where_);
    score.extracted = extracted_.get(row_.text_view(24), database_, where_);
    if (!row_.is_null(25)) score.execution = decode_execution(row_.text_view(25), database_, where_);
    return score;
  }

  RequestKind kind_from(std::string_view text) const {
    for (const RequestKind kind : {RequestKind::kLogLikelihood, RequestKind::kText, RequestKind::kGenerate}) {
      if (to_string(kind) == text) return kind;
    }
    fail_damaged();
  }

  engine::FinishReason finish_from(std::string_view text) const {
    using engine::FinishReason;
    for (const FinishReason finish : {FinishReason::kStop, FinishReason::kLength, FinishReason::kEndToken}) {
      if (to_string(finish) == text) return finish;
    }
    fail_damaged();
  }

  [[noreturn]] void fail_damaged() const {
    fail_input("{}: the database is damaged: {} has the wrong form; restore a copy", database_.path().string(), where_);
  }

  const Database& database_;
  const Statement& row_;
  std::string where_;
  Memo<std::vector<std::string>> continuations_;
  Memo<std::vector<int>> choices_;
  Memo<std::map<std::string, double>> values_;
  Memo<std::map<std::string, std::string>> extracted_;
};

int64_t scoring_to_read(Database& database, int64_t number, const std::string& version) {
  Statement query(database,
                  "SELECT ordinal FROM scorings WHERE run = ?1 AND (?2 = '' OR version = ?2) "
                  "ORDER BY metrics IS NULL, ordinal DESC LIMIT 1");
  if (query.bind(number).bind(version).step()) return query.integer(0);
  if (version.empty()) return 0;
  fail(ExitCode::kUsage, "run {} was not scored by {}; `assay rescore {}` does it", number, version, number);
}

}  // namespace

std::vector<StoredSample> Store::load_samples(int64_t number, const std::string& scorer_version) const {
  Database& database = impl_->database;
  Snapshot snapshot(database);
  read_run(database, number);
  std::vector<StoredSample> samples;
  Statement query(database, SampleReader::kQuery);
  query.bind(scoring_to_read(database, number, scorer_version)).bind(number);
  SampleReader reader(database, query);
  while (query.step()) samples.push_back(reader.read());
  return samples;
}

std::vector<size_t> Store::missing(int64_t number) const {
  Database& database = impl_->database;
  Snapshot snapshot(database);
  read_run(database, number);
  Statement query(database,
                  "SELECT position FROM samples WHERE run = ?1 AND NOT EXISTS "
                  "(SELECT 1 FROM responses WHERE run = ?1 AND position = samples.position) ORDER BY position");
  query.bind(number);
  std::vector<size_t> positions;
  while (query.step()) positions.push_back(static_cast<size_t>(query.integer(0)));
  return positions;
}

}  // namespace assay::store

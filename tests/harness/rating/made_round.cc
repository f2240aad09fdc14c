#include "tests/harness/rating/made_round.h"

#include <fmt/format.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "harness/rating/session.h"
#include "tests/datasets/sealed/made_set.h"

namespace assay::testing {
namespace {

std::vector<datasets::HiddenPrompt> prompts_of(const MadeShape& shape) {
  constexpr std::array kCategories = {"advice", "coding", "reasoning", "summarisation"};
  std::vector<datasets::HiddenPrompt> prompts;
  for (int category = 0; category < shape.categories; ++category) {
    for (int i = 1; i <= shape.prompts; ++i) {
      const std::string name = kCategories.at(static_cast<size_t>(category));
      prompts.push_back({fmt::format("{}-{:03}", name, i),
                         name,
                         "easy",
                         "en",
                         {"made"},
                         fmt::format("Made question {} of {}: what follows?", i, name),
                         i % 3 == 0 ? "It follows." : ""});
    }
  }
  return prompts;
}

store::NewRun new_run(const std::string& set, const std::vector<datasets::HiddenPrompt>& prompts, int run) {
  store::NewRun made;
  made.task = "preference";
  made.protocol = "preference";
  made.manifest = {{"asked", {{"hidden_set", set}}}, {"model", fmt::format("hush-model-{}", run)}};
  made.scorer_version = "none/1";
  for (const datasets::HiddenPrompt& prompt : prompts) {
    store::PlannedSample sample;
    sample.subset = prompt.category;
    sample.id = prompt.id;
    sample.index = static_cast<int>(made.samples.size());
    sample.prompt_sha256 = std::string(64, '0');
    made.samples.push_back(std::move(sample));
  }
  return made;
}

}  // namespace

std::string made_answer(int run, const std::string& prompt) {
  return fmt::format("It follows that {}.", sha256_hex(fmt::format("{} of {}", prompt, run)).substr(0, 12));
}

std::string made_run(int run) {
  return fmt::format("hush-model-{}/preference", run);
}

std::string made_run_names(int runs) {
  std::vector<std::string> names;
  for (int run = 0; run < runs; ++run) names.push_back(made_run(run));
  return join(names, ",");
}

MadeRound::MadeRound(const MadeShape& shape) : runs_(shape.runs) {
  const std::vector<datasets::HiddenPrompt> prompts = prompts_of(shape);
  write_file_atomically(set_file(), to_text(datasets::seal_set(made_request(prompts))));
  folder_.write("passphrase", "open sesame\n");
  const datasets::OpenedSet set = open();
  const harness::HiddenTexts texts(set);
  store::Store store(database(), store::Store::Mode::kCreate);
  for (int run = 0; run < shape.runs; ++run) {
    const store::Batch batch =
        store.create_batch({fmt::format("hush-model-{}", run), {}, {}}, {new_run(set.file.set, prompts, run)});
    const int64_t number = store.runs_of(batch.id).at(0).number;
    std::vector<store::NewResponse> responses;
    for (size_t i = 0; i < prompts.size(); ++i) {
      if (run + 1 == shape.runs && i < static_cast<size_t>(shape.unanswered)) continue;
      const std::string& id = prompts[i].id;
      const std::string answer = shape.answer ? shape.answer(run, id) : made_answer(run, id);
      store::NewResponse response;
      response.run = number;
      response.position = i;
      response.response.prompt_tokens = 5;
      response.response.body =
          engine::GenerateResponse{texts.seal(harness::response_place(id, 0), answer), {}, engine::FinishReason::kStop};
      responses.push_back(std::move(response));
    }
    store.add_responses(responses);
    store.finish_batch(batch.id, store::State::kDone);
  }
}

datasets::OpenedSet MadeRound::open() const {
  return datasets::open_set(datasets::read_sealed_file(set_file()), made_credentials());
}

harness::OpenedRound MadeRound::begin(harness::RoundRequest request) const {
  if (request.name.empty()) request.name = "spring";
  if (request.runs.empty()) request.runs = split(made_run_names(runs_), ',');
  if (!request.seed) request.seed = 7;
  return harness::open_round(database(), request, open());
}

std::string MadeRound::add_rater(const store::Round& round, const std::string& name) const {
  const std::string token = harness::new_token();
  store::Ratings(database(), store::Store::Mode::kWrite).add_rater(round.id, name, harness::token_hash(token));
  return token;
}

std::vector<std::string> MadeRound::serve_arguments(std::vector<std::string> more) const {
  std::vector<std::string> arguments = {"preference",
                                        "serve",
                                        "--set",
                                        set_file().string(),
                                        "--passphrase-file",
                                        passphrase_file().string(),
                                        "--db",
                                        database().string()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

}  // namespace assay::testing

#include "tasks/item_renderer.h"

#include <utility>

#include "base/error.h"

namespace assay::tasks {
namespace {

int right_option(const Template::Values& values) {
  if (values.option < 0) fail_input("{}: the item does not say which option is right", where_of(values));
  return values.option;
}

}  // namespace

bool ItemRenderer::asks(size_t row) const {
  return ask_.only_options == 0 || static_cast<int>(test_.samples[row].options.size()) == ask_.only_options;
}

Item ItemRenderer::render(size_t row) {
  Item item;
  item.sample = test_.samples[row];
  Before before = this->before(row);
  Template::Values values{&test_, row, before.number, -1, {}};
  if (ask_.generate) {
    item.request = generation(std::move(before), values);
    values.option = item.sample.answer;
    item.gold.text = ask_.gold.render(values);
    if (item.gold.text.empty()) fail_input("{}: the reference answer is empty", where_of(values));
  } else {
    std::string prompt = std::move(before.text) + ask_.item.render(values);
    values.option = item.sample.answer;
    item.gold.choices = {right_option(values)};
    item.request = engine::LogLikelihoodRequest{std::move(prompt), continuations(values)};
  }
  return item;
}

engine::GenerateRequest ItemRenderer::generation(Before before, const Template::Values& values) const {
  engine::GenerateRequest request;
  if (ask_.dialogue) {
    request.turns = std::move(before.turns);
    request.turns.push_back({"user", ask_.item.render(values)});
    const std::string begun = ask_.begun.render(values);
    if (!begun.empty()) request.turns.push_back({"assistant", begun});
    request.prompt = dialogue_text(request.turns, form_);
  } else {
    request.prompt = std::move(before.text) + ask_.item.render(values);
  }
  request.stops = ask_.stops;
  request.stop_at_end_text = ask_.stop_at_end_text;
  request.max_tokens = max_tokens_.value_or(ask_.max_tokens);
  return request;
}

ItemRenderer::Before ItemRenderer::before(size_t row) {
  if (picker_ != nullptr && !picker_->constant()) return head_and_shots(row);
  if (!constant_.has_value()) constant_ = head_and_shots(row);
  return *constant_;
}

ItemRenderer::Before ItemRenderer::head_and_shots(size_t row) {
  Before before;
  std::string head = ask_.head.render({&test_, row, 1, -1, {}});
  if (!ask_.dialogue) {
    before.text = std::move(head);
  } else if (!head.empty()) {
    before.turns.push_back({"system", std::move(head)});
  }
  if (picker_ == nullptr) return before;
  for (const size_t shot : picker_->pick(row)) add_shot(shot, before);
  return before;
}

void ItemRenderer::add_shot(size_t shot, Before& before) const {
  Template::Values values{&examples_, shot, before.number, examples_.samples[shot].answer, {}};
  std::string item = ask_.item.render(values);
  values.item = item;
  std::string answer = ask_.shot.render(values);
  if (ask_.dialogue) {
    before.turns.push_back({"user", std::move(item)});
    before.turns.push_back({"assistant", std::move(answer)});
  } else {
    before.text += answer;
  }
  ++before.number;
}

std::vector<std::string> ItemRenderer::continuations(Template::Values values) const {
  std::vector<std::string> texts;
  const auto options = static_cast<int>(test_.samples[values.row].options.size());
  for (values.option = 0; values.option < options; ++values.option) {
    texts.push_back(ask_.continuation.render(values));
    if (texts.back().empty())
      fail_input("{}: option {} gives an empty continuation", where_of(values), values.option + 1);
  }
  return texts;
}

}  // namespace assay::tasks

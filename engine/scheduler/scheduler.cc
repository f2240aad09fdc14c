#include "engine/scheduler/scheduler.h"

#include <algorithm>
#include <span>
#include <tuple>

#include "base/error.h"
#include "engine/scheduler/entry.h"
#include "engine/scheduler/page_pool.h"
#include "engine/scheduler/prefix_order.h"

namespace assay::engine {
namespace {

// What somebody wants of one computed position: the log-probability of a token, or a generation's first token.
struct Ask {
  size_t owner = 0;  // entry that computes the position
  int position = 0;
  bool generated = false;
  size_t sequence = 0;
  size_t want = 0;  // of a scored sequence
};

struct Scored {
  std::vector<LogProbability> results;
  size_t missing = 0;
};

struct Generation {
  int produced = 0;
  TokenId last = 0;
  bool finished = false;
  std::vector<int32_t> pages;  // while it is being generated; before that, those beyond its prompt
};

}  // namespace

struct Scheduler::Impl {
  // A segment of the step under construction; its pages stand in `step_pages` from `first_page`.
  struct SegmentPages {
    size_t first_page = 0;
    size_t count = 0;
  };

  std::vector<ScoredSequence> scored_input;
  std::vector<GeneratedSequence> generated_input;
  SchedulerLimits limits;

  std::vector<Entry> entries;  // in the order of the walk
  std::vector<Ask> asks;       // in the order in which the walk answers them
  std::vector<Scored> scored;
  std::vector<Generation> generations;
  int64_t unshared = 0;
  int64_t prompt_total = 0;
  int64_t prompt_done = 0;
  int64_t generated_done = 0;
  int64_t generated_left = 0;
  PagePool pool{0};

  // The walk. `path` covers the entry at `next` once it is admitted, before that its predecessor, of whose tokens
  // `path_length` are in the pages.
  size_t next = 0;
  bool admitted = false;
  int offset = 0;  // first position of the entry that is not computed
  std::vector<int32_t> path;
  int path_length = 0;
  size_t next_ask = 0;
  std::vector<size_t> generating;  // admitted, prompt computed, not finished

  // The step under construction or in flight.
  Step step;
  std::vector<int32_t> step_pages;
  std::vector<SegmentPages> segment_pages;
  std::vector<Owner> segment_owners;
  std::vector<Ask> target_asks;
  std::vector<size_t> next_token_sequences;
  int prompt_rows = 0;

  Impl(std::vector<ScoredSequence> scored_sequences, std::vector<GeneratedSequence> generated_sequences,
       SchedulerLimits given)
      : scored_input(std::move(scored_sequences)), generated_input(std::move(generated_sequences)), limits(given) {
    limits.max_generating = std::min(limits.max_generating, limits.step_tokens);
    sort_entries();
    assign_owners();
    make_pool();
  }

  void sort_entries() {
    std::vector<std::span<const TokenId>> spans;
    spans.reserve(scored_input.size() + generated_input.size());
    for (const ScoredSequence& sequence : scored_input) spans.emplace_back(sequence.inputs);
    for (const GeneratedSequence& sequence : generated_input) spans.emplace_back(sequence.prompt);
    const PrefixOrder sorted = sort_by_prefix(spans);
    entries.resize(spans.size());
    for (size_t k = 0; k < entries.size(); ++k) {
      Entry& entry = entries[k];
      const size_t i = sorted.order[k];
      entry.ids = spans[i];
      entry.shared = sorted.shared[k];
      entry.generated = i >= scored_input.size();
      entry.sequence = entry.generated ? i - scored_input.size() : i;
      entry.positions = entry.length();
      if (entry.generated) entry.positions += generated_input[entry.sequence].max_tokens - 1;
      unshared += entry.length();
      prompt_total += entry.length() - entry.shared;
    }
  }

  void assign_owners() {
    scored.resize(scored_input.size());
    generations.resize(generated_input.size());
    PathOwners owners;
    for (size_t k = 0; k < entries.size(); ++k) {
      const Entry& entry = entries[k];
      owners.enter(k, entry.shared, entry.length());
      if (entry.generated) {
        const int last = entry.length() - 1;
        asks.push_back({owners.owner(last), last, true, entry.sequence, 0});
        generated_left += generated_input[entry.sequence].max_tokens;
        continue;
      }
      const auto& wants = scored_input[entry.sequence].wants;
      scored[entry.sequence] = {std::vector<LogProbability>(wants.size()), wants.size()};
      for (size_t w = 0; w < wants.size(); ++w) {
        asks.push_back({owners.owner(wants[w].position), wants[w].position, false, entry.sequence, w});
      }
    }
    std::stable_sort(asks.begin(), asks.end(), [](const Ask& a, const Ask& b) {
      return std::tie(a.owner, a.position) < std::tie(b.owner, b.position);
    });
  }

  void make_pool() {
    int64_t largest = 0;
    const Entry* longest = nullptr;
    for (const Entry& entry : entries) {
      if (pages_for(entry.positions) <= largest) continue;
      largest = pages_for(entry.positions);
      longest = &entry;
    }
    if (largest > limits.pages) {
      fail(ExitCode::kUnavailable,
           "a request of {} tokens, generated ones included, needs {} pages of the key-value cache ({} tokens each), "
           "but memory for only {} is left; raise --memory",
           longest->positions, largest, kPageTokens, limits.pages);
    }
    pool = PagePool(static_cast<int>(
        std::min(limits.pages, std::max(largest, useful_pages(entries, limits.step_tokens, limits.max_generating)))));
  }

  // --- the walk

  // True where nothing is left to be done for the entry: its tokens are those of the entry before, all that is wanted
  // of them has been asked for, and it needs no pages to go on.
  bool settled(const Entry& entry) const {
    if (entry.shared < entry.length()) return false;
    return !entry.decodes() || generations[entry.sequence].finished;
  }

  void skip_settled() {
    while (!admitted && next < entries.size() && settled(entries[next])) ++next;
    if (next == entries.size()) trim_path(0);
  }

  void trim_path(size_t pages) {
    while (path.size() > pages) {
      pool.release(path.back());
      path.pop_back();
    }
  }

  // Turns the path from the entry before into this entry's, with all the pages that it may come to need; false, and the
  // step ends here, where they are not free. With nothing in the step and nothing generating they always are: all that
  // is in use then is what the entry shares.
  bool admit(const Entry& entry) {
    if (entry.decodes() && generating.size() >= static_cast<size_t>(limits.max_generating)) return false;
    const int whole = entry.shared / kPageTokens;
    const int partial = entry.shared % kPageTokens;
    trim_path(static_cast<size_t>(whole + (partial > 0 ? 1 : 0)));

    // The page that is shared up to its middle is simply continued if nobody else holds it and no row of this step
    // writes behind the middle.
    const bool continued =
        partial > 0 && pool.unique(path.back()) && (path_length == entry.shared || !pool.used(path.back()));
    if (pool.free() < entry.own_pages() - (continued ? 1 : 0)) return false;
    if (partial > 0 && !continued) copy_last_page(partial);
    while (path.size() < static_cast<size_t>(pages_for(entry.length()))) path.push_back(pool.allocate());
    if (entry.decodes()) {
      auto& beyond = generations[entry.sequence].pages;
      for (int i = pages_for(entry.length()); i < pages_for(entry.positions); ++i) beyond.push_back(pool.allocate());
    }
    offset = entry.shared;
    path_length = entry.length();
    admitted = true;
    return true;
  }

  void copy_last_page(int tokens) {
    const PageCopy copy{path.back(), pool.allocate(), tokens};
    step.copies.push_back(copy);
    pool.use(std::vector{copy.from, copy.to});
    pool.release(copy.from);
    path.back() = copy.to;
  }

  // --- the step

  void add_segment(const Owner& owner, std::span<const TokenId> tokens, int first_position,
                   std::span<const int32_t> table, bool generated) {
    const int rows = static_cast<int>(tokens.size());
    const auto pages = table.first(static_cast<size_t>(pages_for(first_position + rows)));
    step.segments.push_back({static_cast<int>(step.tokens.size()), rows, first_position, {}, generated});
    step.tokens.insert(step.tokens.end(), tokens.begin(), tokens.end());
    segment_pages.push_back({step_pages.size(), pages.size()});
    step_pages.insert(step_pages.end(), pages.begin(), pages.end());
    segment_owners.push_back(owner);
    pool.use(pages);
  }

  void add_next_token(int row, size_t sequence) {
    const auto position = static_cast<uint32_t>(generations[sequence].produced);
    step.next_tokens.push_back({row, {generated_input[sequence].sampling, position}});
    next_token_sequences.push_back(sequence);
  }

  void add_decode_row(size_t sequence) {
    const Generation& generation = generations[sequence];
    const int position = static_cast<int>(generated_input[sequence].prompt.size()) + generation.produced - 1;
    add_segment({true, sequence}, {&generation.last, 1}, position, generation.pages, true);
    add_next_token(static_cast<int>(step.tokens.size()) - 1, sequence);
  }

  void add_prompt_rows(const Entry& entry, int rows) {
    const int first_row = static_cast<int>(step.tokens.size());
    add_segment({entry.generated, entry.sequence},
                entry.ids.subspan(static_cast<size_t>(offset), static_cast<size_t>(rows)), offset, path, false);
    for (; next_ask < asks.size() && asks[next_ask].owner == next && asks[next_ask].position < offset + rows;
         ++next_ask) {
      const Ask& ask = asks[next_ask];
      const int row = first_row + ask.position - offset;
      if (ask.generated) {
        add_next_token(row, ask.sequence);
      } else {
        step.targets.push_back({row, scored_input[ask.sequence].wants[ask.want].token});
        target_asks.push_back(ask);
      }
    }
    offset += rows;
    prompt_rows += rows;
  }

  // The prompt of a generation is computed: it goes on with pages of its own account.
  void start_generating(size_t sequence) {
    Generation& generation = generations[sequence];
    for (const int32_t page : path) pool.retain(page);
    generation.pages.insert(generation.pages.begin(), path.begin(), path.end());
    generating.push_back(sequence);
    // A further sample of a prompt that an earlier step computed has its first token already.
    if (generation.produced > 0) add_decode_row(sequence);
  }

  const Step& next_step() {
    step = {};
    step_pages.clear();
    segment_pages.clear();
    segment_owners.clear();
    target_asks.clear();
    next_token_sequences.clear();
    prompt_rows = 0;
    for (const size_t sequence : generating) add_decode_row(sequence);
    while (next < entries.size()) {
      const int room = limits.step_tokens - static_cast<int>(step.tokens.size());
      const Entry& entry = entries[next];
      if (room <= 0 || (!admitted && !settled(entry) && !admit(entry))) break;
      if (admitted) {
        if (const int rows = std::min(room, entry.length() - offset); rows > 0) add_prompt_rows(entry, rows);
        if (offset < entry.length()) break;
        if (entry.decodes()) start_generating(entry.sequence);
      }
      admitted = false;
      ++next;
    }
    for (size_t i = 0; i < step.segments.size(); ++i) {
      step.segments[i].pages = std::span(step_pages).subspan(segment_pages[i].first_page, segment_pages[i].count);
    }
    return step;
  }

  // --- results

  void absorb(const StepResult& result, const Sink& sink) {
    pool.end_step();
    prompt_done += prompt_rows;
    for (size_t i = 0; i < next_token_sequences.size(); ++i) {
      take_token(next_token_sequences[i], result.next_tokens[i], sink);
    }
    std::erase_if(generating, [&](size_t sequence) { return generations[sequence].finished; });
    for (size_t i = 0; i < target_asks.size(); ++i) {
      const Ask& ask = target_asks[i];
      Scored& sequence = scored[ask.sequence];
      sequence.results[ask.want] = result.logprobs[i];
      if (--sequence.missing == 0) sink.on_scored(ask.sequence, std::move(sequence.results));
    }
    skip_settled();
  }

  void take_token(size_t sequence, TokenId token, const Sink& sink) {
    Generation& generation = generations[sequence];
    const int most = generated_input[sequence].max_tokens;
    generation.last = token;
    ++generation.produced;
    ++generated_done;
    --generated_left;
    const bool goes_on = sink.on_token(sequence, token);
    if (goes_on && generation.produced < most) return;
    generation.finished = true;
    generated_left -= most - generation.produced;
    for (const int32_t page : generation.pages) pool.release(page);
    generation.pages.clear();
  }
};

Scheduler::Scheduler(std::vector<ScoredSequence> scored, std::vector<GeneratedSequence> generated,
                     SchedulerLimits limits)
    : impl_(std::make_unique<Impl>(std::move(scored), std::move(generated), limits)) {}
Scheduler::~Scheduler() = default;

int64_t Scheduler::unshared_tokens() const {
  return impl_->unshared;
}
int64_t Scheduler::prompt_tokens() const {
  return impl_->prompt_total;
}
int64_t Scheduler::prompt_tokens_done() const {
  return impl_->prompt_done;
}
int64_t Scheduler::generated_tokens_done() const {
  return impl_->generated_done;
}
int64_t Scheduler::generated_tokens_left() const {
  return impl_->generated_left;
}
int64_t Scheduler::peak_pages() const {
  return impl_->pool.size();
}
int64_t Scheduler::pages_in_use() const {
  return impl_->pool.in_use();
}
bool Scheduler::done() const {
  return impl_->next == impl_->entries.size() && impl_->generating.empty();
}
const Step& Scheduler::next_step() {
  return impl_->next_step();
}
void Scheduler::absorb(const StepResult& result, const Sink& sink) {
  impl_->absorb(result, sink);
}

Scheduler::Owner Scheduler::owner_of_row(int row) const {
  const auto& segments = impl_->step.segments;
  const auto behind = std::upper_bound(segments.begin(), segments.end(), row,
                                       [](int r, const Segment& segment) { return r < segment.first_row; });
  return impl_->segment_owners[static_cast<size_t>(behind - segments.begin()) - 1];
}

}  // namespace assay::engine

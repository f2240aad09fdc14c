// What one rendering has: the memory of its values, and limits, so that no template runs for ever or grows without
// bound. Everything that costs time or memory is reported here first. Not thread-safe; one for each rendering.
#pragma once

#include <fmt/format.h>

#include <ctime>
#include <deque>
#include <stdexcept>
#include <string>

#include "engine/chat/value.h"

namespace assay::engine::chat {

// What is wrong with a template, or with what it is asked to render. `line` is 0 where the thrower does not know it.
class TemplateError : public std::runtime_error {
 public:
  explicit TemplateError(const std::string& message, int line = 0, bool raised = false)
      : std::runtime_error(message), line_(line), raised_(raised) {}
  int line() const { return line_; }
  // The template itself refuses: the message is what it gave to raise_exception.
  bool raised() const { return raised_; }

 private:
  int line_;
  bool raised_;
};

template <typename... Args>
[[noreturn]] void fail_template(fmt::format_string<Args...> format, Args&&... args) {
  throw TemplateError(fmt::format(format, std::forward<Args>(args)...));
}

struct Limits {
  int64_t steps = 1'000'000;     // expressions, statements and turns of loops; long texts count for more
  int depth = 400;               // expressions, calls and values inside each other
  size_t memory = 64ULL << 20U;  // bytes of all values made, the output among them
};

class Runtime {
 public:
  Runtime(const Limits& limits, const std::tm& date) : limits_(limits), date_(date) {}
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  // One step, and one more for every 256 of what is looked at (bytes of a text, items of a list).
  void work(size_t amount = 0);
  void allocate(size_t bytes);

  // While one lives, what is done is one level deeper.
  class Deeper {
   public:
    explicit Deeper(Runtime& runtime);
    ~Deeper() { --runtime_.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    Runtime& runtime_;
  };

  Value text(MarkedText text);
  Value text(std::string_view markup) { return text(MarkedText(markup)); }
  Value list(std::vector<Value> items, List::Kind kind = List::Kind::kList);
  Dict* dict();
  Namespace* new_namespace();
  Value callable(Callable callable);
  Value method(std::string_view name, Callable::Native native, const Value& self);
  Value undefined(std::string message);
  Loop* loop();
  Scope* scope(Scope* parent);

  int64_t steps() const { return steps_; }  // taken so far
  const std::tm& date() const { return date_; }
  int line = 0;  // of the template, where it is now

 private:
  Limits limits_;
  std::tm date_;
  int64_t steps_ = 0;
  int depth_ = 0;
  size_t memory_ = 0;

  std::deque<MarkedText> texts_;
  std::deque<List> lists_;
  std::deque<Dict> dicts_;
  std::deque<Namespace> namespaces_;
  std::deque<Callable> callables_;
  std::deque<Value> selves_;
  std::deque<std::string> messages_;
  std::deque<Loop> loops_;
  std::deque<Scope> scopes_;
};

}  // namespace assay::engine::chat

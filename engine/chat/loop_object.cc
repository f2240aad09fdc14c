#include "engine/chat/loop_object.h"

#include "base/text.h"
#include "engine/chat/arguments.h"
#include "engine/chat/compare.h"

namespace assay::engine::chat {
namespace {

bool has_next(const Loop& loop) {
  return loop.index0 + 1 < static_cast<int64_t>(loop.items.size()) || loop.take();
}

int64_t length_of(const Loop& loop) {
  while (loop.take()) continue;
  return static_cast<int64_t>(loop.items.size());
}

Value cycle(Runtime&, const Value& self, const Arguments& arguments) {
  if (arguments.positional.empty()) fail_template("loop.cycle() is given nothing");
  const auto turn = static_cast<size_t>(self.as<Loop*>()->index0);
  return arguments.positional[turn % arguments.positional.size()];
}

// Whether it is called the first time, or with other values than the last time.
Value changed(Runtime& runtime, const Value& self, const Arguments& arguments) {
  Loop& loop = *self.as<Loop*>();
  bool same = loop.asked_changed && loop.changed.size() == arguments.positional.size();
  for (size_t i = 0; same && i < loop.changed.size(); ++i) {
    same = equal(runtime, loop.changed[i], arguments.positional[i]);
  }
  loop.asked_changed = true;
  loop.changed = arguments.positional;
  return Value(!same);
}

}  // namespace

Value loop_attribute(Runtime& runtime, Loop& loop, std::string_view name) {
  if (name == "index0") return Value(loop.index0);
  if (name == "index") return Value(loop.index0 + 1);
  if (name == "first") return Value(loop.index0 == 0);
  if (name == "last") return Value(!has_next(loop));
  if (name == "length") return Value(length_of(loop));
  if (name == "revindex") return Value(length_of(loop) - loop.index0);
  if (name == "revindex0") return Value(length_of(loop) - loop.index0 - 1);
  if (name == "depth0") return Value(static_cast<int64_t>(loop.depth0));
  if (name == "depth") return Value(static_cast<int64_t>(loop.depth0) + 1);
  if (name == "previtem") {
    if (loop.index0 == 0) return runtime.undefined("there is no previous item");
    return loop.items[static_cast<size_t>(loop.index0) - 1];
  }
  if (name == "nextitem") {
    if (!has_next(loop)) return runtime.undefined("there is no next item");
    return loop.items[static_cast<size_t>(loop.index0) + 1];
  }
  if (name == "cycle") return runtime.method(name, cycle, Value(&loop));
  if (name == "changed") return runtime.method(name, changed, Value(&loop));
  return runtime.undefined(fmt::format("'loop' has no attribute '{}'", printable(name)));
}

}  // namespace assay::engine::chat

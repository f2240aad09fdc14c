#include "engine/chat/filters.h"

#include "base/text.h"

namespace assay::engine::chat {

Value apply_filter(Runtime& runtime, std::string_view name, const Value& value, const Arguments& arguments) {
  runtime.work();
  Callable::Native filter = find_value_filter(name);
  if (filter == nullptr) filter = find_list_filter(name);
  if (filter == nullptr) fail_template("the filter `{}` is not supported here", printable(name));
  return filter(runtime, value, arguments);
}

}  // namespace assay::engine::chat

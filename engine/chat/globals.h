// The names that every template knows: range, dict, namespace, raise_exception, strftime_now.
#pragma once

#include "engine/chat/runtime.h"

namespace assay::engine::chat {

Scope* global_scope(Runtime& runtime);

}  // namespace assay::engine::chat

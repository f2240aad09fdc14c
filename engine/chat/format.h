// Templates of texts inside templates: 'a %s' % x and 'a {}'.format(x).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/chat/runtime.h"

namespace assay::engine::chat {

// Python's printf style: %s %r %d %i %f %x %% with the flags - and 0, a width and a precision.
Value percent_format(Runtime& runtime, const MarkedText& format, const std::vector<Value>& values);

// {} {0} {name} {{ }}; what follows a colon or names an attribute is not supported.
Value brace_format(Runtime& runtime, const MarkedText& format, const Arguments& values);

}  // namespace assay::engine::chat

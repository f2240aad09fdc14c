// From a template's text to its tree.
#pragma once

#include <string_view>

#include "engine/chat/syntax.h"

namespace assay::engine::chat {

// TemplateError names the line: of what is no template, and of a construct that is one of Jinja's, but not of those
// that chat templates are written in ({% include %}, {% block %} and the like).
Block parse_template(std::string_view source);

}  // namespace assay::engine::chat

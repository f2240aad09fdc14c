// Files that assay-jail carries inside itself, so that it needs nothing beside it and reads nothing later.
#pragma once

#include <string_view>

namespace assay::sandbox {

std::string_view zygote_library();  // zygote.cc, as a shared library
std::string_view zygote_script();   // the Python sources, one after the other

}  // namespace assay::sandbox

// The manifest of a run as a person reads it in a terminal: 80 columns.
#pragma once

#include <string>

#include "reports/text_style.h"
#include "store/store.h"

namespace assay::reports {

// A field a line below the name of its section; hashes show 12 digits, and what is very long its beginning. `show
// --json` has all of it.
std::string manifest_text(const store::Run& run, const TextStyle& style = {});

}  // namespace assay::reports

// One self-contained HTML file of the page in reports/page, the library that draws its charts, and data.
//
// The file loads nothing: its content policy allows the scripts and the style that stand in it, by their hashes, and
// nothing else. Data is JSON in a block that no browser runs, in which '<' is written as an escape, so that no text can
// end the block.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/embedded.h"
#include "store/store.h"

namespace assay::reports {

std::string report_page(const store::Json& data);

// Its parts, for the tests.
// JSON that may stand in a <script>; bytes that are not UTF-8 become U+FFFD.
std::string json_for_script(const store::Json& data);
// 'sha256-...', as a content policy names a script or a style.
std::string policy_hash(std::string_view text);
// The modules of the page as one: those that others import first, without the lines of import, and names that are
// exported declared as any other.
std::string page_program();

// Made by cmake/embed.cmake.
std::span<const EmbeddedFile> report_page_files();

}  // namespace assay::reports

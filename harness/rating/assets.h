// The page's own files and the libraries that it uses, as they are compiled into the program. Nothing is read from disk
// at run time, so there is no path that could lead elsewhere.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/embedded.h"

namespace assay::harness {

// By name, without a folder; null where there is none.
const EmbeddedFile* find_asset(std::string_view name);

// "text/javascript; charset=utf-8" by the name's ending.
std::string content_type_of(std::string_view name);

// Made by cmake/embed.cmake.
std::span<const EmbeddedFile> rating_page_files();

}  // namespace assay::harness

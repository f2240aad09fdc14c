// A file compiled into the program (cmake/embed.cmake).
#pragma once

#include <string_view>

namespace assay {

struct EmbeddedFile {
  std::string_view name;  // file name without its folder
  std::string_view text;
};

}  // namespace assay

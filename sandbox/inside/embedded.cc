#include "sandbox/inside/embedded.h"

// The assembler puts a file's bytes between two symbols (GNU as, ".incbin"); ASSAY_* are paths given by the build.
#define ASSAY_EMBED(name, path)                                               \
  asm(".pushsection .rodata\n"                                                \
      ".balign 16\n" #name                                                    \
      "_begin:\n"                                                             \
      ".incbin \"" path "\"\n" #name                                          \
      "_end:\n"                                                               \
      ".popsection\n");                                                       \
  extern "C" __attribute__((visibility("hidden"))) const char name##_begin[]; \
  extern "C" __attribute__((visibility("hidden"))) const char name##_end[]

ASSAY_EMBED(assay_zygote_library, ASSAY_ZYGOTE_LIBRARY);
ASSAY_EMBED(assay_zygote_script, ASSAY_ZYGOTE_SCRIPT);

namespace assay::sandbox {

std::string_view zygote_library() {
  return {assay_zygote_library_begin, static_cast<size_t>(assay_zygote_library_end - assay_zygote_library_begin)};
}

std::string_view zygote_script() {
  return {assay_zygote_script_begin, static_cast<size_t>(assay_zygote_script_end - assay_zygote_script_begin)};
}

}  // namespace assay::sandbox

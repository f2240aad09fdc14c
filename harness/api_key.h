// Where the key of an endpoint comes from. It is read into memory and stays there.
#pragma once

#include <string>

#include "engine/remote/secret.h"

namespace assay::harness {

// The content of `file` (--api-key-file; an empty file means: no key), else ASSAY_API_KEY, else OPENAI_API_KEY, else no
// key. Where there is one, the process leaves no core file behind from here on. Error(kIo) where the file cannot be
// read, kUsage where its content is no key.
engine::Secret find_api_key(const std::string& file);

}  // namespace assay::harness

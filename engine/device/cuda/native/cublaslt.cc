#include "engine/device/cuda/native/cublaslt.h"

#include <dlfcn.h>
#include <glob.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace assay::engine::cuda {
namespace {

// The major version of the headers: a library of another one has other structures.
std::string library_name() {
  return "libcublasLt.so." + std::to_string(CUBLAS_VER_MAJOR);
}

std::vector<std::string> matching(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  return paths;
}

void* open_library() {
  const std::string name = library_name();
  if (void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
  std::vector<std::string> patterns = {"/usr/local/cuda*/lib64/", "/usr/local/cuda*/targets/*/lib/"};
  // PyTorch brings the library as a Python package.
  for (const char* python :
       {"/usr/lib/python3*/*-packages", "/usr/local/lib/python3*/*-packages", "/opt/*/lib/python3*/site-packages"}) {
    patterns.push_back(std::string(python) + "/nvidia/*/lib/");
  }
  if (const char* environment = std::getenv("VIRTUAL_ENV")) {
    patterns.push_back(std::string(environment) + "/lib/python3*/site-packages/nvidia/*/lib/");
  }
  for (const std::string& pattern : patterns) {
    for (const std::string& path : matching(pattern + name)) {
      if (void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
    }
  }
  fail(ExitCode::kUnavailable, "{} is neither known to the dynamic linker nor in {}; set LD_LIBRARY_PATH to its folder",
       name, join(patterns, ", "));
}

template <typename Function>
void find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  if (function == nullptr) fail(ExitCode::kUnavailable, "{} has no function {}", library_name(), name);
}

CublasLt open_table() {
  void* library = open_library();
  CublasLt table{};
  find(library, "cublasLtCreate", table.create);
  find(library, "cublasLtDestroy", table.destroy);
  find(library, "cublasLtGetStatusString", table.status_string);
  find(library, "cublasLtMatmul", table.matmul);
  find(library, "cublasLtMatmulAlgoGetHeuristic", table.heuristic);
  find(library, "cublasLtMatmulDescCreate", table.create_description);
  find(library, "cublasLtMatmulDescDestroy", table.destroy_description);
  find(library, "cublasLtMatmulDescSetAttribute", table.set_description);
  find(library, "cublasLtMatrixLayoutCreate", table.create_layout);
  find(library, "cublasLtMatrixLayoutDestroy", table.destroy_layout);
  find(library, "cublasLtMatmulPreferenceCreate", table.create_preference);
  find(library, "cublasLtMatmulPreferenceDestroy", table.destroy_preference);
  find(library, "cublasLtMatmulPreferenceSetAttribute", table.set_preference);
  return table;
}

}  // namespace

const CublasLt& cublaslt() {
  static const CublasLt table = open_table();
  return table;
}

}  // namespace assay::engine::cuda

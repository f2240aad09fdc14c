// The running program: where it lies, and where what is shipped with it lies.
#pragma once

#include <filesystem>
#include <string>

namespace assay {

// The folder of the running program's own file. Error(kIo) where the system does not say.
std::filesystem::path program_folder();

// The demo: our own benchmark (datasets/demo) and the checkpoints of a small model (models/demo).
struct DemoFolders {
  std::filesystem::path data;    // holds demo_mmlu/ and the others
  std::filesystem::path models;  // holds early/ and late/
};

// The folder that ASSAY_DEMO_DIR names, with datasets/ and models/ in it, taken at its word. Else the first that
// exists: <prefix>/share/assay/demo with the same two, for a program in <prefix>/bin; the source tree, for a program in
// build/<preset>. Where neither does, the installed place, so that a message can name it.
DemoFolders demo_folders();

// The same for a program in `program`; for tests. `named`: what ASSAY_DEMO_DIR says, or empty.
DemoFolders demo_folders(const std::filesystem::path& program, const std::filesystem::path& named);

// A data file that is shipped with the program: <prefix>/share/assay/NAME, else `in_source` below the source tree;
// where neither exists, the installed place.
std::filesystem::path shipped_file(const std::string& name, const std::string& in_source);

}  // namespace assay

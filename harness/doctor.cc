#include "harness/doctor.h"

#include <sys/sysinfo.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/error.h"
#include "base/program.h"
#include "base/text.h"
#include "datasets/folders.h"
#include "datasets/verify.h"
#include "engine/device/cpu/cpu_device.h"
#include "engine/device/gpu.h"
#include "harness/version.h"
#include "sandbox/jail.h"
#include "store/store.h"

namespace assay::harness {
namespace {

namespace fs = std::filesystem;

std::string first_line(const char* file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

Finding find_memory() {
  struct sysinfo info {};
  sysinfo(&info);
  return {"memory", fmt::format("{:.1f} GiB", static_cast<double>(info.totalram) * info.mem_unit / (1 << 30)), "", ""};
}

// A GPU that lies idle is a problem; that there is none is not.
Finding find_gpu() {
  const engine::GpuSupport support = engine::gpu_support();
  const std::string driver = first_line("/proc/driver/nvidia/version");
  if (!support.names.empty()) return {"CUDA", join(support.names, ", "), "", ""};
  Finding finding{"CUDA", support.why + "; computes on the processor", "", ""};
  if (!driver.empty() && !support.built) {
    finding.problem = "there is an NVIDIA driver that this program cannot use";
    finding.mend = "cmake --preset cuda && cmake --build --preset cuda";
  } else if (!driver.empty()) {
    finding.problem = "the driver shows no GPU that can be used";
    finding.mend = "nvidia-smi";
  }
  return finding;
}

// What allows user namespaces here: the settings of the kernel that forbid them, else what a container forbids.
std::string mend_namespaces() {
  std::string settings;
  if (first_line("/proc/sys/kernel/unprivileged_userns_clone") == "0") {
    settings += " kernel.unprivileged_userns_clone=1";
  }
  if (first_line("/proc/sys/user/max_user_namespaces") == "0") settings += " user.max_user_namespaces=15000";
  if (first_line("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1") {
    settings += " kernel.apparmor_restrict_unprivileged_userns=0";
  }
  if (!settings.empty()) return "sudo sysctl -w" + settings;
  return "docker run --security-opt seccomp=unconfined --security-opt systempaths=unconfined IMAGE assay sandbox check";
}

// What brings back files that belong to the program: its package, or `otherwise` in a source tree.
std::string mend_installation(const std::string& otherwise) {
  const bool installed = program_folder().filename() == "bin";
  return installed ? fmt::format("sudo apt-get install --reinstall ./assay_{}_*.deb", kVersion) : otherwise;
}

std::string mend_sandbox(const std::string& problem) {
  if (problem.find("is not there or cannot be executed") != std::string::npos)
    return mend_installation("scripts/build");
  if (problem.find("ython") != std::string::npos) return "sudo apt-get install python3";
  return mend_namespaces();
}

Finding find_sandbox() {
  Finding finding{"sandbox", "", "", ""};
  for (const bool reduced : {false, true}) {
    try {
      sandbox::JailOptions options;
      options.reduced = reduced;
      sandbox::Jail jail(options);
      jail.warm();
      finding.found =
          fmt::format("{}: {}; python {}", reduced ? "reduced" : "full", join(jail.layers(), ", "), jail.python());
      return finding;
    } catch (const Error& error) {
      if (!finding.problem.empty()) continue;
      finding.problem = error.what();
      finding.mend = mend_sandbox(finding.problem);
    }
  }
  finding.found = "none: programs that models write can be kept with --no-execute only";
  return finding;
}

Finding find_demo() {
  const DemoFolders demo = demo_folders();
  std::error_code unreadable;
  for (const fs::path& needed : {demo.data / "demo_mmlu", demo.models / "early", demo.models / "late"}) {
    if (fs::is_directory(needed, unreadable)) continue;
    return {"demo", "incomplete", needed.string() + " is missing",
            mend_installation("git checkout -- datasets/demo models/demo")};
  }
  return {"demo", "two checkpoints in " + demo.models.string() + "; assay run --model demo --tasks demo", "", ""};
}

Finding find_database(const std::string& path) {
  std::error_code unknown;
  const std::string elsewhere = "export ASSAY_DB=\"$HOME/assay.db\"";
  if (!fs::exists(path, unknown)) {
    const fs::path folder = fs::path(path).has_parent_path() ? fs::path(path).parent_path() : ".";
    if (access(folder.c_str(), W_OK) == 0) return {"database", path + " does not exist yet", "", ""};
    return {"database", path + " does not exist", "it cannot be made in its folder", elsewhere};
  }
  try {
    const store::Store store(path, store::Store::Mode::kRead);
    return {"database", fmt::format("{} with {} runs", path, store.runs().size()), "", ""};
  } catch (const Error& error) {
    return {"database", path, error.what(), elsewhere};
  }
}

Finding find_dataset(const std::vector<fs::path>& folders, const std::string& dataset) {
  Finding finding{"data: " + dataset, "", "", ""};
  std::vector<std::string> names;
  for (const fs::path& folder : folders) {
    names.push_back(folder.string());
    std::error_code unreadable;
    if (!fs::exists(folder / dataset, unreadable)) continue;
    int wrong = 0;
    int good = 0;
    try {
      for (const datasets::FileCheck& check : datasets::verify_folder(folder, dataset)) {
        ++(check.state == datasets::FileState::kOk ? good : wrong);
      }
      if (wrong > 0)
        finding.problem = fmt::format("{} of {} files are missing or differ from those published", wrong, wrong + good);
    } catch (const Error& error) {
      finding.problem = error.what();
    }
    finding.found = fmt::format("{}, {} files as published", folder.string(), good);
    break;
  }
  if (finding.found.empty()) finding.found = "not found in " + join(names, ", ");
  if (!finding.problem.empty() || finding.found.starts_with("not found")) {
    if (finding.problem.empty()) finding.problem = "its tasks cannot be run";
    finding.mend = "assay datasets pull " + dataset;
  }
  return finding;
}

}  // namespace

std::vector<Finding> examine_machine(const std::string& database, const std::optional<std::string>& data_dir) {
  std::vector<Finding> findings{{"version", fmt::format("assay {}, {}", kVersion, kCompiler), "", ""},
                                {"processor",
                                 fmt::format("{} threads; kernels {}", std::thread::hardware_concurrency(),
                                             join(engine::cpu_kernel_sets(), ", ")),
                                 "", ""},
                                find_memory(),
                                find_gpu(),
                                find_sandbox(),
                                find_demo(),
                                find_database(database)};
  const std::vector<fs::path> folders = datasets::data_folders(data_dir);
  for (const std::string& dataset : datasets::pinned_datasets()) findings.push_back(find_dataset(folders, dataset));
  return findings;
}

}  // namespace assay::harness

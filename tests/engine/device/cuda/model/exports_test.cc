// `assay run` through the CUDA device: the export of a run is the same, to the byte, whatever its steps were.
#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <sstream>

#include "base/file.h"
#include "datasets/folders.h"
#include "engine/device/cuda/cuda_device.h"
#include "harness/run.h"
#include "store/export.h"
#include "store/store.h"
#include "tests/engine/device/cuda/model/test_runtime.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"

namespace assay::harness {
namespace {

using assay::testing::test_runtime;

std::string exported(const std::filesystem::path& model, const std::filesystem::path& folder, int step_tokens) {
  RunOptions options;
  options.model = model.string();
  options.tasks = {"demo_mmlu", "demo_gsm8k"};
  options.shots = 0;
  options.limit = 2;
  options.max_tokens = 12;
  options.samples = 1;
  options.quiet = true;
  options.json = true;
  for (const auto& data : datasets::data_folders({})) options.data_dirs.push_back(data.string());
  options.engine.step_tokens = step_tokens;
  options.engine.memory_gib = 0.5;
  options.engine.test_devices.make = [](engine::DataType type) {
    return engine::cuda::make_cuda_device(test_runtime(), type, 2);
  };
  const auto database = folder / fmt::format("steps-of-{}.db", step_tokens);
  EXPECT_EQ(run_command(options, database), ExitCode::kDone);
  const store::Store store(database, store::Store::Mode::kRead);
  std::ostringstream out;
  store::ExportOptions stable;
  stable.stable = true;
  EXPECT_GT(store::export_runs(store, store.runs(), out, stable), 0u);
  return out.str();
}

TEST(CudaExports, AreByteEqualOverSteps) {
  ASSAY_REQUIRE_SHARED(model, "golden/architectures/llama3");
  const assay::testing::TemporaryFolder folder;
  const std::string expected = exported(model, folder.path(), 512);
  for (const int step_tokens : {16, 100}) {
    EXPECT_EQ(exported(model, folder.path(), step_tokens), expected) << step_tokens;
  }
  std::cout << "3 exports of " << std::ranges::count(expected, '\n') << " lines and " << expected.size()
            << " bytes are equal\n";
}

}  // namespace
}  // namespace assay::harness

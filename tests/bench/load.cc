// What a user waits for before the first token: the steps of loading a checkpoint, each timed alone.
//
//   bench_load MODEL [DTYPE [THREADS]]      DTYPE: bf16 (default) or f32; THREADS: all
//
// The matrices are packed one after the other and dropped again, so that a model may be larger than the memory; every
// one gets fresh memory, as in a real load. The file should be in the system's cache (run it twice): what a disk adds
// is the disk's.
#include <fmt/format.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/device/cpu/cpu_device.h"
#include "engine/device/cpu/thread_pool.h"

namespace assay::engine {
namespace {

std::vector<WeightMatrix> matrices(const Checkpoint& checkpoint) {
  std::vector<WeightMatrix> result;
  for (int layer = 0; layer < checkpoint.architecture().layers; ++layer) {
    for (const Weight which : {Weight::kQuery, Weight::kKey, Weight::kValue, Weight::kAttentionOutput, Weight::kGate,
                               Weight::kUp, Weight::kDown}) {
      result.push_back(checkpoint.weight(which, layer));
    }
  }
  result.push_back(checkpoint.weight(Weight::kHead));
  return result;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

// Times of the wall, of all processors, and of these in the system, which hands out the memory.
template <typename Step>
void time_step(const char* what, double gigabytes, const Step& step) {
  rusage before = {};
  getrusage(RUSAGE_SELF, &before);
  const auto start = std::chrono::steady_clock::now();
  step();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  rusage after = {};
  getrusage(RUSAGE_SELF, &after);
  const double system = seconds(after.ru_stime) - seconds(before.ru_stime);
  const double used = seconds(after.ru_utime) - seconds(before.ru_utime) + system;
  fmt::print("{:<28} {:>6.2f} s, {:>5.2f} GB/s; of processors {:>6.2f} s ({:.2f} in the system), {:.2f} GB/s\n", what,
             wall.count(), gigabytes / wall.count(), used, system, gigabytes / used);
}

void measure(const std::string& model, DataType type, int threads) {
  double file_gb = 0;
  const Checkpoint checkpoint = Checkpoint::open(model);
  for (const auto& path : checkpoint.weight_files())
    file_gb += static_cast<double>(MappedFile(path).bytes().size()) / 1e9;
  const std::vector<WeightMatrix> all = matrices(checkpoint);
  double values = 0;
  for (const WeightMatrix& matrix : all) values += static_cast<double>(matrix.rows) * matrix.cols;
  fmt::print("{}: {} of {}, {:.2f} GB, {:.2f} G values in {} matrices, {} threads\n", model, checkpoint.stored_type(),
             checkpoint.architecture().family, file_gb, values / 1e9, all.size(), threads);

  time_step("open", 0, [&] { Checkpoint::open(model); });
  ThreadPool pool(threads);
  time_step("read the file", file_gb, [&] {
    for (const auto& path : checkpoint.weight_files()) {
      const MappedFile file(path);
      constexpr size_t kPart = size_t{1} << 20;
      std::atomic<uint64_t> total = 0;
      pool.parallel(static_cast<int>(file.bytes().size() / kPart), [&](int part) {
        uint64_t sum = 0;
        for (const char byte : file.bytes().substr(static_cast<size_t>(part) * kPart, kPart))
          sum += static_cast<uint8_t>(byte);
        total += sum;
      });
      if (total == 0) fmt::print("the file is empty\n");
    }
  });
  time_step("dequantise: f32", values * 4e-9, [&] {
    for (const WeightMatrix& matrix : all) {
      pool.parallel(threads, [&](int part) {
        std::vector<float> row(static_cast<size_t>(matrix.cols));
        for (int r = matrix.rows * part / threads; r < matrix.rows * (part + 1) / threads; ++r)
          matrix.read(r, row.data());
      });
    }
  });
  const std::unique_ptr<Device> device = make_cpu_device("auto", type, threads);
  time_step("dequantise and pack: packed", values * static_cast<double>(bytes_of(type)) * 1e-9, [&] {
    for (const WeightMatrix& matrix : all) device->make_linear(matrix.rows, matrix.cols, type, matrix.read);
  });
  time_step("SHA-256, one thread: file", file_gb, [&] {
    for (const auto& path : checkpoint.weight_files()) sha256_file(path);
  });
}

}  // namespace
}  // namespace assay::engine

int main(int argc, char** argv) {
  using namespace assay;
  const std::string dtype = argc > 2 ? argv[2] : "bf16";
  if (argc < 2 || argc > 4 || (dtype != "bf16" && dtype != "f32")) {
    fmt::print(stderr, "usage: {} MODEL [bf16|f32 [THREADS]]\n", argv[0]);
    return static_cast<int>(ExitCode::kUsage);
  }
  try {
    const int threads = argc > 3 ? std::max(1, std::atoi(argv[3])) : engine::usable_threads();
    engine::measure(argv[1], dtype == "f32" ? engine::DataType::kF32 : engine::DataType::kBf16, threads);
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return static_cast<int>(error.code());
  }
  return 0;
}

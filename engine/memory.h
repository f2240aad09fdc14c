// How much memory this process may take.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace assay::engine {

// Bytes that are free: MemAvailable of /proc/meminfo, and what the process's control group and those above it (versions
// 1 and 2) leave of their limits, page cache not counted as taken. `root` stands for "/" in tests.
int64_t available_memory(const std::filesystem::path& root = "/");

// "1.50 GiB"
std::string format_gib(int64_t bytes);

}  // namespace assay::engine

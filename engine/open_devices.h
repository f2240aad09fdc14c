// From the words of INTERFACE.md to devices: --device, --dtype, --kernels, --threads.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/device/device.h"
#include "engine/engine.h"

namespace assay::engine {

// Numbers of the GPUs that `device` (auto | cpu | cuda | cuda:N | cuda:all) means; none: the processor. Error(kUsage)
// for another word; kUnavailable where cuda:all finds no GPU, or GPUs of several kinds, whose bits differ.
std::vector<int> choose_gpus(const std::string& device);

// `stored`: of the checkpoint. auto keeps 16-bit types that the device has, and takes f32 for all else.
DataType choose_type(const std::string& dtype, const std::string& stored, bool on_gpu);
const char* name_of(DataType type);

// The test's devices, else the processor, or one device for each of `gpus`.
std::vector<std::unique_ptr<Device>> open_devices(const EngineOptions& options, const std::vector<int>& gpus,
                                                  DataType type);

}  // namespace assay::engine

// Device memory as the tests of kernels see it; emulated_memory.cc is the emulation's answer, and a native one may
// stand beside it.
//
//   const DeviceBuffer<float> x(host);           // a copy on the device
//   DeviceBuffer<float> y(host.size());          // full of NaN
//   rms_norm(nullptr, {.x = x.data(), .out = y.data(), ...});
//   const std::vector<float> result = y.download();
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

namespace assay::testing {

// The bytes are 0xFF.
void* device_allocate(size_t bytes);
void device_free(void* memory);
void device_upload(void* to, const void* from, size_t bytes);
// Waits for the kernels launched before.
void device_download(void* to, const void* from, size_t bytes);

template <typename T>
class DeviceBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit DeviceBuffer(size_t size) : data_(static_cast<T*>(device_allocate(size * sizeof(T)))), size_(size) {}
  explicit DeviceBuffer(std::span<const T> host) : DeviceBuffer(host.size()) { upload(host); }
  explicit DeviceBuffer(const std::vector<T>& host) : DeviceBuffer(std::span<const T>(host)) {}
  ~DeviceBuffer() { device_free(data_); }
  DeviceBuffer(const DeviceBuffer&) = delete;
  DeviceBuffer& operator=(const DeviceBuffer&) = delete;

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return size_; }

  // At most size() elements from the start.
  void upload(std::span<const T> host) { device_upload(data_, host.data(), host.size_bytes()); }
  std::vector<T> download() const {
    std::vector<T> host(size_);
    device_download(host.data(), data_, size_ * sizeof(T));
    return host;
  }

 private:
  T* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace assay::testing

#include "sandbox/inside/wire.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <cstring>
#include <stdexcept>

namespace assay::sandbox {
namespace {

[[noreturn]] void fail_with(const char* what) {
  throw std::runtime_error(std::string(what) + ": " + strerror(errno));
}

}  // namespace

Fd bytes_in_memory(const std::string& bytes) {
  Fd file(memfd_create("assay", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file.ok() || !write_all(file.get(), bytes.data(), bytes.size()) || lseek(file.get(), 0, SEEK_SET) != 0 ||
      fcntl(file.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0) {
    fail_with("a job cannot be held in memory");
  }
  return file;
}

Fd fields_in_memory(const Fields& fields) {
  std::string bytes;
  for (const std::string& field : fields) {
    if (field.size() > UINT32_MAX) throw std::runtime_error("a field of a job has more than 4 GiB");
    const auto size = static_cast<uint32_t>(field.size());
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(size >> shift & 0xff);
    bytes += field;
  }
  return bytes_in_memory(bytes);
}

void send_fields(int socket, const Fields& fields) {
  const Fd file = fields_in_memory(fields);
  const int fd = file.get();
  if (!send_packet(socket, "m", 1, &fd, 1)) fail_with("assay-jail cannot be reached");
}

std::optional<Fields> receive_fields(int socket) {
  char byte = 0;
  int fds[kMaxFds], count = 0;
  const ssize_t got = receive_packet(socket, &byte, 1, fds, count);
  if (got < 0) fail_with("assay-jail cannot be heard");
  if (got == 0) return std::nullopt;
  if (count != 1) throw std::runtime_error("a message of assay-jail has no content");
  const Fd file(fds[0]);
  struct stat state {};
  if (fstat(file.get(), &state) != 0) fail_with("a message of assay-jail");
  std::string bytes(static_cast<size_t>(state.st_size), '\0');
  if (lseek(file.get(), 0, SEEK_SET) != 0 || !read_all(file.get(), bytes.data(), bytes.size())) {
    fail_with("a message of assay-jail");
  }
  Fields fields;
  for (size_t at = 0; at < bytes.size();) {
    uint32_t size = 0;
    if (bytes.size() - at < 4) throw std::runtime_error("a message of assay-jail is cut off");
    for (int i = 0; i < 4; ++i)
      size |= static_cast<uint32_t>(static_cast<unsigned char>(bytes[at + static_cast<size_t>(i)])) << (8 * i);
    at += 4;
    if (bytes.size() - at < size) throw std::runtime_error("a message of assay-jail is cut off");
    fields.push_back(bytes.substr(at, size));
    at += size;
  }
  return fields;
}

}  // namespace assay::sandbox

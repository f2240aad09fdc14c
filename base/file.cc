#include "base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace assay {
namespace {

[[noreturn]] void fail_system(const std::filesystem::path& path, const char* action) {
  fail(ExitCode::kIo, "{}: cannot {}: {}", path.string(), action, std::strerror(errno));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const std::filesystem::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {
    if (fd_ < 0) fail_system(path, "open");
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { ::close(fd_); }
  int get() const { return fd_; }

 private:
  int fd_;
};

// zlib's state, released on every way out.
class Inflater {
 public:
  Inflater() {
    constexpr int kGzipOnly = 15 + 16;  // the largest window; a gzip header is required
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }
  z_stream* operator->() { return &stream_; }
  z_stream* get() { return &stream_; }

 private:
  z_stream stream_{};
};

std::string gunzip(const std::filesystem::path& path, std::string_view packed) {
  Inflater stream;
  std::string text;
  std::string chunk(1 << 18, '\0');
  int status = Z_OK;
  do {
    // zlib counts in 32 bits, so that a large archive goes in by pieces.
    const size_t piece = std::min<size_t>(packed.size(), 1 << 30);
    stream->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream->avail_in = static_cast<uInt>(piece);
    stream->next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream->avail_out = static_cast<uInt>(chunk.size());
    status = inflate(stream.get(), Z_NO_FLUSH);
    packed.remove_prefix(piece - stream->avail_in);
    text.append(chunk.data(), chunk.size() - stream->avail_out);
    // An archive may hold several members, one after the other.
    if (status == Z_STREAM_END && !packed.empty()) status = inflateReset(stream.get());
  } while (status == Z_OK);
  if (status == Z_MEM_ERROR) throw std::bad_alloc();
  if (status != Z_STREAM_END)
    fail_input("{}: the gzip data is damaged or cut short; fetch the file again", path.string());
  return text;
}

// A new file beside `path`; a name that is taken is left alone, whoever owns it.
std::filesystem::path create_beside(const std::filesystem::path& path, std::optional<Descriptor>& file) {
  constexpr int kMostTries = 1000;
  for (int i = 0;; ++i) {
    std::filesystem::path name = path;
    name += ".new" + (i == 0 ? std::string() : std::to_string(i));
    const int fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0) {
      file.emplace(fd);
      return name;
    }
    if (errno != EEXIST || i == kMostTries) fail_system(path, "write");
  }
}

void write_into(const Descriptor& file, const std::filesystem::path& path, std::string_view content) {
  while (!content.empty()) {
    const ssize_t count = ::write(file.get(), content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_system(path, "write");
    content.remove_prefix(static_cast<size_t>(count));
  }
}

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path) : path_(path) {
  Descriptor file(path, O_RDONLY | O_NONBLOCK);  // a named pipe is refused below, not waited for
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) fail_system(path, "read");
  if (!S_ISREG(status.st_mode)) fail(ExitCode::kIo, "{}: is not a regular file", path.string());
  size_ = static_cast<size_t>(status.st_size);
  if (size_ == 0) return;
  void* address = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file.get(), 0);
  if (address == MAP_FAILED) fail_system(path, "map");
  data_ = static_cast<const char*>(address);
  // A process that locks its memory (base/crypto/secret.h) need not keep files in it: their pages are on the disk
  // anyway.
  ::munlock(address, size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)), data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
}

std::string read_file(const std::filesystem::path& path) {
  Descriptor file(path, O_RDONLY);
  std::string content;
  std::string chunk(1 << 16, '\0');
  for (;;) {
    const ssize_t count = ::read(file.get(), chunk.data(), chunk.size());
    if (count == 0) return content;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_system(path, "read");
    content.append(chunk.data(), static_cast<size_t>(count));
  }
}

std::string read_text_file(const std::filesystem::path& path) {
  std::string content = read_file(path);
  return path.extension() == ".gz" ? gunzip(path, content) : content;
}

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return lines;
}

std::optional<std::filesystem::path> name_to_replace(const std::filesystem::path& path) {
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::status(path, ignored);
  if (!std::filesystem::exists(status)) return path;
  if (!std::filesystem::is_regular_file(status) && !std::filesystem::is_directory(status)) return std::nullopt;
  return std::filesystem::is_symlink(path, ignored) ? std::filesystem::canonical(path) : path;
}

void write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  const std::optional<std::filesystem::path> target = name_to_replace(path);
  if (!target) return write_into(Descriptor(path, O_WRONLY), path, content);
  std::optional<Descriptor> file;
  const std::filesystem::path temporary = create_beside(*target, file);
  try {
    write_into(*file, path, content);
    if (::fsync(file->get()) != 0) fail_system(path, "write");
    if (::rename(temporary.c_str(), target->c_str()) != 0) fail_system(path, "write");
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
}

}  // namespace assay

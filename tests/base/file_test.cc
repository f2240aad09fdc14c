#include "base/file.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <iostream>

#include "base/error.h"
#include "tests/support/damage.h"
#include "tests/support/temporary_folder.h"

namespace assay {
namespace {

using testing::TemporaryFolder;

// The error that `action` ends in names `path` first.
void expect_error(ExitCode code, const std::filesystem::path& path, const std::string& reason, const auto& action) {
  try {
    action();
    ADD_FAILURE() << path << ": nothing was thrown";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_EQ(error.code(), code) << message;
    EXPECT_EQ(message.rfind(path.string() + ": ", 0), 0u) << message;
    EXPECT_NE(message.find(reason), std::string::npos) << message;
  }
}

size_t entries(const TemporaryFolder& folder) {
  return static_cast<size_t>(
      std::distance(std::filesystem::directory_iterator(folder.path()), std::filesystem::directory_iterator()));
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string lines_of_text(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "line " + std::to_string(i * 2654435761u) + "\n";
  return text;
}

TEST(File, ReadAndMapped) {
  const TemporaryFolder folder;
  for (const std::string& content :
       {std::string(), std::string("a"), std::string("\0\r\n\xFF", 4), std::string(65536, 'x'), lines_of_text(20000)}) {
    const auto path = folder.write("file", content);
    EXPECT_EQ(read_file(path), content);
    EXPECT_EQ(read_text_file(path), content);
    const MappedFile mapped(path);
    EXPECT_EQ(mapped.bytes(), content);
    EXPECT_EQ(mapped.path(), path);
  }
}

TEST(File, WhatCannotBeReadIsNamed) {
  const TemporaryFolder folder;
  const auto pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const auto below_a_file = folder.write("file", "x") / "below";
  struct Case {
    std::filesystem::path path;
    std::string read_reason, map_reason;
  };
  for (const auto& [path, read_reason, map_reason] :
       {Case{folder / "missing", "cannot open: No such file", "cannot open: No such file"},
        Case{folder.path(), "cannot read: Is a directory", "is not a regular file"},
        Case{below_a_file, "cannot open: Not a directory", "cannot open: Not a directory"}}) {
    expect_error(ExitCode::kIo, path, read_reason, [&] { read_file(path); });
    expect_error(ExitCode::kIo, path, read_reason, [&] { read_text_file(path); });
    expect_error(ExitCode::kIo, path, map_reason, [&] { MappedFile mapped(path); });
  }
  expect_error(ExitCode::kIo, pipe, "is not a regular file", [&] { MappedFile mapped(pipe); });
}

TEST(File, AMappedFileMoves) {
  const TemporaryFolder folder;
  const auto a = folder.write("a", "content of a");
  const auto b = folder.write("b", "content of b");
  MappedFile first(a);
  MappedFile second(std::move(first));
  EXPECT_EQ(second.bytes(), "content of a");
  MappedFile third(b);
  third = std::move(second);
  EXPECT_EQ(third.bytes(), "content of a");
  EXPECT_EQ(third.path(), a);
  MappedFile& same = third;
  third = std::move(same);
  EXPECT_EQ(third.bytes(), "content of a");
  EXPECT_EQ(third.path(), a);
}

TEST(File, AMappedFileOutlivesItsName) {
  const TemporaryFolder folder;
  const auto path = folder.write("a", "old");
  const MappedFile mapped(path);
  write_file_atomically(path, "new");
  EXPECT_EQ(mapped.bytes(), "old");
  EXPECT_EQ(MappedFile(path).bytes(), "new");
}

TEST(Gzip, Unpacks) {
  const TemporaryFolder folder;
  const std::string small = "one\ntwo\n";
  const std::string large = lines_of_text(100000);  // several of the buffers
  const std::vector<std::pair<std::string, std::string>> cases = {
      {gzip(""), ""},
      {gzip(small), small},
      {gzip(large), large},
      {gzip(std::string(1 << 18, 'x')), std::string(1 << 18, 'x')},  // exactly one buffer
      {gzip(small) + gzip("three\n"), small + "three\n"},
      {gzip("") + gzip(small) + gzip("") + gzip(large), small + large},
  };
  for (const auto& [packed, text] : cases) EXPECT_EQ(read_text_file(folder.write("a.jsonl.gz", packed)), text);
  EXPECT_EQ(read_text_file(folder.write("a.jsonl", gzip(small))), gzip(small)) << "the name says whether it is packed";
}

TEST(Gzip, DamageIsBadInput) {
  const TemporaryFolder folder;
  const std::string text = lines_of_text(100);
  const std::string whole = gzip(text);
  const std::string two = whole + gzip(text);
  const auto refused = [&](const std::string& packed) {
    const auto path = folder.write("a.gz", packed);
    expect_error(ExitCode::kBadInput, path, "damaged or cut short", [&] { read_text_file(path); });
  };
  for (size_t length = 0; length < whole.size(); ++length) refused(whole.substr(0, length));
  for (size_t length = whole.size() + 1; length < two.size(); ++length) refused(two.substr(0, length));
  refused("plain text");
  refused(whole + "trailing text");
  std::string checksum = whole;
  checksum[checksum.size() - 8] ^= 1;
  refused(checksum);
  std::cout << "an archive cut at each of " << two.size() << " places\n";
}

TEST(Gzip, NoDamageCrashes) {
  const TemporaryFolder folder;
  const std::string whole = gzip(lines_of_text(200)) + gzip(lines_of_text(3));
  int read = 0;
  int refused = 0;
  for (uint32_t seed = 0; seed < 2000; ++seed) {
    const auto path = folder.write("a.gz", testing::damaged(whole, seed));
    try {
      read_text_file(path);
      ++read;  // only bits that gzip does not check (time stamp, operating system), or a member left out
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), ExitCode::kBadInput);
      ++refused;
    }
  }
  std::cout << refused << " damaged archives refused, " << read << " read\n";
  EXPECT_GT(refused, 1900);
}

TEST(File, SplitLines) {
  using Lines = std::vector<std::string_view>;
  const std::vector<std::pair<std::string, Lines>> cases = {
      {"", {}},
      {"\n", {""}},
      {"a", {"a"}},
      {"a\n", {"a"}},
      {"a\nb", {"a", "b"}},
      {"a\n\nb\n", {"a", "", "b"}},
      {"\n\n", {"", ""}},
      {"a\r\nb\r", {"a\r", "b\r"}},
      {"a\xC2\x85\xE2\x80\xA8\x0B\x0C\x1C\nb", {"a\xC2\x85\xE2\x80\xA8\x0B\x0C\x1C", "b"}},
  };
  for (const auto& [text, lines] : cases) EXPECT_EQ(split_lines(text), lines) << text;
}

TEST(WriteFile, WritesNewAndReplacesOld) {
  const TemporaryFolder folder;
  const auto path = folder / "file";
  for (const std::string& content :
       {std::string("first"), std::string(), std::string(1 << 20, 'x'), std::string("s")}) {
    write_file_atomically(path, content);
    EXPECT_EQ(read_file(path), content);
  }
  EXPECT_EQ(entries(folder), 1u);
}

TEST(WriteFile, LeavesFilesOfSimilarNamesAlone) {
  const TemporaryFolder folder;
  folder.write("file.new", "somebody's");
  std::filesystem::create_directory(folder / "file.new1");
  write_file_atomically(folder / "file", "content");
  EXPECT_EQ(read_file(folder / "file"), "content");
  EXPECT_EQ(read_file(folder / "file.new"), "somebody's");
  EXPECT_EQ(entries(folder), 3u);
}

TEST(WriteFile, WhatCannotBeWrittenIsNamed) {
  const TemporaryFolder folder;
  const auto taken = folder / "folder";
  folder.write("folder/inside", "kept");
  for (const auto& [path, reason] : {std::pair(folder / "no" / "file", "cannot write: No such file"),
                                     std::pair(taken, "cannot write: Is a directory"),
                                     std::pair(folder / "folder/inside/file", "cannot write: Not a directory")}) {
    expect_error(ExitCode::kIo, path, reason, [&] { write_file_atomically(path, "x"); });
  }
  EXPECT_EQ(read_file(taken / "inside"), "kept");
  EXPECT_EQ(entries(folder), 1u) << "nothing is left lying about";
}

// Named through links, so that a mistake would harm the links alone.
TEST(WriteFile, LinksAndDevicesStayWhatTheyAre) {
  const TemporaryFolder folder;
  folder.write("kept/file", "old");
  const auto link = [&](const char* name, const std::filesystem::path& to) {
    std::filesystem::create_symlink(to, folder / name);
    return folder / name;
  };
  const auto to_file = link("to-file", "kept/file");
  write_file_atomically(to_file, "new");
  EXPECT_EQ(read_file(folder / "kept/file"), "new");
  const auto to_nothing = link("to-nothing", "missing");
  write_file_atomically(to_nothing, "content");
  EXPECT_EQ(read_file(to_nothing), "content");
  const auto nowhere = link("nowhere", "/dev/null");
  write_file_atomically(nowhere, "content");
  EXPECT_TRUE(std::filesystem::is_character_file(nowhere));
  const auto full = link("full", "/dev/full");
  expect_error(ExitCode::kIo, full, "cannot write: No space left", [&] { write_file_atomically(full, "x"); });
  for (const auto& each : {to_file, nowhere, full}) EXPECT_TRUE(std::filesystem::is_symlink(each)) << each;
  EXPECT_EQ(entries(folder), 5u);
}

// A limit on the size of files stands for the full disk: the write that crosses it is cut, the next one fails.
TEST(WriteFile, AFullDiskKeepsTheOldContent) {
  const TemporaryFolder folder;
  const auto path = folder.write("file", "old");
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1 << 16, 1 << 16};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(1);
    try {
      write_file_atomically(path, std::string(1 << 20, 'x'));
      ::_exit(2);
    } catch (const Error& error) {
      const bool named = std::string(error.what()) == path.string() + ": cannot write: File too large";
      ::_exit(error.code() == ExitCode::kIo && named ? 0 : 3);
    }
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(read_file(path), "old");
  EXPECT_EQ(entries(folder), 1u);
}

}  // namespace
}  // namespace assay

#include "datasets/download.h"

#include <gtest/gtest.h>

#include <iostream>

#include "base/error.h"
#include "base/file.h"
#include "tests/datasets/full_disk.h"
#include "tests/datasets/web_server.h"
#include "tests/support/temporary_folder.h"

namespace assay::datasets {
namespace {

using testing::WebReply;
using testing::WebRequest;
using testing::WebServer;

// Long enough for several writes, and no page.
std::string make_text(const char* word) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += word + std::to_string(i) + "\n";
  return text;
}

const std::string kText = make_text("row ");
constexpr size_t kHalf = 100'000;

Patience patience_of_tests() {
  return {0.2, 3, 0};
}

WebReply whole() {
  WebReply reply;
  reply.body = kText;
  return reply;
}

WebReply cut(size_t bytes) {
  WebReply reply = whole();
  reply.cut_after = bytes;
  return reply;
}

WebReply answer(int status, const std::string& body, std::vector<std::string> headers = {}) {
  WebReply reply;
  reply.status = status;
  reply.body = body;
  reply.headers = std::move(headers);
  return reply;
}

struct Case {
  const char* name;
  WebServer::Handler handler;
  ExitCode code;       // kDone: the part file is kText
  std::string says;    // in the message
  size_t requests;     // that it takes
  int64_t part = 0;    // bytes that stay after a failure
  std::string here{};  // the part file before
  int64_t bytes = 0;   // that are expected; 0: unknown
};

std::vector<Case> cases() {
  const std::string page = "\n<!DOCTYPE html><html><body>Please log in</body></html>";
  const auto stalled = [](size_t bytes) {
    WebReply reply = cut(bytes);
    reply.then = WebReply::kStall;
    return reply;
  };
  return {
      {"whole", [](const WebRequest&) { return whole(); }, ExitCode::kDone, "", 1},
      {"cut twice, then resumed", [](const WebRequest& r) { return r.nth < 2 ? cut(kHalf / 2) : whole(); },
       ExitCode::kDone, "", 3},
      {"cut, and no ranges",
       [](const WebRequest& r) {
         WebReply reply = r.nth == 0 ? cut(kHalf) : whole();
         reply.ranges = false;
         return reply;
       },
       ExitCode::kDone, "", 2},
      {"always cut at the same place",
       [](const WebRequest&) {
         WebReply reply = cut(kHalf);
         reply.ranges = false;
         return reply;
       },
       ExitCode::kUnavailable, "it goes on from 100000 bytes", 3, kHalf},
      {"hangs up without a word, once",
       [](const WebRequest& r) {
         WebReply reply = whole();
         reply.no_answer = r.nth == 0;
         return reply;
       },
       ExitCode::kDone, "", 2},
      {"hangs up without a word, always",
       [](const WebRequest&) {
         WebReply reply;
         reply.no_answer = true;
         return reply;
       },
       ExitCode::kUnavailable, "3 times in a row", 3},
      {"stalls midway, once", [=](const WebRequest& r) { return r.nth == 0 ? stalled(kHalf) : whole(); },
       ExitCode::kDone, "", 2},
      {"stalls before the first byte, always", [=](const WebRequest&) { return stalled(0); }, ExitCode::kUnavailable,
       "nothing came for too long, 3 times in a row", 3},
      {"redirected",
       [](const WebRequest& r) { return r.path == "/end" ? whole() : answer(302, "", {"Location: /end"}); },
       ExitCode::kDone, "", 2},
      {"redirected in a circle", [](const WebRequest&) { return answer(301, "", {"Location: /file"}); },
       ExitCode::kUnavailable, "in a circle", 6},
      {"redirected to a file of this machine",
       [](const WebRequest&) { return answer(302, "", {"Location: file:///etc/hostname"}); }, ExitCode::kUnavailable,
       "not https", 1},
      {"not there", [](const WebRequest&) { return answer(404, "no"); }, ExitCode::kUnavailable, "answered 404", 1},
      {"forbidden, with a page", [=](const WebRequest&) { return answer(403, page, {"Content-Type: text/html"}); },
       ExitCode::kUnavailable, "answered 403 with a page", 1},
      {"in trouble, twice", [](const WebRequest& r) { return r.nth < 2 ? answer(503, "busy") : whole(); },
       ExitCode::kDone, "", 3},
      {"in trouble, always", [](const WebRequest&) { return answer(500, "oops"); }, ExitCode::kUnavailable,
       "answered 500, 3 times", 3},
      {"a page with 200", [=](const WebRequest&) { return answer(200, page); }, ExitCode::kBadInput,
       "an HTML page instead of the file (\"?<!DOCTYPE html>", 1},
      {"more than expected", [](const WebRequest&) { return answer(200, kText + kText); }, ExitCode::kBadInput,
       "sends more than", 1},
      {"closes early without a length",
       [](const WebRequest& r) {
         WebReply reply = r.nth == 0 ? cut(kHalf) : whole();
         reply.says_length = false;
         return reply;
       },
       ExitCode::kDone, "", 2, 0, "", static_cast<int64_t>(kText.size())},
      {"a part that was begun", [](const WebRequest&) { return whole(); }, ExitCode::kDone, "", 1, 0,
       kText.substr(0, kHalf)},
      {"a part that is whole", [](const WebRequest&) { return whole(); }, ExitCode::kDone, "", 1, 0, kText},
      {"a part that is too long", [](const WebRequest&) { return whole(); }, ExitCode::kDone, "", 2, 0, kText + "x"},
      {"another range than asked for",
       [](const WebRequest& r) {
         if (r.range_begin < 0) return whole();
         return answer(206, kText, {"Content-Range: bytes 7-9/10"});
       },
       ExitCode::kDone, "", 2, 0, kText.substr(0, kHalf)},
  };
}

int64_t size_of(const std::filesystem::path& path) {
  return std::filesystem::exists(path) ? static_cast<int64_t>(std::filesystem::file_size(path)) : 0;
}

TEST(Download, EndsWholeOrSaysWhy) {
  int compared = 0;
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    const testing::TemporaryFolder folder;
    const WebServer server(c.handler);
    const std::filesystem::path part = folder / "below/file.part";
    if (!c.here.empty()) {
      folder.write("below/file.part", c.here);
      folder.write("below/file.part.from", "identity\n");
    }
    const Address address{server.url("/file"), part,    "file",
                          "identity",          c.bytes, static_cast<int64_t>(kText.size()) + 10};
    ExitCode code = ExitCode::kDone;
    std::string message;
    try {
      Downloader(patience_of_tests()).fetch(address, {});
    } catch (const Error& error) {
      code = error.code();
      message = error.what();
    }
    EXPECT_EQ(code, c.code) << message;
    EXPECT_NE(message.find(c.says), std::string::npos) << message;
    EXPECT_EQ(server.requests().size(), c.requests);
    if (c.code == ExitCode::kDone) {
      EXPECT_EQ(read_file(part) == kText, true);
    } else {
      EXPECT_EQ(size_of(part), c.part);
    }
    ++compared;
  }
  std::cout << compared << " ways of a server\n";
}

// What was there is asked for by the name that the server gave it; where it changed meanwhile, no halves are joined.
TEST(Download, NeverJoinsHalvesOfTwoFiles) {
  const std::string newer = make_text("new ");
  for (const bool changed : {false, true}) {
    const testing::TemporaryFolder folder;
    const WebServer server([&](const WebRequest& request) {
      WebReply reply = answer(200, request.nth > 0 && changed ? newer : kText,
                              {request.nth > 0 && changed ? "ETag: \"2\"" : "ETag: \"1\""});
      if (request.nth == 0) reply.cut_after = kHalf;
      return reply;
    });
    Downloader(patience_of_tests()).fetch({server.url("/file"), folder / "part", "file", "", 0, int64_t{1} << 30}, {});
    EXPECT_TRUE(read_file(folder / "part") == (changed ? newer : kText));
    ASSERT_EQ(server.requests().size(), 2u);
    EXPECT_EQ(server.requests()[1].range_begin, static_cast<int64_t>(kHalf));
    EXPECT_EQ(server.requests()[1].if_range, "\"1\"");
  }
}

TEST(Download, APartOfSomethingElseIsNotResumed) {
  const testing::TemporaryFolder folder;
  folder.write("part", "other bytes");
  folder.write("part.from", "another identity\n");
  const WebServer server([](const WebRequest&) { return whole(); });
  Downloader(patience_of_tests()).fetch({server.url("/f"), folder / "part", "f", "identity", 0, 1 << 30}, {});
  EXPECT_EQ(server.requests()[0].range_begin, -1);
  EXPECT_TRUE(read_file(folder / "part") == kText);
}

TEST(Download, StopsWhenAskedAndGoesOnLater) {
  const testing::TemporaryFolder folder;
  std::atomic<bool> stop = false;
  const WebServer server([&](const WebRequest& request) {
    WebReply reply = whole();
    if (request.nth == 0) {
      reply.cut_after = kHalf;
      reply.then = WebReply::kStall;
    }
    return reply;
  });
  const Address address{server.url("/file"), folder / "part", "file", "", 0, 1 << 30};
  int64_t told = 0;
  const Watch watch{&stop, [&](const std::string&, int64_t done, int64_t total) {
                      told = done;
                      EXPECT_EQ(total, static_cast<int64_t>(kText.size()));
                      stop = done == static_cast<int64_t>(kHalf);
                    }};
  Downloader downloader({60, 3, 0});
  try {
    downloader.fetch(address, watch);
    FAIL() << "it did not stop";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kInterrupted);
  }
  EXPECT_EQ(told, static_cast<int64_t>(kHalf));
  EXPECT_EQ(size_of(folder / "part"), static_cast<int64_t>(kHalf));
  downloader.fetch(address, {});
  EXPECT_TRUE(read_file(folder / "part") == kText);
  EXPECT_EQ(server.requests().back().range_begin, static_cast<int64_t>(kHalf));
}

TEST(Download, AHostThatCannotBeReachedIsAskedOnce) {
  const testing::TemporaryFolder folder;
  std::string url;
  {
    url = WebServer([](const WebRequest&) { return whole(); }).url("/file");
  }
  Downloader downloader(patience_of_tests());
  for (int i = 0; i < 2; ++i) {
    try {
      downloader.fetch({url, folder / "below/part", "file", "", 0, 1 << 30}, {});
      FAIL() << "nobody listens there";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kUnavailable);
      EXPECT_NE(std::string(error.what()).find("https_proxy"), std::string::npos) << error.what();
    }
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Download, AFullDiskIsSaidAndResumed) {
  const testing::TemporaryFolder folder;
  const WebServer server([](const WebRequest&) { return whole(); });
  const Address address{server.url("/file"), folder / "part", "file", "", 0, 1 << 30};
  std::string message;
  ExitCode code = ExitCode::kDone;
  try {
    const testing::FullDisk full(kHalf);
    Downloader(patience_of_tests()).fetch(address, {});
  } catch (const Error& error) {
    code = error.code();
    message = error.what();
  }
  EXPECT_EQ(code, ExitCode::kIo);
  EXPECT_NE(message.find("make room"), std::string::npos) << message;
  EXPECT_EQ(size_of(folder / "part"), static_cast<int64_t>(kHalf));
  Downloader(patience_of_tests()).fetch(address, {});
  EXPECT_TRUE(read_file(folder / "part") == kText);
}

}  // namespace
}  // namespace assay::datasets

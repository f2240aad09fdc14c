// A server whose certificate nobody vouches for is not asked.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "base/error.h"
#include "engine/remote/endpoint.h"
#include "tests/support/program.h"
#include "tests/support/temporary_folder.h"

namespace assay::engine {
namespace {

using testing::run_program;
using testing::TemporaryFolder;

constexpr const char* kOpenssl = "/usr/bin/openssl";

int free_port() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  ::bind(listener, plain, size);
  ::getsockname(listener, plain, &size);
  ::close(listener);
  return ntohs(address.sin_port);
}

bool answers(int port) {
  const int connection = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  const bool connected = ::connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(connection);
  return connected;
}

// openssl's own server.
class TlsServer {
 public:
  explicit TlsServer(const std::filesystem::path& folder) : port_(free_port()) {
    process_ = ::fork();
    if (process_ == 0) {
      ::setenv("PATH", "/usr/bin:/bin", 1);
      if (::chdir(folder.c_str()) != 0) ::_exit(1);
      ::execl(kOpenssl, "openssl", "s_server", "-quiet", "-cert", "cert.pem", "-key", "key.pem", "-accept",
              fmt::format("127.0.0.1:{}", port_).c_str(), nullptr);
      ::_exit(1);
    }
    for (int tries = 0; tries < 200 && !answers(port_); ++tries) ::usleep(20000);
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  ~TlsServer() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  int port() const { return port_; }

 private:
  int port_;
  pid_t process_;
};

std::string refusal(const std::string& url) {
  EndpointOptions options;
  options.address = parse_endpoint(url);
  options.request_timeout = 0.3;  // the server says nothing to a request
  options.back_off = 0.001;
  Endpoint endpoint(options);
  const std::vector<Request> plan = {GenerateRequest{"hello", {}, false, 4, {}}};
  try {
    endpoint.probe(plan, {});
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUnavailable);
    return error.what();
  }
  return "";
}

TEST(Certificate, ASelfSignedOneIsRefusedUnlessItIsNamed) {
  if (!std::filesystem::exists(kOpenssl)) GTEST_SKIP() << "no " << kOpenssl << " to make a certificate with";
  ::setenv("no_proxy", "127.0.0.1,localhost", 1);
  const TemporaryFolder folder;
  const auto made =
      run_program(kOpenssl, {{"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                              "-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-days", "2", "-subj",
                              "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"},
                             {},
                             {},
                             0,
                             0});
  ASSERT_EQ(made.exit, 0) << made.err;
  const TlsServer server(folder.path());
  const std::string url = fmt::format("https://localhost:{}/v1#m", server.port());
  EXPECT_NE(refusal(url).find("the certificate of localhost does not verify"), std::string::npos) << refusal(url);
  ::setenv("SSL_CERT_FILE", (folder / "cert.pem").c_str(), 1);
  // Verified now: what fails is that this server answers nothing.
  EXPECT_EQ(refusal(url).find("does not verify"), std::string::npos) << refusal(url);
  EXPECT_NE(refusal(url).find("failed 4 times in a row to answer"), std::string::npos) << refusal(url);
  // The certificate is another host's.
  const std::string other = fmt::format("https://127.0.0.1:{}/v1#m", server.port());
  EXPECT_NE(refusal(other).find("does not verify"), std::string::npos) << refusal(other);
  ::unsetenv("SSL_CERT_FILE");
}

}  // namespace
}  // namespace assay::engine

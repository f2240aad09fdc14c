// The server under TLS, with a certificate that is made here.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>

#include "harness/rating/session.h"
#include "tests/harness/rating/served_round.h"

namespace assay::testing {
namespace {

template <auto kFree>
struct Free {
  void operator()(auto* thing) const { kFree(thing); }
};

// cert.pem and key.pem for rate.example and 127.0.0.1.
void make_certificate(const std::filesystem::path& folder) {
  const std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>> key(EVP_EC_gen("P-256"));
  const std::unique_ptr<X509, Free<X509_free>> certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("rate.example"), -1, -1,
                             0);
  X509_set_issuer_name(certificate.get(), name);
  const std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>> names(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:rate.example,IP:127.0.0.1"));
  X509_add_ext(certificate.get(), names.get(), -1);
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  FILE* file = std::fopen((folder / "cert.pem").c_str(), "w");
  PEM_write_X509(file, certificate.get());
  std::fclose(file);
  file = std::fopen((folder / "key.pem").c_str(), "w");
  PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
}

// Sends a request with the TLS versions up to `newest` and returns the answer; empty where no connection comes about.
std::string ask(int port, const std::string& request, int newest = TLS1_3_VERSION) {
  const std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>> context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_max_proto_version(context.get(), newest);
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  std::string answer;
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    const std::unique_ptr<SSL, Free<SSL_free>> ssl(SSL_new(context.get()));
    SSL_set_fd(ssl.get(), socket);
    if (SSL_connect(ssl.get()) == 1) {
      SSL_write(ssl.get(), request.data(), static_cast<int>(request.size()));
      std::array<char, 4096> bytes{};
      int count = 0;
      while ((count = SSL_read(ssl.get(), bytes.data(), static_cast<int>(bytes.size()))) > 0) {
        answer.append(bytes.data(), static_cast<size_t>(count));
      }
    }
  }
  ::close(socket);
  return answer;
}

TEST(Tls, ThePageAndSessionsAreServedUnderTheCertificatesNames) {
  const TemporaryFolder folder;
  make_certificate(folder.path());
  ServedRound served({}, {}, ServedRound::generous(),
                     {"127.0.0.1:0", (folder / "cert.pem").string(), (folder / "key.pem").string(), ""});
  EXPECT_EQ(served.origin(), fmt::format("https://rate.example:{}", served.port())) << "as the links have it";
  for (const char* host : {"rate.example", "127.0.0.1"}) {
    const std::string answer = ask(
        served.port(), fmt::format("GET / HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\n\r\n", host, served.port()));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200")) << answer;
  }
  const std::string font = ask(served.port(), fmt::format("GET /assets/katex.min.js HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n"
                                                          "Connection: close\r\n\r\n",
                                                          served.port()));
  EXPECT_GT(font.size(), 200000u);
  const std::string body = fmt::format("{{\"token\":\"{}\"}}", served.add_rater("ann"));
  const std::string answer =
      ask(served.port(),
          fmt::format("POST /api/session HTTP/1.1\r\nHost: rate.example:{0}\r\nOrigin: "
                      "https://rate.example:{0}\r\nX-Assay: 1\r\nContent-Type: application/json\r\nConnection: "
                      "close\r\nContent-Length: {1}\r\n\r\n{2}",
                      served.port(), body.size(), body));
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200")) << answer;
  EXPECT_NE(answer.find("; Secure"), std::string::npos);
}

TEST(Tls, PlainTextOldVersionsAndSilenceGetNothing) {
  const TemporaryFolder folder;
  make_certificate(folder.path());
  harness::ServerLimits limits = ServedRound::generous();
  limits.request_seconds = 1;
  ServedRound served({}, {}, limits,
                     {"127.0.0.1:0", (folder / "cert.pem").string(), (folder / "key.pem").string(), ""});
  Client plain(served.port());
  EXPECT_EQ(plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status, 0);
  EXPECT_EQ(ask(served.port(), "GET / HTTP/1.1\r\n\r\n", TLS1_1_VERSION), "");
  Client silent(served.port());
  ASSERT_TRUE(silent.connect());
  EXPECT_EQ(silent.read().status, 0) << "closed after its time";
}

}  // namespace
}  // namespace assay::testing

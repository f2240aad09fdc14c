// Where the server listens and under which names it may be asked: by itself on this machine alone; for others only
// under TLS or behind a proxy that is named, because links and sessions travel in what it says.
#pragma once

#include <memory>
#include <string>
#include <vector>

struct ssl_ctx_st;

namespace assay::harness {

struct ListenOptions {
  std::string listen = "127.0.0.1:8484";  // address:port; port 0: any that is free
  std::string tls_certificate = {};       // files in PEM; both or neither
  std::string tls_key = {};
  std::string behind_proxy = {};  // https://name[:port], as raters reach it
};

struct FreeTls {
  void operator()(ssl_ctx_st* context) const;
};

struct Exposure {
  std::string address;  // to bind to
  int port = 0;
  bool secure = false;        // raters come by https
  bool proxied = false;       // X-Forwarded-For says who they are
  std::string public_origin;  // behind a proxy; else empty
  std::shared_ptr<ssl_ctx_st> tls;

  // "https://name:port" for the links, once the port is known.
  std::string origin(int bound_port) const;
  // Whether a request with this header Host may be answered: a page of elsewhere whose name was pointed here has
  // another (DNS rebinding).
  bool is_own_host(const std::string& host, int bound_port) const;
  // Of the header Origin.
  bool is_own_origin(const std::string& text, int bound_port) const;
};

// Error(kUsage) for an address that is none, one that others reach without TLS or proxy, a proxy that is not https, a
// certificate without its key; kIo, kBadInput for files.
Exposure read_exposure(const ListenOptions& options);

}  // namespace assay::harness

#include "harness/rating/exposure.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/error.h"
#include "base/text.h"

namespace assay::harness {
namespace {

struct HostPort {
  std::string host;  // without the brackets of IPv6
  int port = -1;     // -1: not said
};

std::optional<HostPort> parse_host_port(std::string_view text) {
  HostPort parsed;
  size_t colon = text.rfind(':');
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    parsed.host = text.substr(1, end - 1);
    if (end + 1 == text.size()) return parsed;
    colon = end + 1;
    if (text[colon] != ':') return std::nullopt;
  } else {
    parsed.host = text.substr(0, colon);
    if (colon == std::string_view::npos) return parsed;
  }
  const std::string_view digits = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), parsed.port);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() || parsed.port < 0 ||
      parsed.port > 65535) {
    return std::nullopt;
  }
  return parsed;
}

bool is_ip(const std::string& address) {
  std::array<unsigned char, 16> bytes{};
  return inet_pton(AF_INET, address.c_str(), bytes.data()) == 1 ||
         inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1;
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || (host.starts_with("127.") && is_ip(host));
}

std::string with_port(const std::string& host, int port) {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

[[noreturn]] void fail_tls(const std::string& file) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  fail_input("{}: cannot be used for TLS ({}); a certificate and its key in PEM are needed", file,
             reason == nullptr ? "no reason given" : reason);
}

std::shared_ptr<ssl_ctx_st> open_tls(const ListenOptions& options) {
  ERR_clear_error();
  std::shared_ptr<ssl_ctx_st> context(SSL_CTX_new(TLS_server_method()), FreeTls());
  if (!context) fail(ExitCode::kUnavailable, "no TLS on this machine");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (SSL_CTX_use_certificate_chain_file(context.get(), options.tls_certificate.c_str()) != 1) {
    fail_tls(options.tls_certificate);
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), options.tls_key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    fail_tls(options.tls_key);
  }
  return context;
}

// The first name in the certificate; empty where it has none.
std::string certificate_name(ssl_ctx_st* context) {
  X509* certificate = SSL_CTX_get0_certificate(context);
  auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  std::string found;
  for (int i = 0; i < sk_GENERAL_NAME_num(names) && found.empty(); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_DNS) continue;
    const auto* text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
    found.assign(text, static_cast<size_t>(ASN1_STRING_length(name->d.dNSName)));
    if (found.starts_with('*')) found.clear();
  }
  GENERAL_NAMES_free(names);
  return found;
}

bool certificate_has(ssl_ctx_st* context, const std::string& host) {
  X509* certificate = SSL_CTX_get0_certificate(context);
  return is_ip(host) ? X509_check_ip_asc(certificate, host.c_str(), 0) == 1
                     : X509_check_host(certificate, host.data(), host.size(), 0, nullptr) == 1;
}

}  // namespace

void FreeTls::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

std::string Exposure::origin(int bound_port) const {
  if (!public_origin.empty()) return public_origin;
  const std::string name = tls ? certificate_name(tls.get()) : "";
  return fmt::format("{}://{}", secure ? "https" : "http", with_port(name.empty() ? address : name, bound_port));
}

bool Exposure::is_own_host(const std::string& host, int bound_port) const {
  const std::string wanted = python_lower(host);
  if (!public_origin.empty() && wanted == python_lower(public_origin.substr(public_origin.find("://") + 3)))
    return true;
  const std::optional<HostPort> parsed = parse_host_port(wanted);
  if (!parsed || parsed->host.empty()) return false;
  const bool default_port = parsed->port == -1 && bound_port == (secure ? 443 : 80);
  if (parsed->port != bound_port && !default_port) return false;
  if (parsed->host == address) return true;
  if (tls && certificate_has(tls.get(), parsed->host)) return true;
  return is_loopback(address) && is_loopback(parsed->host);
}

bool Exposure::is_own_origin(const std::string& text, int bound_port) const {
  if (!public_origin.empty()) return python_lower(text) == python_lower(public_origin);
  const std::string scheme = secure ? "https://" : "http://";
  return text.starts_with(scheme) && is_own_host(text.substr(scheme.size()), bound_port);
}

Exposure read_exposure(const ListenOptions& options) {
  Exposure exposure;
  const std::optional<HostPort> parsed = parse_host_port(options.listen);
  if (!parsed || parsed->port < 0 || !(is_ip(parsed->host) || parsed->host == "localhost")) {
    fail(ExitCode::kUsage, "--listen {}: is not an address and a port, such as 127.0.0.1:8484 or [::1]:0",
         printable(options.listen));
  }
  exposure.address = parsed->host == "localhost" ? "127.0.0.1" : parsed->host;
  exposure.port = parsed->port;
  if (options.tls_certificate.empty() != options.tls_key.empty()) {
    fail(ExitCode::kUsage, "--tls-cert and --tls-key belong together");
  }
  if (!options.behind_proxy.empty()) {
    const std::string name = options.behind_proxy.substr(std::min<size_t>(8, options.behind_proxy.size()));
    if (!options.behind_proxy.starts_with("https://") || name.empty() ||
        name.find_first_of("/?#@ ") != std::string::npos || !parse_host_port(name)) {
      fail(ExitCode::kUsage, "--behind-proxy {}: is not https://NAME, as raters reach it, without a path",
           printable(options.behind_proxy));
    }
    exposure.public_origin = options.behind_proxy;
    exposure.proxied = exposure.secure = true;
  }
  if (!options.tls_certificate.empty()) {
    exposure.tls = open_tls(options);
    exposure.secure = true;
  }
  if (!is_loopback(exposure.address) && !exposure.secure) {
    fail(ExitCode::kUsage,
         "--listen {}: others can reach this address, and links and votes would pass in the clear; give --tls-cert and "
         "--tls-key, or --behind-proxy https://NAME where a proxy ends TLS",
         options.listen);
  }
  return exposure;
}

}  // namespace assay::harness

#include "dusk/net/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include "dusk/base/error.h"

namespace dusk::net {
namespace {

constexpr size_t kReadBufferBytes = size_t{128} << 10;

void check_file(const std::string& file, const char* what) {
  if (file.empty()) {
    throw base::value_error(std::string("[tls] no ") + what +
                            " is named: tls:// needs a CA file, a certificate and a key");
  }
  if (access(file.c_str(), R_OK) != 0) {
    throw base::Error(base::ErrorKind::kFileNotFound,
                      std::string("[tls] the ") + what + " '" + file + "' cannot be read");
  }
}

[[noreturn]] void refuse(const std::string& file, const char* what) {
  throw base::value_error("[tls] '" + file + "' does not do as " + what + ": " + take_tls_error());
}

}  // namespace

TlsContext::TlsContext(const TlsOptions& options) {
  check_file(options.ca_file, "CA file");
  check_file(options.certificate, "certificate");
  check_file(options.key, "key");
  ERR_clear_error();
  context_ = SSL_CTX_new(TLS_method());
  if (!context_) throw base::runtime_error("[tls] " + take_tls_error());
  try {
    load(options);
  } catch (...) {
    SSL_CTX_free(context_);
    throw;
  }
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

void TlsContext::load(const TlsOptions& options) {
  SSL_CTX_set_min_proto_version(context_, TLS1_3_VERSION);
  SSL_CTX_set_ciphersuites(
      context_, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256");
  SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context_, 0);
  SSL_CTX_set_mode(context_, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_ENABLE_PARTIAL_WRITE);
  // Many records a system call.
  SSL_CTX_set_read_ahead(context_, 1);
  SSL_CTX_set_default_read_buffer_len(context_, kReadBufferBytes);
  if (SSL_CTX_load_verify_locations(context_, options.ca_file.c_str(), nullptr) != 1) {
    refuse(options.ca_file, "a CA file");
  }
  if (SSL_CTX_use_certificate_chain_file(context_, options.certificate.c_str()) != 1) {
    refuse(options.certificate, "a certificate");
  }
  if (SSL_CTX_use_PrivateKey_file(context_, options.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context_) != 1) {
    refuse(options.key, "the certificate's key");
  }
}

std::string take_tls_error() {
  unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code ? ERR_reason_error_string(code) : nullptr;
  return reason ? reason : "unknown error";
}

}  // namespace dusk::net

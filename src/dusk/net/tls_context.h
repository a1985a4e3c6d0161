// Certificates, key and rules of TLS, read once and shared by many streams.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>

#include "dusk/net/options.h"

namespace dusk::net {

// TLS 1.3 only; both sides show a certificate. Throws Error(kValue) when a file is not named or
// does not hold what it should, Error(kFileNotFound) when it does not exist.
class TlsContext {
 public:
  explicit TlsContext(const TlsOptions& options);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  SSL_CTX* get() const { return context_; }

 private:
  void load(const TlsOptions& options);

  SSL_CTX* context_;
};

// The oldest error that OpenSSL remembers on this thread, in words; forgets them all.
std::string take_tls_error();

}  // namespace dusk::net

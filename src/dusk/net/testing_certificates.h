// Certificates for tests: an authority of its own, and those whom it vouches for.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "dusk/net/options.h"

namespace dusk::net::testing {

// Writes ca.pem, and NAME.pem and NAME.key for everyone, into a folder that goes with the object.
class Authority {
 public:
  Authority() : folder_(fresh_folder()), key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
    fill(certificate_.get(), key_.get(), name_, 1);
    extend(certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
    extend(certificate_.get(), NID_key_usage, "critical,keyCertSign");
    X509_sign(certificate_.get(), key_.get(), EVP_sha256());
    write("ca.pem", [&](FILE* file) { PEM_write_X509(file, certificate_.get()); });
  }
  ~Authority() { std::filesystem::remove_all(folder_); }
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  TlsOptions issue(const std::string& name) {
    Key key(EVP_EC_gen("P-256"));
    Certificate certificate(X509_new());
    fill(certificate.get(), key.get(), name, ++serial_);
    X509_sign(certificate.get(), key_.get(), EVP_sha256());
    write(name + ".pem", [&](FILE* file) { PEM_write_X509(file, certificate.get()); });
    write(name + ".key", [&](FILE* file) {
      PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    return {folder_ + "/ca.pem", folder_ + "/" + name + ".pem", folder_ + "/" + name + ".key"};
  }

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
  };
  using Key = std::unique_ptr<EVP_PKEY, Free>;
  using Certificate = std::unique_ptr<X509, Free>;

  static std::string fresh_folder() {
    char name[] = "/tmp/dusk-certificates-XXXXXX";
    if (!mkdtemp(name)) throw std::runtime_error("no folder for certificates");
    return name;
  }
  static void set_name(X509_NAME* name, const std::string& text) {
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1, 0);
  }
  void fill(X509* certificate, EVP_PKEY* key, const std::string& name, long serial) {
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    set_name(X509_get_subject_name(certificate), name);
    set_name(X509_get_issuer_name(certificate), name_);
  }
  static void extend(X509* certificate, int what, const char* value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, what, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  template <class Write>
  void write(const std::string& name, Write write) {
    FILE* file = std::fopen((folder_ + "/" + name).c_str(), "w");
    if (!file) throw std::runtime_error("no file for a certificate");
    write(file);
    std::fclose(file);
  }

  std::string folder_;
  std::string name_ = "authority of " + folder_;
  Key key_;
  Certificate certificate_;
  long serial_ = 1;
};

// One for the whole program.
inline Authority& authority() {
  static Authority one;
  return one;
}

}  // namespace dusk::net::testing

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "dusk/data/ledger.h"
#include "dusk/net/testing.h"
#include "dusk/net/testing_certificates.h"

namespace dusk::net {
namespace {

using testing::Authority;
using testing::connect_and_wait;
using testing::free_address;
using testing::LoopThread;
using testing::options_of;
using testing::Promise;

NetOptions with_tls(NetOptions options, const TlsOptions& tls) {
  options.tls = tls;
  return options;
}

class Tls : public ::testing::Test {
 protected:
  // Why `client` gets no connection with a listener of the authority; "" when it gets one.
  std::string attempt(const NetOptions& client, Address::Scheme scheme = Address::Scheme::kTls) {
    NetOptions server = with_tls(options_of("scheduler", "s"), authority.issue("s"));
    server.limits.handshake_us = 2'000'000;
    server.on_refused = [&](const base::Error& reason) { refused.give(reason.what()); };
    listener = listen(loop.loop, free_address("tls"), server, [](ConnectionPtr) {});
    Address address = listener->address();
    address.scheme = scheme;
    auto result = connect_and_wait(loop.loop, address, client);
    return result.ok() ? "" : result.error().what();
  }

  Authority authority;
  Promise<std::string> refused;
  LoopThread loop;
  std::unique_ptr<Listener> listener;
};

TEST_F(Tls, ConnectsThoseWhomTheAuthorityVouchesFor) {
  EXPECT_EQ(attempt(with_tls(options_of("worker", "w"), authority.issue("w"))), "");
}

TEST_F(Tls, RefusesACertificateOfAnotherAuthority) {
  Authority other;
  TlsOptions tls = other.issue("w");
  std::string ours = authority.issue("x").ca_file;
  std::string why = attempt(with_tls(options_of("worker", "w"), tls));
  EXPECT_NE(why.find("certificate verify failed"), std::string::npos) << why;
  refused.get();
  // One that trusts the listener, and is not trusted by it.
  tls.ca_file = ours;
  why = attempt(with_tls(options_of("worker", "w"), tls));
  EXPECT_NE(why.find("alert unknown ca"), std::string::npos) << why;
  why = refused.get();
  EXPECT_NE(why.find("certificate verify failed"), std::string::npos) << why;
}

TEST_F(Tls, SaysThatAPlainPeerMeetsTls) {
  NetOptions client = options_of("worker", "w");
  client.limits.handshake_us = 1'000'000;
  std::string why = attempt(client, Address::Scheme::kTcp);
  EXPECT_NE(why, "");
  why = refused.get();
  EXPECT_NE(why.find("TLS: wrong version number"), std::string::npos) << why;
}

TEST_F(Tls, SaysThatATlsPeerMeetsAPlainListener) {
  NetOptions server = options_of("scheduler", "s");
  server.on_refused = [&](const base::Error& reason) { refused.give(reason.what()); };
  auto listener = listen(loop.loop, free_address("tcp"), server, [](ConnectionPtr) {});
  Address address = listener->address();
  address.scheme = Address::Scheme::kTls;
  auto result = connect_and_wait(loop.loop, address,
                                 with_tls(options_of("worker", "w"), authority.issue("w")));
  ASSERT_FALSE(result.ok());
  std::string why = refused.get();
  EXPECT_NE(why.find("it speaks TLS; use tls:// on both sides"), std::string::npos) << why;
}

TEST_F(Tls, SaysWhichFileIsMissingOrWrong) {
  TlsOptions good = authority.issue("w");
  auto why = [&](TlsOptions tls) -> std::string {
    try {
      connect(loop.loop, Address::parse("tls://127.0.0.1:1"),
              with_tls(options_of("worker", "w"), tls), [](auto) {});
    } catch (const base::Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(why({}).find("no CA file is named"), std::string::npos) << why({});
  EXPECT_NE(why({good.ca_file, "", good.key}).find("no certificate is named"), std::string::npos);
  EXPECT_NE(why({good.ca_file, "/nowhere", good.key}).find("'/nowhere' cannot be read"),
            std::string::npos);
  EXPECT_NE(why({good.key, good.certificate, good.key}).find("does not do as a CA file"),
            std::string::npos);
  EXPECT_NE(why({good.ca_file, good.certificate, authority.issue("y").key})
                .find("does not do as the certificate's key"),
            std::string::npos);
  EXPECT_THROW(listen(loop.loop, free_address("tls"), with_tls(options_of("s", "s"), {}),
                      [](ConnectionPtr) {}),
               base::Error);
}

}  // namespace
}  // namespace dusk::net

#include "dusk/net/address.h"

#include <gtest/gtest.h>

#include "dusk/base/error.h"

namespace dusk::net {
namespace {

TEST(Address, ComesBackFromItsText) {
  for (const char* text :
       {"tcp://127.0.0.1:8786", "tls://host.example:0", "tcp://[::1]:65535", "unix:///run/a.sock",
        "inproc://name/with/anything", "tcp://0.0.0.0:1"}) {
    EXPECT_EQ(Address::parse(text).text(), text);
  }
  Address address = Address::parse("tls://[fe80::1]:99");
  EXPECT_EQ(address.scheme, Address::Scheme::kTls);
  EXPECT_EQ(address.host, "fe80::1");
  EXPECT_EQ(address.port, 99);
  EXPECT_EQ(Address::parse("unix:///x").path, "/x");
}

TEST(Address, SaysWhatIsWrong) {
  for (auto [text, why] : {std::pair("127.0.0.1:80", "has no scheme"),
                           {"http://a:80", "unknown scheme"},
                           {"tcp://host", "has no port"},
                           {"tcp://host:", "needs a port from 0 to 65535"},
                           {"tcp://host:65536", "needs a port from 0 to 65535"},
                           {"tcp://host:-1", "needs a port from 0 to 65535"},
                           {"tcp://host:1x", "needs a port from 0 to 65535"},
                           {"tcp://:80", "has no host"},
                           {"tcp://::1:80", "put it into brackets"},
                           {"tcp://a b:80", "characters that no host has"},
                           {"unix://relative", "needs an absolute path"},
                           {"inproc://", "needs a name"},
                           {"", "has no scheme"}}) {
    try {
      Address::parse(text);
      ADD_FAILURE() << text;
    } catch (const base::Error& error) {
      EXPECT_EQ(error.kind(), base::ErrorKind::kValue);
      EXPECT_NE(std::string(error.what()).find(why), std::string::npos) << error.what();
    }
  }
  std::string longest = "unix:///" + std::string(106, 'p');
  EXPECT_NO_THROW(Address::parse(longest));
  EXPECT_THROW(Address::parse(longest + "p"), base::Error);
}

}  // namespace
}  // namespace dusk::net

// Peers that are slow, half-open, oversized or malformed are cut off, and nobody else notices.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <random>

#include "dusk/data/ledger.h"
#include "dusk/net/frame.h"
#include "dusk/net/hello.h"
#include "dusk/net/little_endian.h"
#include "dusk/net/testing.h"

namespace dusk::net {
namespace {

using testing::connect_and_wait;
using testing::free_address;
using testing::LoopThread;
using testing::message_of;
using testing::options_of;
using testing::Promise;
using testing::Seen;

// A socket that says what it is told to.
class RawPeer {
 public:
  explicit RawPeer(const Address& address) : socket_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    address.path.copy(name.sun_path, sizeof name.sun_path - 1);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0;
    timeval patience{20, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~RawPeer() { hang_up(); }
  void hang_up() {
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
  }
  void fall_silent() { shutdown(socket_, SHUT_WR); }
  bool connected() const { return connected_; }

  void say(const std::string& bytes) {
    size_t said = 0;
    while (said < bytes.size()) {
      ssize_t n = ::send(socket_, bytes.data() + said, bytes.size() - said, MSG_NOSIGNAL);
      if (n <= 0) return;
      said += static_cast<size_t>(n);
    }
  }
  void say_hello() { say(encode_hello(options_of("worker", "raw").hello, Limits())); }
  // Everything until the other side closes; false when it does not.
  bool hears_the_end() {
    char some[4096];
    while (true) {
      ssize_t n = recv(socket_, some, sizeof some, 0);
      if (n == 0 || (n < 0 && errno == ECONNRESET)) return true;
      if (n < 0) return false;
    }
  }

 private:
  int socket_;
  bool connected_;
};

std::string head(uint32_t control, uint32_t buffers) {
  std::string bytes;
  append_little(bytes, control);
  append_little(bytes, buffers);
  return bytes;
}

// A listener with one well-behaved client that must come through whatever happens beside it.
class Hostile : public ::testing::Test {
 protected:
  void open(Limits limits = {}) {
    NetOptions options = options_of("scheduler", "s");
    options.limits = limits;
    options.on_refused = [this](const base::Error& reason) { refused.give(reason.what()); };
    listener = listen(there.loop, free_address("unix"), options, [this](ConnectionPtr connection) {
      auto& saw = connection->peer().name == "good" ? good_saw : bad_saw;
      connection->start(saw.handler());
    });
    good =
        connect_and_wait(here.loop, listener->address(), options_of("worker", "good")).or_throw();
    here.call([&] { good->start(here_saw.handler()); });
  }
  void TearDown() override {
    good_saw.forget();
    here.call([&] { good->send(message_of("fine")); });
    EXPECT_EQ(good_saw.messages(1).size(), 1u);
    EXPECT_EQ(good_saw.times_closed(), 0);
    here.call([&] { good->close("over"); });
    good_saw.why_closed();
    here_saw.why_closed();
    here.call([&] { good.reset(); });
    listener->close();
    there.call([] {});
    good_saw.forget();
    bad_saw.forget();
    EXPECT_EQ(data::Ledger::process().live_bytes(), 0);
  }
  // Says `bytes` after a proper hello and is cut off.
  std::string reason_for(const std::string& bytes) {
    RawPeer peer(listener->address());
    peer.say_hello();
    peer.say(bytes);
    EXPECT_TRUE(peer.hears_the_end());
    return bad_saw.why_closed();
  }

  Seen good_saw, bad_saw, here_saw;
  Promise<std::string> refused;
  LoopThread there, here;
  std::unique_ptr<Listener> listener;
  ConnectionPtr good;
};

TEST_F(Hostile, HalfOpenHandshakesAreCutOff) {
  Limits limits;
  limits.handshake_us = 50'000;
  open(limits);
  RawPeer silent(listener->address());
  EXPECT_TRUE(silent.hears_the_end());
  std::string why = refused.get();
  EXPECT_NE(why.find("no whole hello in time"), std::string::npos) << why;
  RawPeer slow(listener->address());
  slow.say(std::string(kHelloMagic.substr(0, 5)));
  EXPECT_TRUE(slow.hears_the_end());
}

TEST_F(Hostile, TheOldestOfTooManyHandshakesGoes) {
  Limits limits;
  limits.handshakes_open = 3;
  open(limits);
  RawPeer first(listener->address());
  RawPeer others[3] = {RawPeer(listener->address()), RawPeer(listener->address()),
                       RawPeer(listener->address())};
  EXPECT_TRUE(first.hears_the_end());
  std::string why = refused.get();
  EXPECT_NE(why.find("more than 3 others"), std::string::npos) << why;
  EXPECT_TRUE(connect_and_wait(here.loop, listener->address(), options_of("worker", "late")).ok());
}

TEST_F(Hostile, OtherProtocolsAreTurnedAway) {
  open();
  RawPeer browser(listener->address());
  browser.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(browser.hears_the_end());
  std::string why = refused.get();
  EXPECT_NE(why.find("no Dusk process: it speaks HTTP"), std::string::npos) << why;
  RawPeer tls(listener->address());
  tls.say(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + std::string(40, 'r'));
  EXPECT_TRUE(tls.hears_the_end());
  why = refused.get();
  EXPECT_NE(why.find("it speaks TLS"), std::string::npos) << why;
}

TEST_F(Hostile, AnOversizedHelloIsTurnedAway) {
  open();
  RawPeer peer(listener->address());
  std::string hello = encode_hello(options_of("worker", "raw").hello, Limits());
  hello.replace(12, 4, "\xff\xff\xff\x7f");
  peer.say(hello);
  EXPECT_TRUE(peer.hears_the_end());
  std::string why = refused.get();
  EXPECT_NE(why.find("hello of 2147483647 bytes is more than the limit of 1048576"),
            std::string::npos)
      << why;
}

TEST_F(Hostile, AnOversizedControlPartIsCutOff) {
  open();
  EXPECT_NE(reason_for(head(0x7fffffff, 0))
                .find("control part of 2147483647 bytes, more than the "
                      "limit of 268435456"),
            std::string::npos);
}

TEST_F(Hostile, TooManyBuffersAreCutOff) {
  open();
  EXPECT_NE(reason_for(head(0, 65537)).find("65537 buffers in a message, more than the limit"),
            std::string::npos);
}

TEST_F(Hostile, TooLargeAMessageIsCutOffBeforeAnyMemoryIsTaken) {
  open();
  std::string bytes = head(1, 3);
  append_little<uint64_t>(bytes, 10);
  append_little<uint64_t>(bytes, uint64_t{1} << 62);
  append_little<uint64_t>(bytes, uint64_t{3} << 62);
  EXPECT_NE(reason_for(bytes).find("more bytes than the limit of 68719476736"), std::string::npos);
}

TEST_F(Hostile, APeerThatStopsInsideAMessageIsCutOff) {
  Limits limits;
  limits.stall_us = 100'000;
  open(limits);
  std::string bytes = head(1, 1);
  append_little<uint64_t>(bytes, 100'000);
  EXPECT_NE(reason_for(bytes + "cbbb").find("no byte moved for 100 ms inside a message"),
            std::string::npos);
}

TEST_F(Hostile, APeerThatDoesNotReadIsCutOff) {
  Limits limits;
  limits.stall_us = 100'000;
  limits.share_min = 0;  // all bytes have to go by the socket
  open(limits);
  RawPeer peer(listener->address());
  Promise<ConnectionPtr> promise;
  NetOptions options = options_of("scheduler", "second");
  options.limits = limits;
  auto second = listen(there.loop, free_address("unix"), options, [&](ConnectionPtr connection) {
    connection->start(bad_saw.handler());
    connection->send(message_of("big", {data::Buffer::zeroed(40'000'000)}));
  });
  RawPeer deaf(second->address());
  deaf.say_hello();
  EXPECT_NE(bad_saw.why_closed().find("while messages wait for it"), std::string::npos);
}

TEST_F(Hostile, AQueueThatGrowsTooLongIsCutOff) {
  Limits limits;
  limits.queue_bytes = 1 << 20;
  limits.share_min = 0;
  open();
  NetOptions options = options_of("scheduler", "second");
  options.limits = limits;
  auto second = listen(there.loop, free_address("unix"), options, [&](ConnectionPtr connection) {
    connection->start(bad_saw.handler());
    connection->send(message_of("big", {data::Buffer::zeroed(2'000'000)}));
  });
  RawPeer deaf(second->address());
  deaf.say_hello();
  EXPECT_NE(bad_saw.why_closed().find("bytes wait for it, more than the limit of 1048576"),
            std::string::npos);
}

TEST_F(Hostile, APeerThatGoesInsideAMessageIsNoticedAndItsBufferFreed) {
  open();
  RawPeer peer(listener->address());
  peer.say_hello();
  std::string bytes = head(1, 1);
  append_little<uint64_t>(bytes, 10'000'000);
  peer.say(bytes + std::string(500'000, 'b'));
  peer.hang_up();
  std::string why = bad_saw.why_closed();
  EXPECT_NE(why.find("worker 'raw'"), std::string::npos) << why;
  EXPECT_NE(why.find("went away"), std::string::npos) << why;
  EXPECT_TRUE(bad_saw.messages(0).empty());
}

// Handshakes and frames with seeded mutations: whatever comes, the peer is heard or cut off.
TEST_F(Hostile, MutatedBytesHurtNobody) {
  Limits limits;
  limits.handshake_us = 20'000;
  limits.stall_us = 20'000;
  limits.message_bytes = 1 << 20;
  open(limits);
  std::string good_bytes = encode_hello(options_of("worker", "raw").hello, Limits());
  size_t hello_bytes = good_bytes.size();
  for (int i = 0; i < 3; ++i) {
    good_bytes += head(5, 2);
    append_little<uint64_t>(good_bytes, 7);
    append_little<uint64_t>(good_bytes, 0);
    good_bytes += "hello1234567";
  }
  std::mt19937_64 random(20);
  for (int run = 0; run < 300; ++run) {
    std::string bytes = good_bytes;
    for (size_t n = 1 + random() % 4; n > 0; --n) {
      size_t from = run % 2 ? hello_bytes : 0;
      size_t at = from + random() % (bytes.size() - from);
      switch (random() % 3) {
        case 0: bytes[at] = static_cast<char>(random()); break;
        case 1: bytes.insert(at, std::string(1 + random() % 8, static_cast<char>(random()))); break;
        default: bytes.erase(at, 1 + random() % 8);
      }
      if (bytes.size() <= from) bytes += "x";
    }
    RawPeer peer(listener->address());
    ASSERT_TRUE(peer.connected());
    peer.say(bytes);
    peer.fall_silent();
    ASSERT_TRUE(peer.hears_the_end()) << run;
  }
}

TEST_F(Hostile, AStalePathIsTakenOverAndALiveOneIsNot) {
  open();
  Address address = free_address("unix");
  {
    int left = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    address.path.copy(name.sun_path, sizeof name.sun_path - 1);
    ASSERT_EQ(bind(left, reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
    close(left);
    ASSERT_EQ(access(address.path.c_str(), F_OK), 0);
  }
  {
    auto second = listen(there.loop, address, options_of("scheduler", "x"), [](ConnectionPtr) {});
    EXPECT_EQ(access(address.path.c_str(), F_OK), 0);
    EXPECT_TRUE(connect_and_wait(here.loop, address, options_of("worker", "w")).ok());
  }
  EXPECT_NE(access(address.path.c_str(), F_OK), 0) << "not unlinked";
  FILE* file = fopen(address.path.c_str(), "w");
  fclose(file);
  EXPECT_THROW(listen(there.loop, address, options_of("scheduler", "x"), [](ConnectionPtr) {}),
               base::Error);
  EXPECT_EQ(access(address.path.c_str(), F_OK), 0) << "an ordinary file was removed";
  unlink(address.path.c_str());
}

}  // namespace
}  // namespace dusk::net

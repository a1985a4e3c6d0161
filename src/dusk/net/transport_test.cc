// What every transport does alike.
#include "dusk/net/transport.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>

#include "dusk/data/ledger.h"
#include "dusk/net/testing.h"

namespace dusk::net {
namespace {

using testing::connect_and_wait;
using testing::Ends;
using testing::free_address;
using testing::LoopThread;
using testing::message_of;
using testing::options_of;
using testing::patterned;
using testing::Seen;

bool same_bytes(const data::BufferPtr& a, const data::BufferPtr& b) {
  return a->size() == b->size() &&
         (a->size() == 0 || std::memcmp(a->data(), b->data(), a->size()) == 0);
}

class Transport : public ::testing::TestWithParam<std::string> {
 protected:
  void TearDown() override { EXPECT_EQ(data::Ledger::process().live_bytes(), 0); }
};

TEST_P(Transport, IntroducesBothEnds) {
  Ends ends(GetParam());
  EXPECT_EQ(ends.accepted->peer(), options_of("worker", "w").hello);
  EXPECT_EQ(ends.connected->peer(), options_of("scheduler", "s").hello);
  EXPECT_EQ(ends.connected->remote(), ends.listener->address().text());
  EXPECT_TRUE(ends.accepted->remote().starts_with(GetParam() + "://")) << ends.accepted->remote();
}

TEST_P(Transport, CarriesControlAndBuffersBothWays) {
  Ends ends(GetParam());
  data::BufferPtr buffer = patterned(100'000, 7);
  ends.send(message_of("there", {buffer}));
  auto got = ends.accepted_saw.messages(1);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].control, "there");
  ASSERT_EQ(got[0].buffers.size(), 1u);
  EXPECT_TRUE(same_bytes(got[0].buffers[0], buffer));
  ends.there.call([&] { ends.accepted->send(message_of("back", got[0].buffers)); });
  auto echo = ends.connected_saw.messages(1);
  ASSERT_EQ(echo.size(), 1u);
  EXPECT_EQ(echo[0].control, "back");
  EXPECT_TRUE(same_bytes(echo[0].buffers.at(0), buffer));
}

TEST_P(Transport, CarriesBuffersOfAnySize) {
  Ends ends(GetParam());
  size_t sizes[] = {0, 1, 4095, 4096, 4097, 65536, 300'000, 1 << 20, 64 << 20};
  std::vector<data::BufferPtr> buffers;
  for (size_t size : sizes) buffers.push_back(patterned(size, static_cast<unsigned>(size)));
  ends.send(message_of(std::string(70'000, 'c'), buffers));
  auto got = ends.accepted_saw.messages(1);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].control, std::string(70'000, 'c'));
  ASSERT_EQ(got[0].buffers.size(), buffers.size());
  for (size_t i = 0; i < buffers.size(); ++i) {
    EXPECT_TRUE(same_bytes(got[0].buffers[i], buffers[i])) << sizes[i];
  }
}

TEST_P(Transport, CarriesManyBuffersAndNothingAtAll) {
  Ends ends(GetParam());
  std::vector<data::BufferPtr> buffers;
  for (unsigned i = 0; i < 5000; ++i) buffers.push_back(patterned(i % 7 * 100, i));
  ends.send(message_of("", buffers));
  ends.send(message_of(""));
  auto got = ends.accepted_saw.messages(2);
  ASSERT_EQ(got.size(), 2u);
  ASSERT_EQ(got[0].buffers.size(), buffers.size());
  for (size_t i = 0; i < buffers.size(); ++i) {
    EXPECT_TRUE(same_bytes(got[0].buffers[i], buffers[i])) << i;
  }
  EXPECT_TRUE(got[1].control.empty() && got[1].buffers.empty());
}

TEST_P(Transport, KeepsTheOrderOfMessagesOfAllSizes) {
  Ends ends(GetParam());
  constexpr unsigned kCount = 20'000;
  ends.here.call([&] {
    for (unsigned i = 0; i < kCount; ++i) {
      std::vector<data::BufferPtr> buffers;
      if (i % 1000 == 0) buffers.push_back(patterned(1'100'000, i));
      if (i % 100 == 0) buffers.push_back(patterned(9'000, i));
      ends.connected->send(message_of(std::to_string(i), std::move(buffers)));
    }
  });
  auto got = ends.accepted_saw.messages(kCount);
  ASSERT_EQ(got.size(), kCount);
  for (unsigned i = 0; i < kCount; ++i) {
    ASSERT_EQ(got[i].control, std::to_string(i));
    if (i % 100 == 0) {
      ASSERT_TRUE(same_bytes(got[i].buffers.back(), patterned(9'000, i))) << i;
    }
  }
}

TEST_P(Transport, TellsThePeerWhyItCloses) {
  Ends ends(GetParam());
  ends.here.call([&] {
    ends.connected->send(message_of("last", {patterned(3 << 20, 1)}));
    ends.connected->close("lunch");
    ends.connected->send(message_of("too late"));
    EXPECT_EQ(ends.connected_saw.times_closed(), 0) << "on_closed inside close()";
  });
  EXPECT_NE(ends.accepted_saw.why_closed().find("worker 'w' at"), std::string::npos);
  EXPECT_NE(ends.accepted_saw.why_closed().find("closed: lunch"), std::string::npos);
  EXPECT_EQ(ends.accepted_saw.closed_kind(), base::ErrorKind::kOs);
  EXPECT_EQ(ends.connected_saw.closed_kind(), base::ErrorKind::kCancelled);
  EXPECT_NE(ends.connected_saw.why_closed().find("lunch"), std::string::npos);
  auto got = ends.accepted_saw.messages(1);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].control, "last");
  EXPECT_EQ(ends.connected_saw.times_closed(), 1);
  EXPECT_EQ(ends.accepted_saw.times_closed(), 1);
}

TEST_P(Transport, ClosesWhenBothEndsCloseAtOnce) {
  Ends ends(GetParam());
  ends.there.loop.post([&] { ends.accepted->close("a"); });
  ends.here.loop.post([&] { ends.connected->close("b"); });
  EXPECT_FALSE(ends.accepted_saw.why_closed().empty());
  EXPECT_FALSE(ends.connected_saw.why_closed().empty());
  EXPECT_EQ(ends.accepted_saw.times_closed(), 1);
  EXPECT_EQ(ends.connected_saw.times_closed(), 1);
}

TEST_P(Transport, ClosesFromInsideOnMessage) {
  LoopThread here;
  Seen saw;
  Seen client_saw;
  ConnectionPtr accepted;
  auto listener = listen(here.loop, free_address(GetParam()), options_of("scheduler", "s"),
                         [&](ConnectionPtr connection) {
                           accepted = connection;
                           Handler handler = saw.handler();
                           handler.on_message = [&](Message m) {
                             saw.message(std::move(m));
                             accepted->close("enough");
                           };
                           connection->start(std::move(handler));
                         });
  auto client =
      connect_and_wait(here.loop, listener->address(), options_of("worker", "w")).or_throw();
  here.call([&] {
    client->start(client_saw.handler());
    for (int i = 0; i < 100; ++i) client->send(message_of("x"));
  });
  EXPECT_NE(client_saw.why_closed().find("enough"), std::string::npos);
  EXPECT_FALSE(saw.why_closed().empty());
  EXPECT_EQ(saw.messages(1).size(), 1u);
  here.call([&] { accepted.reset(), client.reset(); });
}

TEST_P(Transport, TellsWhenAQueueHasDrained) {
  NetOptions options = options_of("worker", "w");
  options.limits.high_water = 4 << 20;
  options.limits.low_water = 1 << 20;
  Ends ends(GetParam(), options_of("scheduler", "s"), options);
  testing::Promise<bool> go_on;
  ends.there.loop.post([&] { go_on.get(); });
  ends.here.call([&] {
    for (unsigned i = 0; i < 16; ++i)
      ends.connected->send(message_of("m", {patterned(900'000, i)}));
    EXPECT_GE(ends.connected->queued_bytes(), 16 * 900'000);
  });
  go_on.give(true);
  EXPECT_EQ(ends.accepted_saw.messages(16).size(), 16u);
  EXPECT_EQ(ends.connected_saw.times_drained(1), 1);
  ends.here.call([&] { EXPECT_LE(ends.connected->queued_bytes(), 1 << 20); });
}

TEST_P(Transport, QueuesForAPeerThatDoesNotReadAndGoesOnWhenItDoes) {
  LoopThread here;
  LoopThread there;
  testing::Promise<ConnectionPtr> promise;
  auto listener = listen(there.loop, free_address(GetParam()), options_of("scheduler", "s"),
                         [&](ConnectionPtr connection) { promise.give(std::move(connection)); });
  auto client =
      connect_and_wait(here.loop, listener->address(), options_of("worker", "w")).or_throw();
  Seen saw;
  Seen client_saw;
  data::BufferPtr data = patterned(40 << 20, 3);
  here.call([&] {
    client->start(client_saw.handler());
    client->send(message_of("big", {data}));
  });
  ConnectionPtr accepted = promise.get();
  usleep(50'000);
  if (GetParam() != "unix" && GetParam() != "inproc") {
    here.call([&] { EXPECT_GT(client->queued_bytes(), 10 << 20); });
  }
  there.call([&] { accepted->start(saw.handler()); });
  auto got = saw.messages(1);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_TRUE(same_bytes(got[0].buffers.at(0), data));
  EXPECT_EQ(client_saw.times_drained(1), 1);
  here.call([&] { client->close("done"); });
  saw.why_closed();
  client_saw.why_closed();
  here.call([&] { client.reset(); });
  there.call([&] { accepted.reset(); });
}

TEST_P(Transport, RefusesAnotherMajorVersionOnBothSides) {
  LoopThread here;
  testing::Promise<std::string> refused;
  NetOptions server = options_of("scheduler", "s");
  server.hello.major = 2;
  server.hello.minor = 3;
  server.on_refused = [&](const base::Error& reason) { refused.give(reason.what()); };
  auto listener = listen(here.loop, free_address(GetParam()), server,
                         [&](ConnectionPtr) { ADD_FAILURE() << "accepted"; });
  auto result = connect_and_wait(here.loop, listener->address(), options_of("worker", "w"));
  ASSERT_FALSE(result.ok());
  std::string why = result.error().what();
  EXPECT_NE(why.find("worker 'w' here speaks version 1.0 and scheduler 's' speaks version 2.3"),
            std::string::npos)
      << why;
  EXPECT_NE(why.find("[connect] " + listener->address().text()), std::string::npos) << why;
  why = refused.get();
  EXPECT_NE(why.find("scheduler 's' here speaks version 2.3 and worker 'w' speaks version 1.0"),
            std::string::npos)
      << why;
}

TEST_P(Transport, AcceptsAMinorVersionOneApartAndNotTwo) {
  for (auto [minor, ok] : {std::pair(4, true), {3, true}, {5, true}, {6, false}, {2, false}}) {
    LoopThread here;
    NetOptions server = options_of("scheduler", "s");
    server.hello.minor = 4;
    std::atomic<int> accepted = 0;
    auto listener =
        listen(here.loop, free_address(GetParam()), server, [&](ConnectionPtr) { ++accepted; });
    NetOptions client = options_of("worker", "w");
    client.hello.minor = static_cast<uint16_t>(minor);
    EXPECT_EQ(connect_and_wait(here.loop, listener->address(), client).ok(), ok) << minor;
    here.call([] {});
    if (!ok) {
      EXPECT_EQ(accepted, 0);
    }
  }
}

TEST_P(Transport, SaysThatNobodyListens) {
  LoopThread here;
  Address address = free_address(GetParam());
  {
    auto listener = listen(here.loop, address, options_of("scheduler", "s"), [](ConnectionPtr) {});
    address = listener->address();
  }
  here.call([] {});
  auto result = connect_and_wait(here.loop, address, options_of("worker", "w"));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind(), base::ErrorKind::kOs);
  EXPECT_NE(std::string(result.error().what()).find("[connect] " + address.text() + ": "),
            std::string::npos);
}

TEST_P(Transport, RefusesAnAddressThatIsTaken) {
  LoopThread here;
  auto first = listen(here.loop, free_address(GetParam()), options_of("scheduler", "s"),
                      [](ConnectionPtr) {});
  try {
    listen(here.loop, first->address(), options_of("scheduler", "s"), [](ConnectionPtr) {});
    FAIL() << "bound twice";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::ErrorKind::kOs);
    EXPECT_NE(std::string(error.what()).find(first->address().text()), std::string::npos);
  }
}

TEST_P(Transport, ClosesAConnectionThatIsDroppedUnstarted) {
  LoopThread here;
  Seen saw;
  auto listener = listen(here.loop, free_address(GetParam()), options_of("scheduler", "s"),
                         [](ConnectionPtr connection) { connection.reset(); });
  auto client =
      connect_and_wait(here.loop, listener->address(), options_of("worker", "w")).or_throw();
  here.call([&] { client->start(saw.handler()); });
  EXPECT_NE(saw.why_closed().find("scheduler 's'"), std::string::npos);
  here.call([&] { client.reset(); });
}

TEST_P(Transport, OutlivesItsListenerAndDropsWithItsLoop) {
  LoopThread here;
  Seen saw;
  ConnectionPtr client;
  {
    LoopThread there;
    Seen there_saw;
    auto listener =
        listen(there.loop, free_address(GetParam()), options_of("scheduler", "s"),
               [&](ConnectionPtr connection) { connection->start(there_saw.handler()); });
    client = connect_and_wait(here.loop, listener->address(), options_of("worker", "w")).or_throw();
    listener->close();
    here.call([&] {
      client->start(saw.handler());
      client->send(message_of("still here"));
    });
    EXPECT_EQ(there_saw.messages(1).size(), 1u);
    EXPECT_EQ(there_saw.times_closed(), 0);
  }
  EXPECT_FALSE(saw.why_closed().empty());
  here.call([&] { client.reset(); });
}

INSTANTIATE_TEST_SUITE_P(All, Transport, ::testing::Values("tcp", "unix", "inproc", "tls"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace dusk::net

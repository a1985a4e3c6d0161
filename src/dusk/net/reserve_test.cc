// Memory that is asked for before a message's buffers exist, and what a refusal does to the sender.
#include <gtest/gtest.h>

#include <cstring>

#include "dusk/data/ledger.h"
#include "dusk/net/frame.h"
#include "dusk/net/frame_reader.h"
#include "dusk/net/testing.h"

namespace dusk::net {
namespace {

using testing::Ends;
using testing::message_of;
using testing::options_of;
using testing::patterned;

bool same(const data::BufferPtr& a, const data::BufferPtr& b) {
  return a->size() == b->size() && std::memcmp(a->data(), b->data(), a->size()) == 0;
}

class Reserve : public ::testing::TestWithParam<std::string> {
 protected:
  static void resume(Ends& ends) {
    ends.there.call([&] { ends.accepted->resume(); });
  }
  static int64_t queued(Ends& ends) {
    int64_t bytes = 0;
    ends.here.call([&] { bytes = ends.connected->queued_bytes(); });
    return bytes;
  }
};

TEST_P(Reserve, IsAskedForAllBuffersOfAMessageAtOnce) {
  Ends ends(GetParam());
  ends.send(message_of("three", {patterned(10'000, 1), patterned(0, 2), patterned(500'000, 3)}));
  ends.send(message_of("no buffers, no question"));
  EXPECT_EQ(ends.accepted_saw.messages(2).size(), 2u);
  EXPECT_EQ(ends.accepted_saw.asked(1), std::vector<int64_t>{510'000});
}

TEST_P(Reserve, RefusedHoldsTheSenderBack) {
  Ends ends(GetParam());
  ends.accepted_saw.grant(false);
  data::BufferPtr large = patterned(size_t{64} << 20, 1);
  ends.send(message_of("before"));
  ends.send(message_of("large", {large}));
  ends.send(message_of("after"));
  ends.accepted_saw.asked(1);
  EXPECT_EQ(ends.accepted_saw.messages(1).size(), 1u);
  EXPECT_GT(queued(ends), int64_t{32} << 20) << "it was read nevertheless";
  resume(ends);
  EXPECT_EQ(ends.accepted_saw.asked(2).size(), 2u) << "resume() asks again";
  EXPECT_EQ(ends.accepted_saw.messages(1).size(), 1u);
  ends.accepted_saw.grant(true);
  resume(ends);
  std::vector<Message> messages = ends.accepted_saw.messages(3);
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_TRUE(same(messages[1].buffers.at(0), large));
  EXPECT_EQ(messages[2].control, "after");
}

TEST_P(Reserve, RefusedKeepsWhatWasReadAlready) {
  Ends ends(GetParam());
  ends.accepted_saw.grant(false);
  ends.here.call([&] {  // all in one write
    for (unsigned i = 0; i < 10; ++i) {
      ends.connected->send(message_of(std::to_string(i), {patterned(100 + i, i)}));
    }
  });
  ends.accepted_saw.asked(1);
  ends.accepted_saw.grant(true);
  resume(ends);
  std::vector<Message> messages = ends.accepted_saw.messages(10);
  ASSERT_EQ(messages.size(), 10u);
  for (unsigned i = 0; i < 10; ++i) {
    EXPECT_EQ(messages[i].control, std::to_string(i));
    EXPECT_TRUE(same(messages[i].buffers.at(0), patterned(100 + i, i)));
  }
}

TEST_P(Reserve, TheOtherWayStaysOpenMeanwhile) {
  Ends ends(GetParam());
  ends.accepted_saw.grant(false);
  ends.send(message_of("held", {patterned(1000, 1)}));
  ends.accepted_saw.asked(1);
  data::BufferPtr large = patterned(size_t{16} << 20, 2);
  ends.there.call([&] { ends.accepted->send(message_of("back", {large})); });
  std::vector<Message> back = ends.connected_saw.messages(1);
  ASSERT_EQ(back.size(), 1u);
  EXPECT_TRUE(same(back[0].buffers.at(0), large));
  EXPECT_TRUE(ends.accepted_saw.messages(0).empty());
  ends.accepted_saw.grant(true);
  resume(ends);
}

TEST_P(Reserve, APeerThatSentAndLeftIsHeardToTheEnd) {
  Ends ends(GetParam());
  ends.accepted_saw.grant(false);
  ends.here.call([&] {
    ends.connected->send(message_of("last", {patterned(1000, 1)}));
    ends.connected->close("that was all");
  });
  ends.accepted_saw.asked(1);
  EXPECT_EQ(ends.accepted_saw.times_closed(), 0);
  ends.accepted_saw.grant(true);
  resume(ends);
  EXPECT_EQ(ends.accepted_saw.messages(1).size(), 1u);
  EXPECT_NE(ends.accepted_saw.why_closed().find("that was all"), std::string::npos);
}

TEST_P(Reserve, WaitingForMemoryIsNoStall) {
  NetOptions server = options_of("scheduler", "s");
  server.limits.stall_us = 50'000;
  Ends ends(GetParam(), server);
  ends.accepted_saw.grant(false);
  ends.send(message_of("held", {patterned(1000, 1)}));
  ends.accepted_saw.asked(1);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  ends.accepted_saw.grant(true);
  resume(ends);
  EXPECT_EQ(ends.accepted_saw.messages(1).size(), 1u);
  EXPECT_EQ(ends.accepted_saw.times_closed(), 0);
}

TEST_P(Reserve, AHeldConnectionCanBeClosed) {
  Ends ends(GetParam());
  ends.accepted_saw.grant(false);
  ends.send(message_of("held", {patterned(size_t{64} << 20, 1)}));
  ends.accepted_saw.asked(1);
  ends.there.call([&] { ends.accepted->close("no memory for it"); });
  EXPECT_EQ(ends.accepted_saw.closed_kind(), base::ErrorKind::kCancelled);
  EXPECT_NE(ends.connected_saw.why_closed(), "");
  EXPECT_TRUE(ends.accepted_saw.messages(0).empty());
}

INSTANTIATE_TEST_SUITE_P(Transports, Reserve, ::testing::Values("tcp", "unix", "tls"));

TEST(FrameReader, AsksBeforeItAllocatesWhatALyingPeerAnnounces) {
  FrameReader reader{Limits()};
  bool granted = false;
  reader.ask_before_buffers([&](int64_t bytes) {
    EXPECT_EQ(bytes, (int64_t{60} << 30) + 5);
    return granted;
  });
  std::string bytes(kFrameHeadBytes + 16, '\0');
  uint32_t head[2] = {0, 2};
  uint64_t lengths[2] = {5, uint64_t{60} << 30};
  std::memcpy(bytes.data(), head, sizeof head);
  std::memcpy(bytes.data() + sizeof head, lengths, sizeof lengths);
  bytes += "12345";
  int64_t live = data::Ledger::process().live_bytes();
  reader.give(std::as_bytes(std::span(bytes)));
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.held());
  EXPECT_FALSE(reader.next()) << "it asks again, and is refused again";
  EXPECT_EQ(reader.place().iov_len, 0u);
  EXPECT_EQ(data::Ledger::process().live_bytes(), live);
}

}  // namespace
}  // namespace dusk::net

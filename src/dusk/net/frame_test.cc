#include <gtest/gtest.h>

#include <cstring>

#include "dusk/data/ledger.h"
#include "dusk/net/frame.h"
#include "dusk/net/frame_reader.h"
#include "dusk/net/frame_writer.h"
#include "dusk/net/testing.h"

namespace dusk::net {
namespace {

using testing::message_of;
using testing::patterned;

std::string drain(FrameWriter& writer, size_t at_once = SIZE_MAX) {
  std::string bytes;
  iovec parts[8];
  while (!writer.empty()) {
    size_t count = writer.gather(parts, 8);
    size_t left = at_once;
    size_t moved = 0;
    for (size_t i = 0; i < count && left > 0; ++i) {
      size_t some = std::min(left, parts[i].iov_len);
      bytes.append(static_cast<char*>(parts[i].iov_base), some);
      left -= some;
      moved += some;
    }
    writer.wrote(moved);
  }
  return bytes;
}

// Cut into pieces of `piece` bytes, through place() as a socket does it.
std::vector<Message> parse(FrameReader& reader, std::string_view bytes, size_t piece) {
  std::vector<Message> messages;
  while (!bytes.empty()) {
    iovec place = reader.place();
    size_t placed = std::min({place.iov_len, piece, bytes.size()});
    if (placed) std::memcpy(place.iov_base, bytes.data(), placed);
    reader.placed(placed);
    size_t given = std::min(piece - placed, bytes.size() - placed);
    reader.give(std::as_bytes(std::span(bytes.data() + placed, given)));
    while (auto message = reader.next()) messages.push_back(std::move(*message));
    bytes.remove_prefix(placed + given);
  }
  return messages;
}

TEST(Frames, SurviveEveryCut) {
  FrameWriter writer;
  writer.add(message_of("first", {patterned(10, 1), patterned(0, 0), patterned(5000, 2)}));
  writer.add(message_of(""));
  writer.add(message_of(std::string(5000, 'c'), {patterned(3, 3)}));
  writer.add(message_of("", {patterned(0, 0), patterned(0, 0)}));
  std::string bytes = drain(writer);
  for (size_t piece : {1, 2, 3, 7, 8, 64, 4999, 100'000}) {
    FrameReader reader{Limits()};
    auto got = parse(reader, bytes, piece);
    ASSERT_EQ(got.size(), 4u) << piece;
    EXPECT_FALSE(reader.inside_message());
    EXPECT_EQ(got[0].control, "first");
    ASSERT_EQ(got[0].buffers.size(), 3u);
    EXPECT_EQ(got[0].buffers[1]->size(), 0u);
    EXPECT_EQ(std::memcmp(got[0].buffers[2]->data(), patterned(5000, 2)->data(), 5000), 0);
    EXPECT_EQ(got[2].control, std::string(5000, 'c'));
    EXPECT_EQ(got[3].buffers.size(), 2u);
  }
  EXPECT_EQ(data::Ledger::process().live_bytes(), 0);
}

TEST(Frames, AreTheSameBytesHoweverTheyAreWritten) {
  std::vector<std::string> written;
  for (size_t at_once : {size_t{1}, size_t{13}, size_t{65536}, SIZE_MAX}) {
    FrameWriter writer;
    for (unsigned i = 0; i < 40; ++i) {
      writer.add(message_of(std::string(i * 200, 'a'), {patterned(i * 300, i)}));
    }
    written.push_back(drain(writer, at_once));
  }
  for (const auto& bytes : written) EXPECT_EQ(bytes, written[0]);
}

TEST(Frames, OfSmallMessagesLeaveAsOnePart) {
  FrameWriter writer;
  for (int i = 0; i < 500; ++i) writer.add(message_of(std::string(100, 'x')));
  iovec parts[4];
  EXPECT_EQ(writer.gather(parts, 4), 1u);
  EXPECT_EQ(parts[0].iov_len, 500 * 108u);
  EXPECT_EQ(writer.queued_bytes(), 500 * 108);
  writer.wrote(54'000);
  EXPECT_TRUE(writer.empty());
}

TEST(Frames, OfLargeBuffersAreWrittenFromWhereTheyAre) {
  FrameWriter writer;
  data::BufferPtr buffer = patterned(100'000, 1);
  writer.add(message_of("c", {buffer}));
  iovec parts[4];
  ASSERT_EQ(writer.gather(parts, 4), 2u);
  EXPECT_EQ(parts[1].iov_base, buffer->data());
}

TEST(Frames, AreReadStraightIntoTheirBuffers) {
  FrameWriter writer;
  writer.add(message_of("c", {patterned(100'000, 1)}));
  std::string bytes = drain(writer);
  FrameReader reader{Limits()};
  EXPECT_EQ(reader.place().iov_len, 0u);
  size_t begin = kFrameHeadBytes + 8 + 1;
  reader.give(std::as_bytes(std::span(bytes.data(), begin)));
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.inside_message());
  iovec place = reader.place();
  ASSERT_EQ(place.iov_len, 100'000u);
  std::memcpy(place.iov_base, bytes.data() + begin, 100'000);
  reader.placed(100'000);
  auto message = reader.next();
  ASSERT_TRUE(message);
  EXPECT_EQ(static_cast<void*>(message->buffers[0]->data()), place.iov_base);
}

TEST(Frames, EndWithAGoodbye) {
  FrameWriter writer;
  writer.add(message_of("m"));
  writer.add_goodbye("why");
  writer.add(message_of("never"));
  FrameReader reader{Limits()};
  EXPECT_EQ(parse(reader, drain(writer), 5).size(), 1u);
  EXPECT_EQ(reader.goodbye(), "why");
  FrameWriter talker;
  talker.add_goodbye(std::string(1 << 20, 'y'));
  FrameReader patient{Limits()};
  parse(patient, drain(talker), 1000);
  EXPECT_EQ(patient.goodbye()->size(), kGoodbyeBytes);
}

TEST(Frames, OfAControlPartThatIsAnnouncedOnlyTakeNoMemory) {
  FrameReader reader{Limits()};
  uint32_t head[2] = {200 << 20, 0};
  parse(reader, {reinterpret_cast<char*>(head), sizeof head}, 100);
  EXPECT_FALSE(reader.error());
  EXPECT_TRUE(reader.inside_message());
}

}  // namespace
}  // namespace dusk::net

// Buffers that go to another process as shared memory, and peers that lie about it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "dusk/data/shared_memory.h"
#include "dusk/net/frame.h"
#include "dusk/net/frame_reader.h"
#include "dusk/net/testing.h"

namespace dusk::net {
namespace {

namespace shared = data::shared_memory;
using testing::Ends;
using testing::message_of;

NetOptions sharing() {
  NetOptions options = testing::options_of("worker", "w");
  options.limits.share_min = 256 << 10;
  return options;
}

bool same(const data::BufferPtr& a, const data::BufferPtr& b) {
  return a->size() == b->size() && std::memcmp(a->data(), b->data(), a->size()) == 0;
}

int64_t open_descriptors() {
  int64_t count = 0;
  for (int i = 0; i < 1024; ++i) count += fcntl(i, F_GETFD) >= 0;
  return count;
}

TEST(Shared, LargeBuffersAreLent) {
  data::BufferPtr large = testing::patterned((size_t{8} << 20) + 5, 1);
  data::BufferPtr small = testing::patterned(1000, 2);
  Ends ends("unix", testing::options_of("scheduler", "s"), sharing());
  ends.send(message_of("mixed", {small, large, small}));
  std::vector<Message> came = ends.accepted_saw.messages(1);
  ASSERT_EQ(came.size(), 1u);
  ASSERT_EQ(came[0].buffers.size(), 3u);
  EXPECT_TRUE(same(came[0].buffers[0], small));
  EXPECT_TRUE(same(came[0].buffers[1], large));
  EXPECT_TRUE(same(came[0].buffers[2], small));
  EXPECT_EQ(ends.accepted_saw.asked(1), std::vector<int64_t>{(8 << 20) + 2005});
  EXPECT_TRUE(came[0].buffers[1]->owner()) << "it is mapped";
}

TEST(Shared, ManyMessagesKeepTheirOrder) {
  Ends ends("unix", testing::options_of("scheduler", "s"), sharing());
  std::vector<data::BufferPtr> sent;
  for (unsigned i = 0; i < 100; ++i) {
    sent.push_back(testing::patterned(300'000 + i, i));
    ends.send(message_of(std::to_string(i), {sent.back(), testing::patterned(i * 100, 3)}));
  }
  std::vector<Message> came = ends.accepted_saw.messages(100);
  ASSERT_EQ(came.size(), 100u);
  for (size_t i = 0; i < 100; ++i) {
    EXPECT_EQ(came[i].control, std::to_string(i));
    EXPECT_TRUE(same(came[i].buffers[0], sent[i]));
  }
}

TEST(Shared, BlocksAreUsedAgainWhenNobodyLooksAtThem) {
  shared::set_blocks_max(0);
  shared::set_blocks_max(size_t{256} << 20);
  Ends ends("unix", testing::options_of("scheduler", "s"), sharing());
  for (unsigned i = 0; i < 30; ++i) {
    data::BufferPtr sent = testing::patterned(size_t{8} << 20, i);
    ends.send(message_of("m", {sent}));
    std::vector<Message> came = ends.accepted_saw.messages(1);
    ASSERT_EQ(came.size(), 1u);
    EXPECT_TRUE(came[0].buffers[0]->owner());
    EXPECT_TRUE(same(came[0].buffers[0], sent));
    came.clear();
    ends.accepted_saw.forget();
    ends.here.call([] {});  // what was written is let go
  }
  EXPECT_LE(shared::blocks_bytes(), size_t{16} << 20);
}

TEST(Shared, WhoKeepsWhatWasLentSeesNoChange) {
  shared::set_blocks_max(size_t{4} << 20);
  Ends ends("unix", testing::options_of("scheduler", "s"), sharing());
  std::vector<data::BufferPtr> sent;
  for (unsigned i = 0; i < 12; ++i) {
    sent.push_back(testing::patterned(size_t{1} << 20, i));
    ends.send(message_of("m", {sent.back()}));
    ends.accepted_saw.messages(i + 1);
  }
  std::vector<Message> came = ends.accepted_saw.messages(12);
  ASSERT_EQ(came.size(), 12u);
  int mapped = 0;
  for (size_t i = 0; i < 12; ++i) {
    mapped += came[i].buffers[0]->owner() != nullptr;
    EXPECT_TRUE(same(came[i].buffers[0], sent[i]));
  }
  EXPECT_LE(mapped, 4) << "the others came by the socket";
  EXPECT_GE(mapped, 1);
  shared::set_blocks_max(size_t{256} << 20);
}

TEST(Shared, NoDescriptorsAreLeftBehind) {
  Ends ends("unix", testing::options_of("scheduler", "s"), sharing());
  shared::set_blocks_max(0);
  shared::set_blocks_max(size_t{256} << 20);
  int64_t before = open_descriptors();
  for (unsigned i = 0; i < 50; ++i) ends.send(message_of("m", {testing::patterned(300'000, i)}));
  EXPECT_EQ(ends.accepted_saw.messages(50).size(), 50u);
  EXPECT_GT(open_descriptors(), before);
  ends.accepted_saw.forget();
  shared::set_blocks_max(0);
  ends.here.call([] {});
  EXPECT_EQ(open_descriptors(), before);
  shared::set_blocks_max(size_t{256} << 20);
}

// ---- peers that lie

Descriptor memory(size_t bytes, int seals) {
  Descriptor made(memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  EXPECT_EQ(ftruncate(made.number(), static_cast<off_t>(bytes)), 0);
  EXPECT_EQ(fcntl(made.number(), F_ADD_SEALS, seals), 0);
  return made;
}

std::string shared_frame(uint64_t length) {
  std::string bytes;
  uint32_t head[2] = {0, 1};
  length |= kSharedBuffer;
  bytes.append(reinterpret_cast<const char*>(head), sizeof head);
  bytes.append(reinterpret_cast<const char*>(&length), sizeof length);
  return bytes;
}

// What the reader says to a frame of one shared buffer; "" when it takes it.
std::string verdict(std::vector<Descriptor> descriptors, uint64_t length) {
  FrameReader reader{Limits()};
  std::string bytes = shared_frame(length);
  reader.give_descriptors(std::move(descriptors));
  reader.give(std::as_bytes(std::span(bytes)));
  auto message = reader.next();
  EXPECT_EQ(message.has_value(), !reader.error());
  return reader.error() ? reader.error()->what() : "";
}

std::vector<Descriptor> one(Descriptor descriptor) {
  std::vector<Descriptor> list;
  list.push_back(std::move(descriptor));
  return list;
}

constexpr int kSealed = F_SEAL_SHRINK | F_SEAL_WRITE;

TEST(SharedHostile, SealedMemoryIsTaken) {
  EXPECT_EQ(verdict(one(memory(10'000, kSealed)), 10'000), "");
  EXPECT_EQ(verdict(one(memory(10'000, kSealed)), 5'000), "");
}

TEST(SharedHostile, MemoryThatCouldShrinkOrChangeIsNot) {
  EXPECT_NE(verdict(one(memory(10'000, 0)), 10'000).find("not sealed"), std::string::npos);
  EXPECT_NE(verdict(one(memory(10'000, F_SEAL_WRITE)), 100).find("not sealed"), std::string::npos);
  EXPECT_NE(verdict(one(memory(10'000, F_SEAL_SHRINK)), 100).find("not sealed"), std::string::npos);
}

TEST(SharedHostile, MemoryThatIsTooShortIsNot) {
  for (uint64_t length : {uint64_t{10'001}, uint64_t{1} << 35, uint64_t{0}}) {
    EXPECT_NE(verdict(one(memory(10'000, kSealed)), length).find("too few"), std::string::npos)
        << length;
  }
  EXPECT_NE(verdict(one(memory(10'000, kSealed)), ~uint64_t{0} >> 1).find("limit"),
            std::string::npos);
}

TEST(SharedHostile, WhatIsNoMemoryIsNot) {
  Descriptor device(open("/dev/zero", O_RDONLY));
  EXPECT_NE(verdict(one(std::move(device)), 100).find("no memory"), std::string::npos);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  Descriptor writer(ends[1]);
  EXPECT_NE(verdict(one(Descriptor(ends[0])), 100).find("no memory"), std::string::npos);
}

TEST(SharedHostile, MissingAndStrayDescriptorsEndTheConnection) {
  EXPECT_NE(verdict({}, 100).find("without its descriptor"), std::string::npos);
  FrameReader reader{Limits()};
  std::string bytes = shared_frame(100);
  reader.give(std::as_bytes(std::span(bytes)));
  EXPECT_FALSE(reader.next());
  ASSERT_TRUE(reader.error()) << "where none can come";

  FrameReader flooded{Limits()};
  for (int i = 0; i < 300 && !flooded.error(); ++i) {
    flooded.give_descriptors(one(Descriptor(open("/dev/null", O_RDONLY))));
  }
  ASSERT_TRUE(flooded.error());
  EXPECT_NE(std::string(flooded.error()->what()).find("no message"), std::string::npos);
}

}  // namespace
}  // namespace dusk::net

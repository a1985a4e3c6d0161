// Letters between processes of neighbouring versions, and damaged ones.
#include <gtest/gtest.h>

#include <cstring>

#include "dusk/node/entries.h"

namespace dusk::node {
namespace {

// A letter of one byte of kind, one of count, then entries: number, four bytes of length, fields.
constexpr size_t kFirstEntry = 2;

net::Message reports() {
  return encode(ReportLetter{cluster::RunStarted{{3, 1}, 7},
                             cluster::StatusChanged{cluster::WorkerStatus::kPaused}});
}
size_t second_entry(const net::Message& message) {
  uint32_t size;
  std::memcpy(&size, message.control.data() + kFirstEntry + 1, sizeof size);
  return kFirstEntry + 5 + size;
}
void lengthen_first(net::Message& message, int32_t by) {
  uint32_t size;
  char* place = message.control.data() + kFirstEntry + 1;
  std::memcpy(&size, place, sizeof size);
  size += static_cast<uint32_t>(by);
  std::memcpy(place, &size, sizeof size);
}
ReportLetter read(const net::Message& message) { return std::get<ReportLetter>(decode(message)); }

TEST(Wire, EntriesOfALaterVersionArePassedOver) {
  net::Message message = reports();
  message.control[second_entry(message)] = static_cast<char>(200);
  ReportLetter letter = read(message);
  ASSERT_EQ(letter.size(), 1u);
  EXPECT_EQ(std::get<cluster::RunStarted>(letter[0]).attempt, 7u);

  message = reports();
  message.control[kFirstEntry] = static_cast<char>(200);
  letter = read(message);
  ASSERT_EQ(letter.size(), 1u);
  EXPECT_EQ(std::get<cluster::StatusChanged>(letter[0]).status, cluster::WorkerStatus::kPaused);
}

TEST(Wire, FieldsOfALaterVersionArePassedOver) {
  net::Message message = reports();
  message.control.insert(second_entry(message), "more fields");
  lengthen_first(message, 11);
  ReportLetter letter = read(message);
  ASSERT_EQ(letter.size(), 2u);
  EXPECT_EQ(std::get<cluster::RunStarted>(letter[0]).attempt, 7u);
}

TEST(Wire, FieldsThatAnEarlierVersionDidNotHaveKeepTheirDefaults) {
  net::Message message = reports();
  message.control.erase(second_entry(message) - 1, 1);
  lengthen_first(message, -1);
  ReportLetter letter = read(message);
  ASSERT_EQ(letter.size(), 2u);
  EXPECT_EQ(std::get<cluster::RunStarted>(letter[0]).attempt, 0u);
  EXPECT_EQ(std::get<cluster::RunStarted>(letter[0]).task, (cluster::TaskId{3, 1}));
}

TEST(Wire, WhatEndsEarlyIsRefused) {
  net::Message message = reports();
  for (size_t size = 0; size < message.control.size(); ++size) {
    net::Message cut{message.control.substr(0, size), {}};
    EXPECT_THROW(decode(cut), base::Error) << size;
  }
}

TEST(Wire, AGraphKeepsItsBuffers) {
  SubmitGraph graph;
  graph.graph.header = "header";
  graph.graph.buffers.push_back(data::Buffer::allocate(1 << 16));
  graph.outputs = {1, 0, 70000};
  graph.annotations["priority"] = "3";
  NodeLetter letter = std::get<NodeLetter>(decode(encode(NodeEntry(graph))));
  const auto& read = std::get<SubmitGraph>(letter.at(0));
  EXPECT_EQ(read.graph.header, "header");
  ASSERT_EQ(read.graph.buffers.size(), 1u);
  EXPECT_EQ(read.graph.buffers[0], graph.graph.buffers[0]);
  EXPECT_EQ(read.outputs, graph.outputs);
  EXPECT_EQ(read.annotations, graph.annotations);
}

}  // namespace
}  // namespace dusk::node

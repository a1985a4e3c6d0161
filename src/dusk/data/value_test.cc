#include "dusk/data/value.h"

#include <arrow/api.h>
#include <arrow/c/bridge.h>
#include <arrow/json/from_string.h>
#include <gtest/gtest.h>

#include <random>

#include "dusk/base/error.h"
#include "dusk/data/table.h"

namespace dusk::data {
namespace {

NdArray counted(Dims shape) {
  NdArray a = NdArray::empty(kInt64Type, std::move(shape));
  for (int64_t i = 0; i < a.size(); ++i) a.as<int64_t>()[i] = i;
  return a;
}

std::shared_ptr<arrow::Array> strings(const std::vector<std::string>& values) {
  arrow::StringBuilder builder(arrow_pool());
  EXPECT_TRUE(builder.AppendValues(values).ok());
  EXPECT_TRUE(builder.AppendNull().ok());
  return builder.Finish().ValueOrDie();
}

std::shared_ptr<arrow::Table> sample_table() {
  auto text = strings({"a", "bb", "ccc"});
  auto codes = arrow::DictionaryArray::FromArrays(
                   arrow::json::ArrayFromJSONString(arrow::int32(), "[0, 1, null, 0]").ValueOrDie(),
                   strings({"x", "y"}))
                   .ValueOrDie();
  auto nested =
      arrow::json::ArrayFromJSONString(arrow::list(arrow::int8()), "[[1, 2], null, [], [3]]")
          .ValueOrDie();
  auto schema =
      arrow::schema({arrow::field("text", text->type()), arrow::field("code", codes->type()),
                     arrow::field("nested", nested->type())});
  return arrow::Table::Make(schema, {text, codes, nested});
}

TEST(Value, KnowsWhatItHolds) {
  Value array = counted({3});
  EXPECT_TRUE(array.is_array());
  EXPECT_EQ(array.array().as<int64_t>()[2], 2);
  EXPECT_THROW(array.table(), base::Error);
  EXPECT_THROW(array.list(), base::Error);
  EXPECT_TRUE(Value().is_none());
  EXPECT_EQ(Value().nbytes(), 0);
}

TEST(Value, CountsASharedBufferOnce) {
  NdArray a = counted({100});
  Value list = ValueList{a, a.slice(0, 10, 1, 20), counted({5})};
  EXPECT_EQ(list.nbytes(), 800 + 40);
}

TEST(Frames, CarryArraysWithoutCopying) {
  NdArray a = counted({4, 6});
  Frames frames = to_frames(a);
  ASSERT_EQ(frames.buffers.size(), 1u);
  EXPECT_EQ(frames.buffers[0]->data(), a.buffer()->data());
  Value back = from_frames(frames);
  EXPECT_EQ(back.array().shape(), a.shape());
  EXPECT_EQ(back.array().data(), a.data());
}

TEST(Frames, CarryViewsListsAndNothing) {
  NdArray a = counted({4, 6});
  Value value = ValueList{a.transpose({1, 0}), Value(), ValueList{a.slice(1, 1, 2, 3)}};
  Value back = from_frames(to_frames(value));
  ASSERT_EQ(back.list().size(), 3u);
  EXPECT_EQ(back.list()[0].array().as<int64_t>()[1], 6);
  EXPECT_TRUE(back.list()[1].is_none());
  EXPECT_EQ(back.list()[2].list()[0].array().as<int64_t>()[1], 3);
}

TEST(Frames, CarryTables) {
  auto columns = sample_table()->Slice(1, 3);
  auto table = std::make_shared<const Table>(columns, std::vector<std::string>{"text"}, 5);
  Value back = from_frames(to_frames(Value(table)));
  EXPECT_TRUE(back.table()->arrow()->Equals(*columns));
  EXPECT_EQ(back.table()->index_columns(), table->index_columns());
  EXPECT_EQ(back.table()->range_start(), 5);
}

TEST(Frames, CarryTextsThatAreAllMissing) {
  auto some = strings({"", ""})->data();
  auto bits = arrow::AllocateBitmap(3).ValueOrDie();
  std::fill_n(bits->mutable_data(), bits->size(), uint8_t{0});
  auto nowhere = std::make_shared<arrow::Buffer>(nullptr, 0);
  for (const auto& values : {std::shared_ptr<arrow::Buffer>(), nowhere}) {
    auto bare = arrow::ArrayData::Make(arrow::utf8(), 3, {bits, some->buffers[1], values}, 3);
    auto columns = arrow::Table::Make(arrow::schema({arrow::field("text", arrow::utf8())}),
                                      {arrow::MakeArray(bare)});
    Value back = from_frames(to_frames(Value(std::make_shared<const Table>(columns))));
    EXPECT_EQ(back.table()->arrow()->column(0)->null_count(), 3);
  }
}

TEST(Frames, RefuseADamagedHeader) {
  Frames frames = to_frames(ValueList{counted({3}), std::make_shared<const Table>(sample_table())});
  EXPECT_THROW(from_frames({"nonsense", {}}), base::Error);
  for (size_t cut = 0; cut < frames.header.size(); cut += 7) {
    Frames shorter{frames.header.substr(0, cut), frames.buffers};
    EXPECT_THROW(from_frames(shorter), base::Error) << cut;
  }
  Frames missing{frames.header, {frames.buffers[0]}};
  EXPECT_THROW(from_frames(missing), base::Error);
  Frames small = to_frames(counted({1000}));
  small.buffers[0] = Buffer::allocate(8);
  EXPECT_THROW(from_frames(small), base::Error);
}

TEST(Table, CrossesTheCStreamInterfaceWithoutCopying) {
  Table table(sample_table());
  ArrowArrayStream stream;
  export_table(table, &stream);
  TablePtr back = import_table(&stream, {"code"});
  EXPECT_TRUE(back->arrow()->Equals(*table.arrow()));
  EXPECT_EQ(back->arrow()->column(0)->chunk(0)->data()->buffers[2]->data(),
            table.arrow()->column(0)->chunk(0)->data()->buffers[2]->data());
  EXPECT_EQ(back->num_rows(), 4);
  EXPECT_GT(back->nbytes(), 0);
}

TEST(Table, RefusesAnIndexThatIsNotThere) {
  Table table(sample_table());
  ArrowArrayStream stream;
  export_table(table, &stream);
  try {
    import_table(&stream, {"nope"});
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::ErrorKind::kKey);
  }
}

TEST(Table, TellsErrorsApart) {
  auto kind = [](const arrow::Status& status) {
    try {
      throw_if_failed(status, "here");
    } catch (const base::Error& error) {
      EXPECT_NE(std::string(error.what()).find("[here]"), std::string::npos);
      return error.kind();
    }
    return base::ErrorKind::kRuntime;
  };
  EXPECT_EQ(kind(arrow::Status::Invalid("x")), base::ErrorKind::kValue);
  EXPECT_EQ(kind(arrow::Status::Invalid("CSV parse error: x")), base::ErrorKind::kParse);
  EXPECT_EQ(kind(arrow::Status::OutOfMemory("x")), base::ErrorKind::kMemory);
  EXPECT_EQ(kind(arrow::Status::IOError("x")), base::ErrorKind::kOs);
  EXPECT_NO_THROW(throw_if_failed(arrow::Status::OK(), "here"));
}

}  // namespace
}  // namespace dusk::data

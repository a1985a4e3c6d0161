#include "dusk/data/dtype.h"

#include <gtest/gtest.h>

#include <vector>

#include "dusk/base/error.h"

namespace dusk::data {
namespace {

std::string promoted(const char* a, const char* b) {
  try {
    std::string one = promote(DType::parse(a), DType::parse(b)).str();
    EXPECT_EQ(promote(DType::parse(b), DType::parse(a)).str(), one) << a << " and " << b;
    return one;
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::ErrorKind::kType);
    return "none";
  }
}

TEST(DType, StrAndNameAreNumPys) {
  struct Row {
    const char *str, *name;
    int itemsize;
  };
  const Row rows[] = {
      {"|b1", "bool", 1},
      {"|i1", "int8", 1},
      {"<i2", "int16", 2},
      {"<i4", "int32", 4},
      {"<i8", "int64", 8},
      {"|u1", "uint8", 1},
      {"<u2", "uint16", 2},
      {"<u4", "uint32", 4},
      {"<u8", "uint64", 8},
      {"<f2", "float16", 2},
      {"<f4", "float32", 4},
      {"<f8", "float64", 8},
      {"<c8", "complex64", 8},
      {"<c16", "complex128", 16},
      {"|S3", "bytes24", 3},
      {"|S0", "bytes", 0},
      {"<U7", "str224", 28},
      {"|O", "object", 8},
      {"<M8", "datetime64", 8},
      {"<M8[ns]", "datetime64[ns]", 8},
      {"<M8[25s]", "datetime64[25s]", 8},
      {"<m8[Y]", "timedelta64[Y]", 8},
      {"<m8[as]", "timedelta64[as]", 8},
  };
  for (const Row& row : rows) {
    DType d = DType::parse(row.str);
    EXPECT_EQ(d.str(), row.str);
    EXPECT_EQ(d.name(), row.name);
    EXPECT_EQ(d.itemsize, row.itemsize);
    if (d.code != TypeCode::kBytes && d.code != TypeCode::kUnicode) {
      EXPECT_EQ(DType::parse(row.name), d);
    }
  }
}

TEST(DType, ParsesCharactersAndPythonNames) {
  EXPECT_EQ(DType::parse("?"), kBoolType);
  EXPECT_EQ(DType::parse("l"), kInt64Type);
  EXPECT_EQ(DType::parse("int"), kInt64Type);
  EXPECT_EQ(DType::parse("float"), kFloat64Type);
  EXPECT_EQ(DType::parse("=f8"), kFloat64Type);
  EXPECT_EQ(DType::parse("f4"), kFloat32Type);
  EXPECT_EQ(DType::parse("complex"), DType::of(TypeCode::kComplex128));
  for (const char* wrong : {"", "foo", "f9", ">f8", ">M8[ns]", "M8[q]", "M8[0s]", "M8[s", "S-1"}) {
    EXPECT_THROW(DType::parse(wrong), base::Error) << wrong;
  }
  EXPECT_NO_THROW(DType::parse(">i1"));
}

TEST(DType, NumbersPromoteAsInNumPy) {
  EXPECT_EQ(promoted("?", "i1"), "|i1");
  EXPECT_EQ(promoted("u1", "i1"), "<i2");
  EXPECT_EQ(promoted("u2", "i4"), "<i4");
  EXPECT_EQ(promoted("u4", "i4"), "<i8");
  EXPECT_EQ(promoted("u8", "i8"), "<f8");
  EXPECT_EQ(promoted("u8", "i1"), "<f8");
  EXPECT_EQ(promoted("i1", "f2"), "<f2");
  EXPECT_EQ(promoted("i2", "f2"), "<f4");
  EXPECT_EQ(promoted("i4", "f4"), "<f8");
  EXPECT_EQ(promoted("i2", "f4"), "<f4");
  EXPECT_EQ(promoted("f8", "c8"), "<c16");
  EXPECT_EQ(promoted("i2", "c8"), "<c8");
  EXPECT_EQ(promoted("i8", "c8"), "<c16");
  EXPECT_EQ(promoted("f2", "c8"), "<c8");
}

TEST(DType, TimesPromoteToTheFinerUnit) {
  EXPECT_EQ(promoted("M8[s]", "M8[ms]"), "<M8[ms]");
  EXPECT_EQ(promoted("M8[Y]", "M8[D]"), "<M8[D]");
  EXPECT_EQ(promoted("M8[Y]", "M8[M]"), "<M8[M]");
  EXPECT_EQ(promoted("M8[25s]", "m8[10s]"), "<M8[5s]");
  EXPECT_EQ(promoted("M8[25s]", "m8[Y]"), "<M8[25s]");
  EXPECT_EQ(promoted("m8", "m8[D]"), "<m8[D]");
  EXPECT_EQ(promoted("m8[D]", "m8[Y]"), "none");
  EXPECT_EQ(promoted("m8[s]", "i8"), "<m8[s]");
  EXPECT_EQ(promoted("m8[s]", "?"), "<m8[s]");
  EXPECT_EQ(promoted("m8[s]", "u8"), "none");
  EXPECT_EQ(promoted("m8[s]", "f8"), "none");
  EXPECT_EQ(promoted("M8[s]", "i8"), "none");
}

TEST(DType, TextsTakeTheWiderAndObjectsTakeAll) {
  EXPECT_EQ(promoted("S3", "S9"), "|S9");
  EXPECT_EQ(promoted("S9", "U7"), "<U9");
  EXPECT_EQ(promoted("i8", "U1"), "<U21");
  EXPECT_EQ(promoted("?", "S1"), "|S5");
  EXPECT_EQ(promoted("u8", "S1"), "|S20");
  EXPECT_EQ(promoted("c16", "S1"), "|S64");
  EXPECT_EQ(promoted("M8[s]", "S3"), "none");
  EXPECT_EQ(promoted("O", "M8[s]"), "|O");
  EXPECT_EQ(promoted("O", "S3"), "|O");
}

TEST(DType, SameKindCastsAreNumPys) {
  auto can = [](const char* from, const char* to) {
    return can_cast_same_kind(DType::parse(from), DType::parse(to));
  };
  EXPECT_TRUE(can("f8", "f4"));
  EXPECT_TRUE(can("i8", "i1"));
  EXPECT_TRUE(can("u8", "i1"));
  EXPECT_FALSE(can("i1", "u8"));
  EXPECT_FALSE(can("f4", "i8"));
  EXPECT_FALSE(can("c8", "f8"));
  EXPECT_TRUE(can("i8", "f2"));
  EXPECT_FALSE(can("i1", "?"));
  EXPECT_TRUE(can("i8", "S1"));
  EXPECT_TRUE(can("S3", "U1"));
  EXPECT_FALSE(can("U1", "S1"));
  EXPECT_TRUE(can("S3", "O"));
  EXPECT_FALSE(can("O", "f8"));
  EXPECT_TRUE(can("M8[Y]", "M8[ns]"));
  EXPECT_TRUE(can("M8[ns]", "M8[Y]"));
  EXPECT_FALSE(can("M8[ns]", "M8"));
  EXPECT_TRUE(can("m8[ns]", "m8[D]"));
  EXPECT_FALSE(can("m8[ns]", "m8[Y]"));
  EXPECT_TRUE(can("i8", "m8[s]"));
  EXPECT_FALSE(can("m8[s]", "i8"));
  EXPECT_FALSE(can("f8", "m8[s]"));
  EXPECT_FALSE(can("M8[s]", "m8[s]"));
}

}  // namespace
}  // namespace dusk::data

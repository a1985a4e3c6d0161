#include "dusk/data/ndarray.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace dusk::data {
namespace {

// 0, 1, 2... of the given itemsize's integer type.
template <class T>
NdArray counting(DType dtype, Dims shape) {
  NdArray a = NdArray::empty(dtype, shape);
  for (int64_t i = 0; i < a.size(); ++i) a.as<T>()[i] = static_cast<T>(i);
  return a;
}

int64_t at(const NdArray& a, std::initializer_list<int64_t> index) {
  const std::byte* p = a.data();
  size_t d = 0;
  for (int64_t i : index) p += i * a.strides()[d++];
  return *reinterpret_cast<const int64_t*>(p);
}

std::vector<int64_t> flat(const NdArray& a) {
  NdArray c = a.contiguous();
  return {c.as<int64_t>(), c.as<int64_t>() + c.size()};
}

TEST(NdArray, NewOnesAreContiguousInCOrder) {
  NdArray a = counting<int64_t>(kInt64Type, {2, 3, 4});
  EXPECT_EQ(a.strides(), (Dims{96, 32, 8}));
  EXPECT_EQ(a.nbytes(), 192);
  EXPECT_TRUE(a.is_contiguous());
  EXPECT_EQ(reinterpret_cast<uintptr_t>(a.data()) % kBufferAlignment, 0u);
  EXPECT_EQ(NdArray::empty(kInt64Type, {}).size(), 1);
  EXPECT_EQ(NdArray::empty(kInt64Type, {3, 0, 2}).size(), 0);
  NdArray z = NdArray::zeros(kInt64Type, {5});
  EXPECT_EQ(flat(z), std::vector<int64_t>(5, 0));
}

TEST(NdArray, ViewsShareTheBuffer) {
  NdArray a = counting<int64_t>(kInt64Type, {4, 6});
  NdArray reversed = a.slice(1, 5, -2, 3);
  EXPECT_EQ(reversed.buffer(), a.buffer());
  EXPECT_EQ(flat(reversed.select(0, 1)), (std::vector<int64_t>{11, 9, 7}));
  NdArray t = a.transpose({1, 0});
  EXPECT_EQ(t.shape(), (Dims{6, 4}));
  EXPECT_EQ(at(t, {5, 2}), 17);
  EXPECT_FALSE(t.is_contiguous());
  EXPECT_EQ(a.contiguous().data(), a.data());
  EXPECT_NE(t.contiguous().data(), a.data());
  EXPECT_EQ(flat(a.slice(0, 4, 1, 0)), std::vector<int64_t>());
}

TEST(NdArray, AxesComeAndGo) {
  NdArray a = counting<int64_t>(kInt64Type, {2, 3});
  NdArray b = a.expand(1);
  EXPECT_EQ(b.shape(), (Dims{2, 1, 3}));
  EXPECT_TRUE(b.is_contiguous());
  EXPECT_EQ(b.squeeze(1).shape(), a.shape());
  NdArray wide = b.broadcast_to({5, 2, 4, 3});
  EXPECT_EQ(wide.strides()[0], 0);
  EXPECT_EQ(at(wide, {4, 1, 3, 2}), 5);
  EXPECT_EQ(wide.contiguous().size(), 120);
  EXPECT_EQ(NdArray::scalar<int64_t>(kInt64Type, 9).broadcast_to({2, 2}).size(), 4);
}

TEST(NdArray, ReshapeCopiesOnlyWhatIsNotContiguous) {
  NdArray a = counting<int64_t>(kInt64Type, {4, 6});
  NdArray b = a.reshape({3, 8});
  EXPECT_EQ(b.data(), a.data());
  NdArray c = a.transpose({1, 0}).reshape({24});
  EXPECT_NE(c.data(), a.data());
  EXPECT_EQ(flat(c)[1], 6);
  EXPECT_EQ(a.view_as(DType::datetime(TimeUnit::kSecond)).data(), a.data());
}

template <class T>
void check_copies(DType dtype) {
  NdArray from = counting<T>(dtype, {37, 5, 41});
  std::vector<NdArray> sources = {from, from.transpose({2, 1, 0}), from.transpose({1, 2, 0}),
                                  from.slice(0, 36, -3, 12), from.slice(2, 1, 2, 20)};
  for (const NdArray& source : sources) {
    for (bool turned : {false, true}) {
      Dims shape = source.shape();
      NdArray whole = NdArray::zeros(dtype, turned ? Dims{shape[2], shape[1], shape[0]} : shape);
      NdArray to = turned ? whole.transpose({2, 1, 0}) : whole;
      copy_elements(source, to);
      NdArray a = source.contiguous(), b = to.contiguous();
      ASSERT_EQ(std::memcmp(a.data(), b.data(), static_cast<size_t>(a.nbytes())), 0);
    }
  }
}

TEST(NdArray, CopiesBetweenAnyStridesAndItemsizes) {
  check_copies<uint8_t>(DType::of(TypeCode::kUInt8));
  check_copies<uint16_t>(DType::of(TypeCode::kUInt16));
  check_copies<uint32_t>(DType::of(TypeCode::kUInt32));
  check_copies<uint64_t>(DType::of(TypeCode::kUInt64));
  NdArray text = NdArray::zeros(DType::parse("S3"), {4, 2});
  std::memcpy(text.data(), "abcdefghijklmnopqrstuvwx", 24);
  NdArray turned = text.transpose({1, 0}).contiguous();
  EXPECT_EQ(std::memcmp(turned.data(), "abcghimnostudefjklpqrvwx", 24), 0);
}

}  // namespace
}  // namespace dusk::data

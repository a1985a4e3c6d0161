#include "dusk/base/crc32c.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dusk::base {
namespace {

TEST(Crc32c, GivesTheValuesOfItsSpecification) {
  EXPECT_EQ(crc32c("", 0), 0u);
  EXPECT_EQ(crc32c("123456789", 9), 0xE3069283u);
  std::vector<char> zeros(32, 0);
  EXPECT_EQ(crc32c(zeros.data(), zeros.size()), 0x8A9136AAu);
}

TEST(Crc32c, IsTheSameWithAndWithoutTheInstructionAndInParts) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += static_cast<char>(i * 37 + i / 7);
  for (size_t begin : {0, 1, 3, 8}) {
    for (size_t size : {0, 1, 7, 8, 9, 63, 64, 900}) {
      uint32_t whole = crc32c(text.data() + begin, size);
      EXPECT_EQ(whole, crc32c_by_table(text.data() + begin, size));
      size_t cut = size / 3;
      uint32_t first = crc32c(text.data() + begin, cut);
      EXPECT_EQ(whole, crc32c(text.data() + begin + cut, size - cut, first));
    }
  }
}

}  // namespace
}  // namespace dusk::base

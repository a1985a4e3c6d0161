// Codes at a worker: their numbers are used again.
#include <gtest/gtest.h>

#include "dusk/cluster/worker.h"

namespace dusk::cluster {
namespace {

TEST(WorkerCodes, OneThatTakesADroppedNumberStays) {
  WorkerState state{WorkerOptions{}};
  WorkerActions out;
  step(state, OrdersCame{{DefineCode{{5}, "first", nullptr}}}, out);
  ASSERT_EQ(out.define.size(), 1U);
  out = {};
  step(state, OrdersCame{{DropCode{{5}}, DefineCode{{5}, "second", nullptr}}}, out);
  ASSERT_EQ(out.define.size(), 1U);
  EXPECT_EQ(out.define[0].name, "second");
  EXPECT_TRUE(out.drop_codes.empty());  // drops are carried out last
  out = {};
  step(state, OrdersCame{{DropCode{{5}}}}, out);
  EXPECT_EQ(out.drop_codes, (std::vector<CodeId>{{5}}));
}

}  // namespace
}  // namespace dusk::cluster

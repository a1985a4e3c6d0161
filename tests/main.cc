// After every test nothing may be left: the ledger counts zero bytes.
#include <gtest/gtest.h>

#include <string_view>

#include "dusk/data/ledger.h"
#include "dusk/runtime/executor.h"
#include "roads.h"

namespace {

class NothingLeft : public testing::EmptyTestEventListener {
  void OnTestEnd(const testing::TestInfo& info) override {
    dusk::runtime::stop_threads();
    int64_t left = dusk::data::Ledger::process().live_bytes();
    if (left != 0) {
      ADD_FAILURE() << info.name() << " leaves " << left << " bytes behind";
    }
  }
};

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    std::string_view option = argv[i];
    if (option == "--recoded") dusk::pipeline::road = dusk::pipeline::Road::kRecoded;
    if (option == "--cluster") dusk::pipeline::road = dusk::pipeline::Road::kCluster;
  }
  testing::UnitTest::GetInstance()->listeners().Append(new NothingLeft);
  return RUN_ALL_TESTS();
}

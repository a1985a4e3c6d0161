// The scheduler alone: what it keeps. What it does with workers and clients is in sim/.
#include "dusk/cluster/scheduler.h"

#include <gtest/gtest.h>

namespace dusk::cluster {
namespace {

class SchedulerAlone : public testing::Test {
 protected:
  SchedulerAlone() : state_(checked()) { happens(ClientJoined{{1}, "client"}); }
  static SchedulerOptions checked() {
    SchedulerOptions options;
    options.validate = true;
    return options;
  }
  void happens(SchedulerEvent event) {
    out_.clear();
    step(state_, now_ += 1000, std::move(event), out_);
  }
  void asks(ClientRequest request) {
    ClientAsked asked{{1}, {}};
    asked.requests.push_back(std::move(request));
    happens(std::move(asked));
  }
  void submit(TaskNumber number) {
    asks(SubmitCode{1, {0, 1}, "f", nullptr});
    SubmitTask task;
    task.number = number;
    task.key = "task-" + std::to_string(number);
    task.code = 1;
    asks(std::move(task));
  }

  Time now_ = 0;
  SchedulerState state_;
  SchedulerActions out_;
};

TEST_F(SchedulerAlone, ForgetsTasksThatNoWorkerEverCameFor) {
  for (TaskNumber number = 1; number <= 100; ++number) {
    submit(number);
    asks(CancelTask{number, false});
  }
  submit(101);
  happens(Tick{});
  EXPECT_EQ(state_.tasks.size(), 1u);
  EXPECT_EQ(state_.no_worker.size(), 1u);
}

}  // namespace
}  // namespace dusk::cluster

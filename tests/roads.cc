#include "roads.h"

#include <gtest/gtest.h>

#include <string>

#include "dusk/base/error.h"
#include "dusk/graph/codec.h"
#include "dusk/graph/fuse.h"
#include "dusk/graph/task_graph.h"
#include "dusk/node/client.h"
#include "dusk/node/native_language.h"
#include "dusk/node/scheduler.h"
#include "dusk/node/worker.h"
#include "dusk/runtime/executor.h"

namespace dusk::pipeline {
namespace {

std::vector<graph::Wanted> all_of(const std::vector<graph::LayerPtr>& layers) {
  std::vector<graph::Wanted> wanted;
  for (const graph::LayerPtr& layer : layers) wanted.push_back({layer, {}});
  return wanted;
}

// A scheduler and two workers in this process.
class Cluster {
 public:
  Cluster() : scheduler_(scheduler_settings()) {
    for (int i = 0; i < 2; ++i) {
      node::WorkerSettings settings;
      settings.scheduler = address();
      settings.listen = new_address();
      settings.languages = node::native_languages();
      workers_.push_back(std::make_unique<node::Worker>(std::move(settings)));
    }
  }

  std::vector<data::Value> compute(const std::vector<graph::LayerPtr>& layers) {
    node::Client client({address(), "pipelines", {}, 5'000'000}, nullptr);
    auto numbers = client.submit_graph(all_of(layers), {}, nullptr);
    auto endings = client.values(numbers, {}, nullptr);
    std::vector<data::Value> values;
    for (const node::Ending& ending : *endings) {
      if (ending.fault) throw base::Error(ending.fault->kind, ending.fault->message);
      values.push_back(data::from_frames(*ending.value));
    }
    for (cluster::TaskNumber number : numbers) client.release(number);
    return values;
  }

 private:
  static net::Address new_address() {
    static int count = 0;
    return net::Address::parse("inproc://pipelines-" + std::to_string(++count));
  }
  static node::SchedulerSettings scheduler_settings() {
    node::SchedulerSettings settings;
    settings.listen = {new_address()};
    settings.options.validate = true;
    return settings;
  }
  net::Address address() const { return net::Address::parse(scheduler_.addresses()[0]); }

  node::Scheduler scheduler_;
  std::vector<std::unique_ptr<node::Worker>> workers_;
};

}  // namespace

std::vector<graph::LayerPtr> recoded(const std::vector<graph::LayerPtr>& layers) {
  data::Frames frames = graph::encode_graph(all_of(layers));
  std::vector<graph::Wanted> found = graph::decode_graph(frames, node::native_codecs());
  EXPECT_EQ(graph::encode_graph(found).header, frames.header);
  std::vector<graph::LayerPtr> result;
  for (graph::Wanted& w : found) result.push_back(std::move(w.layer));
  return result;
}

std::vector<data::Value> compute(const graph::ExprPtr& expr, int num_threads) {
  std::vector<graph::ExprPtr> roots{expr};
  std::vector<graph::LayerPtr> layers = graph::lower(roots);
  if (road == Road::kCluster) return Cluster().compute(graph::fuse_blockwise(layers, true));
  layers = graph::fuse_blockwise(layers);
  if (road == Road::kRecoded) layers = recoded(layers);
  runtime::RunOptions options;
  options.num_threads = num_threads;
  return runtime::run(graph::expand(all_of(layers)), options).or_throw();
}

}  // namespace dusk::pipeline

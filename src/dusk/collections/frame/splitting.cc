// More partitions: the rows of each in runs.
#include <arrow/api.h>

#include "dusk/base/error.h"
#include "dusk/collections/frame/codecs.h"
#include "dusk/collections/frame/combined_expr.h"
#include "dusk/collections/frame/combining.h"
#include "dusk/collections/frame/layers.h"
#include "dusk/collections/frame/table_operation.h"

namespace dusk::collections::frame {
namespace {

// Run `places[i]` of `counts[i]` that are as long as each other, for task i.
struct TakeRun {
  static constexpr std::string_view kCodec = "frame.take-run";
  static constexpr size_t kInputs = 1;
  static constexpr bool kIndexFree = false;
  std::vector<int64_t> places, counts;
  Names index;

  static auto members(auto& self) { return std::tie(self.places, self.counts, self.index); }
  void check() const {
    bool fits = places.size() == counts.size();
    for (size_t i = 0; fits && i < places.size(); ++i) {
      fits = 0 <= places[i] && places[i] < counts[i] && counts[i] <= kRunsMax;
    }
    if (!fits) throw graph::Decoder::damaged();
  }
  data::Value run(const graph::TaskContext& context, graph::Inputs values) const {
    auto task = static_cast<size_t>(context.index);
    if (task >= places.size()) throw base::value_error("[split] there is no such run");
    auto table = table_of(values[0]);
    int64_t start = border(table->num_rows(), places[task], counts[task]);
    int64_t stop = border(table->num_rows(), places[task] + 1, counts[task]);
    return to_value(table->Slice(start, stop - start), index);
  }

  // rows * place / count, without leaving 64 bits.
  static int64_t border(int64_t rows, int64_t place, int64_t count) {
    return rows / count * place + rows % count * place / count;
  }
  static constexpr int64_t kRunsMax = int64_t{1} << 30;
};

}  // namespace

void add_splitting_codecs(graph::Codecs& codecs) { add_table_operations<TakeRun>(codecs); }

FramePtr split(const FramePtr& x, const std::vector<int64_t>& shares) {
  if (static_cast<int64_t>(shares.size()) != x->block_count()) {
    throw base::value_error("[split] " + std::to_string(shares.size()) + " shares for " +
                            std::to_string(x->block_count()) + " partitions");
  }
  std::vector<int64_t> sources, places, counts;
  for (size_t p = 0; p < shares.size(); ++p) {
    if (shares[p] < 1) throw base::value_error("[split] a partition becomes one or more");
    for (int64_t place = 0; place < shares[p]; ++place) {
      sources.push_back(static_cast<int64_t>(p));
      places.push_back(place);
      counts.push_back(shares[p]);
    }
  }
  auto count = static_cast<int64_t>(sources.size());
  base::Tokenizer token("split");
  token.add(x->token()).add(std::span<const int64_t>(shares));
  auto lower = [sources, places, counts, count](const Combined& self,
                                                std::span<const graph::LayerPtr> inputs) {
    graph::LayerPtr spread = std::make_shared<graph::PickLayer>(
        "split-source", inner_token(self.token(), "source"), inputs[0], sources);
    return partitionwise("split", self.token(),
                         table_operation("split", TakeRun{places, counts, self.index()}), count,
                         {&spread, 1});
  };
  auto remake = [shares](std::vector<FramePtr> inputs) { return split(inputs[0], shares); };
  return std::make_shared<Combined>("Split", std::to_string(count), token.finish(), to_exprs({x}),
                                    "split", x->schema(), x->index(), count, lower, remake,
                                    plus(1, {}));
}

}  // namespace dusk::collections::frame

// Sums, means, products, counts.
#include <arrow/api.h>

#include <cmath>

#include "dusk/kernels/frame/accumulator.h"

namespace dusk::kernels::frame {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;
using TypePtr = std::shared_ptr<arrow::DataType>;

class CountAccumulator : public Accumulator {
 public:
  explicit CountAccumulator(bool every_row) : every_row_(every_row) {}

  void resize(uint32_t groups) override { counts_.resize(groups, 0); }

  void consume(const Window& window, const uint32_t* groups) override {
    const uint8_t* valid = every_row_ ? nullptr : window.valid;
    int64_t* counts = counts_.data();
    if (groups == nullptr) {
      int64_t there = window.count;
      if (valid != nullptr) {
        there = 0;
        for (int64_t i = 0; i < window.count; ++i) there += valid[i];
      }
      counts[0] += there;
    } else if (valid == nullptr) {
      for (int64_t i = 0; i < window.count; ++i) ++counts[groups[i]];
    } else {
      for (int64_t i = 0; i < window.count; ++i) counts[groups[i]] += valid[i];
    }
  }

  std::vector<ArrayPtr> state() const override { return {finish(all_groups(counts_.size()))}; }

  void merge(const std::vector<ArrayPtr>& parts, const uint32_t* groups) override {
    for_windows(parts[0], parts[0]->length(), [&](const Window& window, int64_t start) {
      for (int64_t i = 0; i < window.count; ++i) counts_[groups[start + i]] += window.ints[i];
    });
  }

  ArrayPtr finish(std::span<const uint32_t> groups) const override {
    return int_array(arrow::int64(), groups, counts_.data());
  }

 private:
  bool every_row_;
  PoolVector<int64_t> counts_;
};

enum class Fold : uint8_t { kSum, kProduct };

// Integers, wrapping.
class IntFold : public Accumulator {
 public:
  IntFold(Fold fold, TypePtr type, int64_t min_count)
      : fold_(fold), type_(std::move(type)), min_count_(min_count) {}

  void resize(uint32_t groups) override {
    values_.resize(groups, fold_ == Fold::kSum ? 0 : 1);
    if (min_count_ > 0) counts_.resize(groups, 0);
  }

  void consume(const Window& window, const uint32_t* groups) override {
    if (fold_ == Fold::kSum) {
      groups == nullptr ? sum_all(window) : add(window, groups);
    } else {
      for (int64_t i = 0; i < window.count; ++i) {
        if (window.there(i))
          values_[groups ? groups[i] : 0] *= static_cast<uint64_t>(window.ints[i]);
      }
    }
    if (min_count_ == 0) return;
    for (int64_t i = 0; i < window.count; ++i) counts_[groups ? groups[i] : 0] += window.there(i);
  }

  std::vector<ArrayPtr> state() const override {
    auto all = all_groups(values_.size());
    std::vector<ArrayPtr> parts = {int_array(type_, all, ints())};
    if (min_count_ > 0) parts.push_back(int_array(arrow::int64(), all, counts_.data()));
    return parts;
  }

  void merge(const std::vector<ArrayPtr>& parts, const uint32_t* groups) override {
    for_windows(parts[0], parts[0]->length(), [&](const Window& window, int64_t start) {
      for (int64_t i = 0; i < window.count; ++i) {
        auto value = static_cast<uint64_t>(window.ints[i]);
        uint64_t& to = values_[groups[start + i]];
        to = fold_ == Fold::kSum ? to + value : to * value;
      }
    });
    if (min_count_ == 0) return;
    for_windows(parts[1], parts[1]->length(), [&](const Window& window, int64_t start) {
      for (int64_t i = 0; i < window.count; ++i) counts_[groups[start + i]] += window.ints[i];
    });
  }

  ArrayPtr finish(std::span<const uint32_t> groups) const override {
    if (min_count_ == 0) return int_array(type_, groups, ints());
    PoolVector<uint8_t> there(counts_.size());
    for (size_t g = 0; g < there.size(); ++g) there[g] = counts_[g] >= min_count_;
    return int_array(type_, groups, ints(), there.data());
  }

 private:
  const int64_t* ints() const { return reinterpret_cast<const int64_t*>(values_.data()); }

  void sum_all(const Window& window) {
    uint64_t total = 0;
    if (window.valid == nullptr) {
      for (int64_t i = 0; i < window.count; ++i) total += static_cast<uint64_t>(window.ints[i]);
    } else {
      for (int64_t i = 0; i < window.count; ++i) {
        total +=
            static_cast<uint64_t>(window.ints[i]) & (0 - static_cast<uint64_t>(window.valid[i]));
      }
    }
    values_[0] += total;
  }

  void add(const Window& window, const uint32_t* groups) {
    uint64_t* values = values_.data();
    if (window.valid == nullptr) {
      for (int64_t i = 0; i < window.count; ++i) {
        values[groups[i]] += static_cast<uint64_t>(window.ints[i]);
      }
      return;
    }
    for (int64_t i = 0; i < window.count; ++i) {
      values[groups[i]] +=
          static_cast<uint64_t>(window.ints[i]) & (0 - static_cast<uint64_t>(window.valid[i]));
    }
  }

  Fold fold_;
  TypePtr type_;
  int64_t min_count_;
  PoolVector<uint64_t> values_;
  PoolVector<int64_t> counts_;
};

// A sum and what its additions lost (Knuth's TwoSum), beside each other.
struct Total {
  double sum = 0;
  double lost = 0;

  void add(double value) {
    double next = sum + value;
    double back = next - sum;
    lost += (sum - (next - back)) + (value - back);
    sum = next;
  }
  // `lost` is not a number once the sum is infinite.
  double value() const { return std::isfinite(sum) ? sum + lost : sum; }
};

// Eight running sums over a window; a window is short enough to need no compensation inside.
template <class F>
double window_sum(int64_t count, F value) {
  double lanes[8] = {};
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (int64_t j = 0; j < 8; ++j) lanes[j] += value(i + j);
  }
  double total = ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) +
                 ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
  for (; i < count; ++i) total += value(i);
  return total;
}

// Floating sums, and the sums behind means; `kinds` of input: double, int64 or uint64.
class FloatSum : public Accumulator {
 public:
  FloatSum(bool mean, ValueKind kind, TypePtr result, int64_t min_count)
      : mean_(mean),
        counted_(mean || min_count > 0),
        kind_(kind),
        result_(std::move(result)),
        min_count_(min_count) {}

  void resize(uint32_t groups) override {
    totals_.resize(groups);
    if (kind_ != ValueKind::kDouble) whole_.resize(groups, 0);
    if (counted_) counts_.resize(groups, 0);
  }

  void consume(const Window& window, const uint32_t* groups) override {
    if (kind_ == ValueKind::kDouble) {
      add(window, groups, [&](int64_t i) { return window.doubles[i]; });
    } else if (kind_ == ValueKind::kInt) {
      add_whole(window, groups, window.ints);
    } else {
      add_whole(window, groups, reinterpret_cast<const uint64_t*>(window.ints));
    }
    if (!counted_) return;
    int64_t* counts = counts_.data();
    for (int64_t i = 0; i < window.count; ++i) counts[groups ? groups[i] : 0] += window.there(i);
  }

  std::vector<ArrayPtr> state() const override {
    auto all = all_groups(totals_.size());
    PoolVector<double> sums, lost;
    for (size_t g = 0; g < totals_.size(); ++g) {
      Total total = total_of(g);
      sums.push_back(total.sum);
      lost.push_back(std::isfinite(total.lost) ? total.lost : 0.0);
    }
    std::vector<ArrayPtr> parts = {double_array(arrow::float64(), all, sums.data()),
                                   double_array(arrow::float64(), all, lost.data())};
    if (counted_) parts.push_back(int_array(arrow::int64(), all, counts_.data()));
    return parts;
  }

  void merge(const std::vector<ArrayPtr>& parts, const uint32_t* groups) override {
    for_windows(parts[0], parts[0]->length(), [&](const Window& window, int64_t start) {
      for (int64_t i = 0; i < window.count; ++i) totals_[groups[start + i]].add(window.doubles[i]);
    });
    for_windows(parts[1], parts[1]->length(), [&](const Window& window, int64_t start) {
      for (int64_t i = 0; i < window.count; ++i)
        totals_[groups[start + i]].lost += window.doubles[i];
    });
    if (!counted_) return;
    for_windows(parts[2], parts[2]->length(), [&](const Window& window, int64_t start) {
      for (int64_t i = 0; i < window.count; ++i) counts_[groups[start + i]] += window.ints[i];
    });
  }

  ArrayPtr finish(std::span<const uint32_t> groups) const override {
    PoolVector<double> values(totals_.size());
    PoolVector<uint8_t> there(totals_.size(), 1);
    for (size_t g = 0; g < values.size(); ++g) {
      values[g] = total_of(g).value();
      if (mean_) values[g] /= static_cast<double>(counts_[g]);
      if (min_count_ > 0) there[g] = counts_[g] >= min_count_;
    }
    return double_array(result_, groups, values.data(), there.data());
  }

 private:
  template <class F>
  void add(const Window& window, const uint32_t* groups, F value) {
    const uint8_t* valid = window.valid;
    if (groups == nullptr) {
      double sum =
          valid == nullptr
              ? window_sum(window.count, value)
              : window_sum(window.count, [&](int64_t i) { return valid[i] ? value(i) : 0.0; });
      totals_[0].add(sum);
      return;
    }
    Total* totals = totals_.data();
    if (valid == nullptr) {
      for (int64_t i = 0; i < window.count; ++i) totals[groups[i]].add(value(i));
    } else {
      for (int64_t i = 0; i < window.count; ++i) totals[groups[i]].add(valid[i] ? value(i) : 0.0);
    }
  }

  template <class Int>
  void add_whole(const Window& window, const uint32_t* groups, const Int* values) {
    __int128* whole = whole_.data();
    for (int64_t i = 0; i < window.count; ++i) {
      if (window.there(i)) whole[groups ? groups[i] : 0] += values[i];
    }
  }

  // What came as integers, exactly, and what came as floats or states.
  Total total_of(size_t group) const {
    Total total = totals_[group];
    if (whole_.empty()) return total;
    auto most = static_cast<double>(whole_[group]);
    total.add(most);
    total.lost += static_cast<double>(whole_[group] - static_cast<__int128>(most));
    return total;
  }

  bool mean_;
  bool counted_;
  ValueKind kind_;
  TypePtr result_;
  int64_t min_count_;
  PoolVector<Total> totals_;
  PoolVector<__int128> whole_;  // of integer columns
  PoolVector<int64_t> counts_;
};

class FloatProduct : public Accumulator {
 public:
  FloatProduct(TypePtr result, int64_t min_count)
      : result_(std::move(result)), min_count_(min_count) {}
  void resize(uint32_t groups) override {
    values_.resize(groups, 1);
    counts_.resize(groups, 0);
  }
  void consume(const Window& window, const uint32_t* groups) override {
    for (int64_t i = 0; i < window.count; ++i) {
      if (!window.there(i)) continue;
      uint32_t group = groups ? groups[i] : 0;
      values_[group] *= window.doubles[i];
      ++counts_[group];
    }
  }
  std::vector<ArrayPtr> state() const override {
    auto all = all_groups(values_.size());
    return {double_array(arrow::float64(), all, values_.data()),
            int_array(arrow::int64(), all, counts_.data())};
  }
  void merge(const std::vector<ArrayPtr>& parts, const uint32_t* groups) override {
    for_windows(parts[0], parts[0]->length(), [&](const Window& window, int64_t start) {
      for (int64_t i = 0; i < window.count; ++i) values_[groups[start + i]] *= window.doubles[i];
    });
    for_windows(parts[1], parts[1]->length(), [&](const Window& window, int64_t start) {
      for (int64_t i = 0; i < window.count; ++i) counts_[groups[start + i]] += window.ints[i];
    });
  }
  ArrayPtr finish(std::span<const uint32_t> groups) const override {
    PoolVector<uint8_t> there(values_.size());
    for (size_t g = 0; g < there.size(); ++g) there[g] = counts_[g] >= min_count_;
    return double_array(result_, groups, values_.data(), there.data());
  }

 private:
  TypePtr result_;
  int64_t min_count_;
  PoolVector<double> values_;
  PoolVector<int64_t> counts_;
};

}  // namespace

std::unique_ptr<Accumulator> make_count(bool every_row) {
  return std::make_unique<CountAccumulator>(every_row);
}

std::unique_ptr<Accumulator> make_sum(const std::string& function, const TypePtr& type,
                                      int64_t min_count) {
  ValueKind kind = value_kind(*type);
  TypePtr result = result_type(function, type);
  if (function == "mean") return std::make_unique<FloatSum>(true, kind, result, 0);
  if (kind != ValueKind::kDouble) {
    return std::make_unique<IntFold>(function == "sum" ? Fold::kSum : Fold::kProduct, result,
                                     min_count);
  }
  if (function == "prod") return std::make_unique<FloatProduct>(result, min_count);
  return std::make_unique<FloatSum>(false, kind, result, min_count);
}

}  // namespace dusk::kernels::frame

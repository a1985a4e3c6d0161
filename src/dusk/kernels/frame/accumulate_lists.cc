// Aggregates that must remember values: distinct counts and exact medians. Their states are lists.
#include <arrow/api.h>

#include <algorithm>
#include <limits>

#include "dusk/kernels/frame/accumulator.h"
#include "dusk/kernels/frame/arrow_call.h"
#include "dusk/kernels/frame/grouper.h"
#include "dusk/kernels/frame/rows.h"

namespace dusk::kernels::frame {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;
using TypePtr = std::shared_ptr<arrow::DataType>;

// Where each group's entries begin once they are ordered by group (counting sort).
PoolVector<int64_t> group_starts(const PoolVector<uint32_t>& groups, size_t num_groups) {
  PoolVector<int64_t> starts(num_groups + 1, 0);
  for (uint32_t group : groups) ++starts[group + 1];
  for (size_t g = 0; g < num_groups; ++g) starts[g + 1] += starts[g];
  return starts;
}

// Entry numbers ordered by group.
Rows ordered_entries(const PoolVector<uint32_t>& groups, PoolVector<int64_t> starts) {
  Rows order(groups.size());
  for (size_t i = 0; i < groups.size(); ++i) {
    order[static_cast<size_t>(starts[groups[i]]++)] = static_cast<Row>(i);
  }
  return order;
}

ArrayPtr list_array(const PoolVector<int64_t>& starts, const ArrayPtr& values) {
  auto n = static_cast<int64_t>(starts.size()) - 1;
  auto offsets = allocate_bytes((n + 1) * 8);
  std::copy(starts.begin(), starts.end(), reinterpret_cast<int64_t*>(offsets->mutable_data()));
  return std::make_shared<arrow::LargeListArray>(arrow::large_list(values->type()), n, offsets,
                                                 values);
}

// The group of every entry of a list column whose row i belongs to groups[i].
PoolVector<uint32_t> entry_groups(const arrow::LargeListArray& lists, const uint32_t* groups) {
  PoolVector<uint32_t> entries;
  for (int64_t i = 0; i < lists.length(); ++i) {
    entries.insert(entries.end(), static_cast<size_t>(lists.value_length(i)), groups[i]);
  }
  return entries;
}

ArrayPtr list_values(const arrow::LargeListArray& lists) {
  int64_t start = lists.value_offset(0);
  return lists.values()->Slice(start, lists.value_offset(lists.length()) - start);
}

class NuniqueAccumulator : public Accumulator {
 public:
  NuniqueAccumulator(TypePtr type, bool dropna)
      : type_(std::move(type)), dropna_(dropna), pairs_({arrow::uint32(), type_}) {}

  void resize(uint32_t groups) override { num_groups_ = groups; }
  void consume(const Window&, const uint32_t*) override {}
  bool whole_arrays() const override { return true; }

  void consume_array(const ArrayPtr& array, const uint32_t* groups) override {
    int64_t n = array->length();
    PoolVector<uint32_t> zeros;
    if (groups == nullptr) {
      zeros.resize(static_cast<size_t>(n), 0);
      groups = zeros.data();
    }
    auto column = fixed_array(
        arrow::uint32(), n,
        std::make_shared<arrow::Buffer>(reinterpret_cast<const uint8_t*>(groups), n * 4));
    KeyBatch batch = pairs_.prepare({column, array}, n);
    uint32_t numbers[kWindow];
    for (int64_t start = 0; start < n; start += kWindow) {
      int64_t count = std::min(kWindow, n - start);
      pairs_.assign(batch, start, count, numbers);
      for (int64_t i = 0; i < count; ++i) {
        if (numbers[i] == pair_groups_.size()) pair_groups_.push_back(groups[start + i]);
      }
    }
  }

  std::vector<ArrayPtr> state() const override {
    auto starts = group_starts(pair_groups_, num_groups_);
    Rows order = ordered_entries(pair_groups_, starts);
    return {list_array(starts, pairs_.keys(order)[1])};
  }

  void merge(const std::vector<ArrayPtr>& parts, const uint32_t* groups) override {
    const auto& lists = static_cast<const arrow::LargeListArray&>(*parts[0]);
    auto entries = entry_groups(lists, groups);
    consume_array(list_values(lists), entries.data());
  }

  ArrayPtr finish(std::span<const uint32_t> groups) const override {
    PoolVector<int64_t> counts(num_groups_, 0);
    PoolVector<uint8_t> missing = pairs_.missing();
    for (size_t i = 0; i < pair_groups_.size(); ++i) {
      counts[pair_groups_[i]] += !(dropna_ && missing[i]);
    }
    return int_array(arrow::int64(), groups, counts.data());
  }

 private:
  TypePtr type_;
  bool dropna_;
  uint32_t num_groups_ = 0;
  Grouper pairs_;                     // of (group, value)
  PoolVector<uint32_t> pair_groups_;  // the group of every pair
};

class MedianAccumulator : public Accumulator {
 public:
  explicit MedianAccumulator(TypePtr type)
      : kind_(value_kind(*type)), result_(result_type("median", type)) {}

  void resize(uint32_t groups) override { num_groups_ = groups; }

  void consume(const Window& window, const uint32_t* groups) override {
    for (int64_t i = 0; i < window.count; ++i) {
      if (!window.there(i)) continue;
      values_.push_back(kind_ == ValueKind::kDouble ? window.doubles[i]
                        : kind_ == ValueKind::kInt
                            ? static_cast<double>(window.ints[i])
                            : static_cast<double>(static_cast<uint64_t>(window.ints[i])));
      groups_.push_back(groups ? groups[i] : 0);
    }
  }

  std::vector<ArrayPtr> state() const override {
    auto starts = group_starts(groups_, num_groups_);
    Rows order = ordered_entries(groups_, starts);
    return {list_array(starts, double_array(arrow::float64(), order, values_.data()))};
  }

  void merge(const std::vector<ArrayPtr>& parts, const uint32_t* groups) override {
    const auto& lists = static_cast<const arrow::LargeListArray&>(*parts[0]);
    auto entries = entry_groups(lists, groups);
    auto values = list_values(lists);
    const double* in = static_cast<const arrow::DoubleArray&>(*values).raw_values();
    values_.insert(values_.end(), in, in + values->length());
    groups_.insert(groups_.end(), entries.begin(), entries.end());
  }

  ArrayPtr finish(std::span<const uint32_t> groups) const override {
    auto starts = group_starts(groups_, num_groups_);
    PoolVector<double> sorted(values_.size());
    auto next = starts;
    for (size_t i = 0; i < values_.size(); ++i) {
      sorted[static_cast<size_t>(next[groups_[i]]++)] = values_[i];
    }
    PoolVector<double> medians(num_groups_);
    for (size_t g = 0; g < num_groups_; ++g) {
      medians[g] = median(sorted.data() + starts[g], sorted.data() + starts[g + 1]);
    }
    return double_array(result_, groups, medians.data());
  }

 private:
  static double median(double* first, double* last) {
    if (first == last) return std::numeric_limits<double>::quiet_NaN();
    double* middle = first + (last - first) / 2;
    std::nth_element(first, middle, last);
    if ((last - first) % 2 == 1) return *middle;
    return (*std::max_element(first, middle) + *middle) / 2;
  }

  ValueKind kind_;
  TypePtr result_;
  uint32_t num_groups_ = 0;
  PoolVector<double> values_;
  PoolVector<uint32_t> groups_;
};

}  // namespace

std::unique_ptr<Accumulator> make_nunique(const TypePtr& type, bool dropna) {
  return std::make_unique<NuniqueAccumulator>(type, dropna);
}

std::unique_ptr<Accumulator> make_median(const TypePtr& type) {
  return std::make_unique<MedianAccumulator>(type);
}

}  // namespace dusk::kernels::frame

// Variances: Welford's updates within a batch of rows, Chan's formula between states.
#include <arrow/api.h>

#include <cmath>
#include <limits>

#include "dusk/kernels/frame/accumulator.h"

namespace dusk::kernels::frame {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;

struct Moments {
  double count = 0;
  double mean = 0;
  double square = 0;  // sum of squared distances from the mean

  void add(double value) {
    count += 1;
    double distance = value - mean;
    mean += distance / count;
    square += distance * (value - mean);
  }
  void merge(const Moments& other) {
    if (other.count == 0) return;
    double total = count + other.count;
    double distance = other.mean - mean;
    square += other.square + distance * distance * (count * other.count / total);
    mean += distance * (other.count / total);
    count = total;
  }
};

class MomentsAccumulator : public Accumulator {
 public:
  MomentsAccumulator(std::string function, std::shared_ptr<arrow::DataType> type, int64_t ddof)
      : function_(std::move(function)),
        kind_(value_kind(*type)),
        result_(result_type(function_, type)),
        ddof_(static_cast<double>(ddof)) {}

  void resize(uint32_t groups) override { moments_.resize(groups); }

  void consume(const Window& window, const uint32_t* groups) override {
    if (kind_ == ValueKind::kDouble) {
      add(window, groups, [&](int64_t i) { return window.doubles[i]; });
    } else if (kind_ == ValueKind::kInt) {
      add(window, groups, [&](int64_t i) { return static_cast<double>(window.ints[i]); });
    } else {
      add(window, groups,
          [&](int64_t i) { return static_cast<double>(static_cast<uint64_t>(window.ints[i])); });
    }
  }

  std::vector<ArrayPtr> state() const override {
    auto all = all_groups(moments_.size());
    PoolVector<double> parts[3];
    for (const Moments& m : moments_) {
      parts[0].push_back(m.count);
      parts[1].push_back(m.mean);
      parts[2].push_back(m.square);
    }
    std::vector<ArrayPtr> arrays;
    for (const auto& part : parts) {
      arrays.push_back(double_array(arrow::float64(), all, part.data()));
    }
    return arrays;
  }

  void merge(const std::vector<ArrayPtr>& parts, const uint32_t* groups) override {
    const auto& count = static_cast<const arrow::DoubleArray&>(*parts[0]);
    const auto& mean = static_cast<const arrow::DoubleArray&>(*parts[1]);
    const auto& square = static_cast<const arrow::DoubleArray&>(*parts[2]);
    for (int64_t i = 0; i < count.length(); ++i) {
      moments_[groups[i]].merge({count.Value(i), mean.Value(i), square.Value(i)});
    }
  }

  ArrayPtr finish(std::span<const uint32_t> groups) const override {
    PoolVector<double> values(moments_.size());
    for (size_t g = 0; g < values.size(); ++g) {
      const Moments& m = moments_[g];
      double divisor = m.count - ddof_;
      double variance = divisor > 0 ? m.square / divisor : std::numeric_limits<double>::quiet_NaN();
      if (function_ == "std") variance = std::sqrt(variance);
      if (function_ == "sem") variance = std::sqrt(variance / m.count);
      values[g] = variance;
    }
    return double_array(result_, groups, values.data());
  }

 private:
  template <class F>
  void add(const Window& window, const uint32_t* groups, F value) {
    if (groups == nullptr) return add_all(window, value);
    Moments* moments = moments_.data();
    for (int64_t i = 0; i < window.count; ++i) {
      if (window.there(i)) moments[groups[i]].add(value(i));
    }
  }

  // A whole window of one group: its mean first, then the squares.
  template <class F>
  void add_all(const Window& window, F value) {
    Moments part;
    double sum = 0;
    for (int64_t i = 0; i < window.count; ++i) {
      sum += window.there(i) ? value(i) : 0.0;
      part.count += window.there(i);
    }
    if (part.count == 0) return;
    part.mean = sum / part.count;
    double left = 0;
    for (int64_t i = 0; i < window.count; ++i) {
      double distance = window.there(i) ? value(i) - part.mean : 0.0;
      part.square += distance * distance;
      left += distance;
    }
    part.square -= left * left / part.count;
    part.mean += left / part.count;
    moments_[0].merge(part);
  }

  std::string function_;
  ValueKind kind_;
  std::shared_ptr<arrow::DataType> result_;
  double ddof_;
  PoolVector<Moments> moments_;
};

}  // namespace

std::unique_ptr<Accumulator> make_moments(const std::string& function,
                                          const std::shared_ptr<arrow::DataType>& type,
                                          int64_t ddof) {
  return std::make_unique<MomentsAccumulator>(function, type, ddof);
}

}  // namespace dusk::kernels::frame

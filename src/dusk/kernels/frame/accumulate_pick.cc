// The least, greatest, first, last value of each group; whether any or all are true.
#include <arrow/api.h>

#include <type_traits>

#include "dusk/data/table.h"
#include "dusk/kernels/frame/accumulator.h"
#include "dusk/kernels/frame/arrow_call.h"

namespace dusk::kernels::frame {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;
using TypePtr = std::shared_ptr<arrow::DataType>;

struct Least {
  template <class T>
  static bool wins(const T& value, const T& held) {
    return value < held;
  }
};
struct Greatest {
  template <class T>
  static bool wins(const T& value, const T& held) {
    return value > held;
  }
};
struct First {
  template <class T>
  static bool wins(const T&, const T&) {
    return false;
  }
};
struct Last {
  template <class T>
  static bool wins(const T&, const T&) {
    return true;
  }
};

// T: int64_t, uint64_t or double. States are values, so that merging is consuming.
template <class T, class Rule>
class NumberPick : public Accumulator {
 public:
  explicit NumberPick(TypePtr type) : type_(std::move(type)) {}

  void resize(uint32_t groups) override {
    values_.resize(groups, T{});
    there_.resize(groups, 0);
  }

  void consume(const Window& window, const uint32_t* groups) override {
    const T* in = values_of(window);
    if (groups == nullptr) return consume_all(window, in);
    T* values = values_.data();
    uint8_t* there = there_.data();
    for (int64_t i = 0; i < window.count; ++i) {
      if (!window.there(i)) continue;
      uint32_t group = groups[i];
      if (!there[group] || Rule::wins(in[i], values[group])) values[group] = in[i];
      there[group] = 1;
    }
  }

  std::vector<ArrayPtr> state() const override { return {finish(all_groups(values_.size()))}; }

  void merge(const std::vector<ArrayPtr>& parts, const uint32_t* groups) override {
    for_windows(parts[0], parts[0]->length(),
                [&](const Window& window, int64_t start) { consume(window, groups + start); });
  }

  ArrayPtr finish(std::span<const uint32_t> groups) const override {
    if constexpr (std::is_same_v<T, double>) {
      return double_array(type_, groups, values_.data(), there_.data());
    } else {
      return int_array(type_, groups, reinterpret_cast<const int64_t*>(values_.data()),
                       there_.data());
    }
  }

 private:
  static const T* values_of(const Window& window) {
    if constexpr (std::is_same_v<T, double>) {
      return window.doubles;
    } else {
      return reinterpret_cast<const T*>(window.ints);
    }
  }

  void consume_all(const Window& window, const T* in) {
    T value = values_[0];
    bool there = there_[0];
    for (int64_t i = 0; i < window.count; ++i) {
      if (!window.there(i)) continue;
      value = !there || Rule::wins(in[i], value) ? in[i] : value;
      there = true;
    }
    values_[0] = value;
    there_[0] = there;
  }

  TypePtr type_;
  PoolVector<T> values_;
  PoolVector<uint8_t> there_;
};

template <class Rule>
class TextPick : public Accumulator {
 public:
  explicit TextPick(TypePtr type) : type_(std::move(type)) {}

  void resize(uint32_t groups) override {
    values_.resize(groups);
    there_.resize(groups, 0);
  }

  void consume(const Window& window, const uint32_t* groups) override {
    for (int64_t i = 0; i < window.count; ++i) {
      if (!window.there(i)) continue;
      uint32_t group = groups ? groups[i] : 0;
      std::string_view text = window.texts->text(window.start + i);
      if (!there_[group] || Rule::wins(text, std::string_view(values_[group]))) {
        values_[group].assign(text);
      }
      there_[group] = 1;
    }
  }

  std::vector<ArrayPtr> state() const override { return {finish(all_groups(values_.size()))}; }

  void merge(const std::vector<ArrayPtr>& parts, const uint32_t* groups) override {
    for_windows(parts[0], parts[0]->length(),
                [&](const Window& window, int64_t start) { consume(window, groups + start); });
  }

  ArrayPtr finish(std::span<const uint32_t> groups) const override {
    std::unique_ptr<arrow::ArrayBuilder> builder;
    bool fixed = storage_of(*type_) == Storage::kFixed;
    if (fixed) {
      int width = static_cast<const arrow::FixedWidthType&>(*type_).byte_width();
      builder = std::make_unique<arrow::FixedSizeBinaryBuilder>(arrow::fixed_size_binary(width),
                                                                data::arrow_pool());
    } else {
      builder = std::make_unique<arrow::LargeBinaryBuilder>(data::arrow_pool());
    }
    for (uint32_t group : groups) {
      arrow::Status status;
      if (!there_[group]) {
        status = builder->AppendNull();
      } else if (fixed) {
        status = static_cast<arrow::FixedSizeBinaryBuilder&>(*builder).Append(values_[group]);
      } else {
        status = static_cast<arrow::LargeBinaryBuilder&>(*builder).Append(values_[group]);
      }
      data::throw_if_failed(status, "groupby");
    }
    auto array = builder->Finish();
    data::throw_if_failed(array.status(), "groupby");
    if (!fixed) return cast_array(*array, type_);
    return arrow::MakeArray(
        arrow::ArrayData::Make(type_, (*array)->length(), (*array)->data()->buffers));
  }

 private:
  TypePtr type_;
  std::vector<std::string> values_;
  PoolVector<uint8_t> there_;
};

// Truth of numbers and texts; `any` starts false, `all` true.
class Truth : public Accumulator {
 public:
  Truth(bool any, ValueKind kind) : any_(any), kind_(kind) {}

  void resize(uint32_t groups) override { values_.resize(groups, !any_); }

  void consume(const Window& window, const uint32_t* groups) override {
    for (int64_t i = 0; i < window.count; ++i) {
      if (window.there(i)) fold(groups ? groups[i] : 0, is_true(window, i));
    }
  }

  std::vector<ArrayPtr> state() const override { return {finish(all_groups(values_.size()))}; }

  void merge(const std::vector<ArrayPtr>& parts, const uint32_t* groups) override {
    for_windows(parts[0], parts[0]->length(), [&](const Window& window, int64_t start) {
      for (int64_t i = 0; i < window.count; ++i) fold(groups[start + i], window.ints[i] != 0);
    });
  }

  ArrayPtr finish(std::span<const uint32_t> groups) const override {
    PoolVector<uint8_t> bytes(groups.size());
    for (size_t i = 0; i < groups.size(); ++i) bytes[i] = values_[groups[i]];
    return bool_array(bytes.data(), static_cast<int64_t>(bytes.size()));
  }

 private:
  bool is_true(const Window& window, int64_t i) const {
    if (kind_ == ValueKind::kDouble) return window.doubles[i] != 0;
    if (kind_ == ValueKind::kText) return !window.texts->text(window.start + i).empty();
    return window.ints[i] != 0;
  }
  void fold(uint32_t group, bool value) {
    values_[group] = any_ ? values_[group] | value : values_[group] & value;
  }

  bool any_;
  ValueKind kind_;
  PoolVector<uint8_t> values_;
};

template <class Rule>
std::unique_ptr<Accumulator> pick(const TypePtr& type) {
  switch (value_kind(*type)) {
    case ValueKind::kInt: return std::make_unique<NumberPick<int64_t, Rule>>(type);
    case ValueKind::kUInt: return std::make_unique<NumberPick<uint64_t, Rule>>(type);
    case ValueKind::kDouble: return std::make_unique<NumberPick<double, Rule>>(type);
    case ValueKind::kText: return std::make_unique<TextPick<Rule>>(type);
    default:
      throw base::type_error("[groupby] values of type " + type->ToString() +
                             " cannot be aggregated");
  }
}

}  // namespace

std::unique_ptr<Accumulator> make_pick(const std::string& function, const TypePtr& type) {
  if (function == "min") return pick<Least>(type);
  if (function == "max") return pick<Greatest>(type);
  if (function == "first") return pick<First>(type);
  if (function == "last") return pick<Last>(type);
  return std::make_unique<Truth>(function == "any", value_kind(*type));
}

}  // namespace dusk::kernels::frame

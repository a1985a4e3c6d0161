#include "dusk/kernels/frame/accumulator.h"

#include <arrow/api.h>

#include <algorithm>
#include <numeric>

#include "dusk/base/error.h"
#include "dusk/kernels/frame/arrow_call.h"
#include "dusk/kernels/frame/functions.h"
#include "dusk/kernels/frame/grouper.h"

namespace dusk::kernels::frame {

ValueKind value_kind(const arrow::DataType& type) {
  Storage storage = storage_of(type);
  if (storage == Storage::kNull || is_floating(storage)) return ValueKind::kDouble;
  if (storage >= Storage::kUInt8 && storage <= Storage::kUInt64) return ValueKind::kUInt;
  if (storage == Storage::kBool || is_integer(storage)) return ValueKind::kInt;
  if (is_text(storage) || storage == Storage::kFixed) return ValueKind::kText;
  return ValueKind::kNone;
}

WindowReader::WindowReader(std::shared_ptr<arrow::Array> array)
    : array_(std::move(array)), view_(view_of(*array_)), kind_(value_kind(*array_->type())) {
  if (kind_ == ValueKind::kInt || kind_ == ValueKind::kUInt) ints_.resize(kWindow);
  if (kind_ == ValueKind::kDouble) doubles_.resize(kWindow);
  valid_.resize(kWindow);
}

const Window& WindowReader::load(int64_t start, int64_t count) {
  window_ = Window{};
  window_.start = start;
  window_.count = count;
  if (view_.storage == Storage::kNull) {
    std::fill_n(doubles_.data(), count, 0.0);
    std::fill_n(valid_.data(), count, 0);
    window_.doubles = doubles_.data();
    window_.valid = valid_.data();
    return window_;
  }
  if (view_.validity != nullptr) {
    unpack_bits(view_.validity, view_.offset + start, count, valid_.data());
    window_.valid = valid_.data();
  }
  if (kind_ == ValueKind::kText || kind_ == ValueKind::kNone) {
    window_.texts = &view_;
    return window_;
  }
  if (view_.storage == Storage::kBool) {
    for (int64_t i = 0; i < count; ++i) ints_[static_cast<size_t>(i)] = view_.bit(start + i);
    window_.ints = ints_.data();
  } else if (view_.width == 8 && kind_ != ValueKind::kDouble) {
    window_.ints = view_.as<int64_t>() + start;
  } else if (view_.storage == Storage::kFloat64) {
    window_.doubles = view_.as<double>() + start;
  } else {
    dispatch_number(view_.storage, [&](auto zero) {
      using T = decltype(zero);
      const T* in = view_.as<T>() + start;
      if constexpr (std::is_floating_point_v<T>) {
        for (int64_t i = 0; i < count; ++i) doubles_[static_cast<size_t>(i)] = in[i];
        window_.doubles = doubles_.data();
      } else {
        int64_t* out = ints_.data();
        for (int64_t i = 0; i < count; ++i) out[i] = static_cast<int64_t>(in[i]);
        window_.ints = ints_.data();
      }
    });
  }
  if (window_.doubles == nullptr) return window_;
  const double* in = window_.doubles;
  int64_t lost = 0;
  for (int64_t i = 0; i < count; ++i) lost += in[i] != in[i];
  if (lost == 0) return window_;
  if (window_.valid == nullptr) std::fill_n(valid_.data(), count, 1);
  uint8_t* valid = valid_.data();
  for (int64_t i = 0; i < count; ++i) valid[i] &= in[i] == in[i];
  window_.valid = valid;
  return window_;
}

namespace {

[[noreturn]] void refuse(const std::string& function, const arrow::DataType& type) {
  throw base::type_error("[groupby] dtype '" + type.ToString() + "' does not support operation '" +
                         function + "'");
}

bool any_of_names(const std::string& name, std::initializer_list<const char*> names) {
  return std::any_of(names.begin(), names.end(), [&](const char* n) { return name == n; });
}

}  // namespace

std::shared_ptr<arrow::DataType> result_type(const std::string& function,
                                             const std::shared_ptr<arrow::DataType>& type) {
  if (any_of_names(function, {"size", "count", "nunique"})) return arrow::int64();
  if (any_of_names(function, {"any", "all"})) return arrow::boolean();
  auto values = normalised_type(type);
  if (any_of_names(function, {"min", "max", "first", "last"})) {
    bool decimal = arrow::is_decimal(values->id());
    if (decimal && (function == "min" || function == "max")) {
      throw base::not_implemented("[groupby] " + function + " of decimals; see docs/status.md");
    }
    return values;
  }
  if (values->id() == arrow::Type::DICTIONARY) refuse(function, *type);
  bool numeric = is_number_type(*values) || values->id() == arrow::Type::NA;
  bool single = values->id() == arrow::Type::FLOAT;
  if (any_of_names(function, {"sum", "prod"})) {
    if (values->id() == arrow::Type::DURATION && function == "sum") return values;
    if (arrow::is_decimal(values->id())) {
      throw base::not_implemented("[groupby] " + function + " of decimals; see docs/status.md");
    }
    if (!numeric) refuse(function, *type);
    if (values->id() == arrow::Type::NA) return arrow::float64();
    if (arrow::is_floating(values->id())) return values;
    return arrow::is_unsigned_integer(values->id()) ? arrow::uint64() : arrow::int64();
  }
  if (any_of_names(function, {"mean", "var", "std", "sem", "median"})) {
    bool duration = values->id() == arrow::Type::DURATION;
    if (duration && (function == "mean" || function == "median")) return values;
    if (values->id() == arrow::Type::TIMESTAMP && function == "median") return values;
    if (!numeric) refuse(function, *type);
    return single ? arrow::float32() : arrow::float64();
  }
  throw base::value_error("[groupby] there is no aggregation '" + function +
                          "'; there are sum mean count size min max var std sem prod first last "
                          "any all nunique median");
}

std::unique_ptr<Accumulator> make_accumulator(const std::string& function,
                                              const std::shared_ptr<arrow::DataType>& type,
                                              const Options& options) {
  result_type(function, type);  // throws for what cannot be
  auto values = normalised_type(type);
  if (values->id() == arrow::Type::DICTIONARY) {
    values = normalised_type(static_cast<const arrow::DictionaryType&>(*values).value_type());
  }
  Call call{"groupby", {}, &options, 0};
  if (function == "size" || function == "count") return make_count(function == "size");
  if (function == "nunique") return make_nunique(values, bool_option(call, "dropna", true));
  if (function == "median") return make_median(values);
  if (function == "var" || function == "std" || function == "sem") {
    return make_moments(function, values, integer_option(call, "ddof", 1));
  }
  if (function == "sum" || function == "prod" || function == "mean") {
    return make_sum(function, values, integer_option(call, "min_count", 0));
  }
  return make_pick(function, values);
}

namespace {

template <class T>
std::shared_ptr<arrow::Array> picked(const std::shared_ptr<arrow::DataType>& type,
                                     const std::shared_ptr<arrow::DataType>& plain,
                                     std::span<const uint32_t> groups, const T* values,
                                     const uint8_t* there) {
  auto n = static_cast<int64_t>(groups.size());
  auto buffer = allocate_bytes(n * 8);
  T* out = reinterpret_cast<T*>(buffer->mutable_data());
  for (size_t i = 0; i < groups.size(); ++i) out[i] = values[groups[i]];
  std::shared_ptr<arrow::Buffer> validity;
  if (there != nullptr) {
    PoolVector<uint8_t> bytes(groups.size());
    bool all = true;
    for (size_t i = 0; i < groups.size(); ++i) {
      bytes[i] = there[groups[i]];
      all &= bytes[i] != 0;
    }
    if (!all) validity = bits_of(bytes.data(), n);
  }
  if (storage_of(*type) == Storage::kInt64) return fixed_array(type, n, buffer, validity);
  auto array = fixed_array(plain, n, buffer, validity);
  if (storage_of(*type) == Storage::kInt32) {
    return cast_array(cast_array(array, arrow::int32()), type);  // dates and times
  }
  return cast_array(array, type);
}

}  // namespace

std::shared_ptr<arrow::Array> int_array(const std::shared_ptr<arrow::DataType>& type,
                                        std::span<const uint32_t> groups, const int64_t* values,
                                        const uint8_t* there) {
  auto plain = value_kind(*type) == ValueKind::kUInt ? arrow::uint64() : arrow::int64();
  return picked(type, plain, groups, values, there);
}

std::shared_ptr<arrow::Array> double_array(const std::shared_ptr<arrow::DataType>& type,
                                           std::span<const uint32_t> groups, const double* values,
                                           const uint8_t* there) {
  if (value_kind(*type) == ValueKind::kDouble) {
    return picked(type, arrow::float64(), groups, values, there);
  }
  PoolVector<int64_t> whole(groups.size());
  PoolVector<uint8_t> found(groups.size());
  for (size_t i = 0; i < groups.size(); ++i) {
    double value = values[groups[i]];
    found[i] = value == value && (there == nullptr || there[groups[i]]);
    whole[i] = found[i] ? static_cast<int64_t>(value) : 0;
  }
  return int_array(type, all_groups(groups.size()), whole.data(), found.data());
}

PoolVector<uint32_t> all_groups(size_t n) {
  PoolVector<uint32_t> groups(n);
  std::iota(groups.begin(), groups.end(), 0);
  return groups;
}

}  // namespace dusk::kernels::frame

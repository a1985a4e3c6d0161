// Row-wise expressions over the columns of a table: immutable trees, shared, named by a token.
//
// Functions carry pandas' or NumPy's names and pandas' meaning. A value is missing when it is null
// or, in a floating column, NaN. Arithmetic with a missing operand is missing; a comparison with
// one is False ("ne": True); integers wrap on overflow, `divide` is always floating, `floordiv` and
// `mod` round towards minus infinity and give 0 for an integer divided by zero (NumPy).
//
// Result types follow NumPy's promotion. A literal made without a type of its own is weak (a
// Python scalar, NEP 50): it takes the type of the other operand where its kind allows.
//
// Functions (options in braces, defaults as pandas'):
//   arithmetic  add subtract multiply divide floordiv mod pow neg abs round{decimals} sign
//   comparison  eq ne lt le gt ge  between{inclusive}(x, low, high)
//   logical     and or xor invert (bitwise on integers)
//   missing     isna notna fillna(x, value)  isin(x, literal...) or isin{values}(x)
//               where(x, condition, other) keeps x where true, mask the reverse; other may be left
//               out
//   values      clip(x, low, high) with null literals for "no bound"; astype{type: Arrow type name}
//               coalesce(x, y...)  minimum maximum
//   numeric     sqrt exp expm1 exp2 log log2 log10 log1p sin cos tan arcsin arccos arctan sinh cosh
//               tanh floor ceil trunc isfinite isinf
//   strings     str_contains{pat, case, regex, na} str_startswith{pat} str_endswith{pat} str_len
//               str_upper str_lower str_title str_capitalize str_swapcase str_strip{to_strip}
//               str_lstrip str_rstrip str_replace{pat, repl, n, case, regex} str_slice{start, stop,
//               step} str_get{i} str_cat{sep}(x, y) str_match{pat, case, na} str_fullmatch
//               str_zfill{width} str_pad{width, side, fillchar} str_ljust str_rjust str_center
//               str_count{pat} str_find{sub} str_repeat{repeats} str_isalpha str_isdigit
//               str_isnumeric str_isdecimal str_isalnum str_isspace str_islower str_isupper
//               str_istitle; `add` of two strings joins them
//   time        dt_year dt_month dt_day dt_hour dt_minute dt_second dt_microsecond dt_nanosecond
//               dt_dayofweek dt_weekday dt_dayofyear dt_day_of_year dt_quarter dt_days_in_month
//               dt_daysinmonth dt_is_month_start dt_is_month_end dt_is_quarter_start
//               dt_is_quarter_end dt_is_year_start dt_is_year_end dt_is_leap_year dt_date
//               dt_normalize dt_floor{freq} dt_ceil{freq} dt_round{freq} dt_day_name dt_month_name
//               dt_strftime{date_format} dt_days dt_seconds dt_microseconds dt_nanoseconds
//               dt_total_seconds to_datetime{format, errors, unit}
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "dusk/base/token.h"

namespace dusk::kernels::frame {

using OptionValue =
    std::variant<std::monostate, bool, int64_t, double, std::string, std::vector<bool>,
                 std::vector<int64_t>, std::vector<double>, std::vector<std::string>>;
using Options = std::map<std::string, OptionValue>;

class ColumnExpr;
using ColumnPtr = std::shared_ptr<const ColumnExpr>;

enum class ColumnKind : uint8_t { kField, kLiteral, kCall };

class ColumnExpr {
 public:
  static ColumnPtr field(std::string name);
  // `weak`: a Python scalar without a NumPy type of its own. A null scalar is a missing value.
  static ColumnPtr literal(std::shared_ptr<arrow::Scalar> value, bool weak = false);
  static ColumnPtr literal(int64_t value);      // weak
  static ColumnPtr literal(double value);       // weak
  static ColumnPtr literal(bool value);         // weak
  static ColumnPtr literal(std::string value);  // weak
  // Throws ValueError for a function that is not in function_names().
  static ColumnPtr call(std::string function, std::vector<ColumnPtr> args, Options options = {});

  ColumnKind kind() const { return kind_; }
  const std::string& name() const { return name_; }  // of the field or the function
  const std::shared_ptr<arrow::Scalar>& value() const { return value_; }
  bool weak() const { return weak_; }
  const std::vector<ColumnPtr>& args() const { return args_; }
  const Options& options() const { return options_; }

  const base::Token& token() const { return token_; }
  std::string text() const;                         // "(x + 1) > y"
  void fields(std::set<std::string>& names) const;  // adds the columns it reads
  std::set<std::string> fields() const;

 private:
  ColumnExpr() = default;
  ColumnKind kind_ = ColumnKind::kField;
  std::string name_;
  std::shared_ptr<arrow::Scalar> value_;
  bool weak_ = false;
  std::vector<ColumnPtr> args_;
  Options options_;
  base::Token token_;
};

// The expression with fields replaced by the expressions of those names; other fields stay.
ColumnPtr substitute(const ColumnPtr& expr, const std::map<std::string, ColumnPtr>& columns);

// The type of the result over tables of this schema. Throws KeyError, naming the nearest column
// names, for a column that is not there, and TypeError for operands a function cannot take.
std::shared_ptr<arrow::DataType> infer(const ColumnPtr& expr, const arrow::Schema& schema);

// One value a row; a literal is repeated. Same errors as infer().
std::shared_ptr<arrow::Array> evaluate(const ColumnPtr& expr, const arrow::RecordBatch& batch);
std::shared_ptr<arrow::ChunkedArray> evaluate(const ColumnPtr& expr, const arrow::Table& table);

// Sorted; what `call` accepts.
std::vector<std::string> function_names();

// A type from its Arrow name ("int64", "double", "string", "large_string", "timestamp[ns]",
// "timestamp[ns, tz=UTC]", "date32[day]", "dictionary<...>", also NumPy's "float64", "bool",
// "datetime64[ns]"). Throws TypeError for others.
std::shared_ptr<arrow::DataType> type_from_name(const std::string& name);

}  // namespace dusk::kernels::frame

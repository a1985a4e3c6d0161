// The functions that expressions call: one row a name, by family.
//
// A function takes operands (arrays of one length, or scalars) and gives an array of that length.
// It never sees a call whose operands are all scalars with a length other than 1.
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dusk/kernels/frame/expression.h"

namespace dusk::kernels::frame {

struct Operand {
  std::shared_ptr<arrow::Array> array;    // or
  std::shared_ptr<arrow::Scalar> scalar;  // one value for all rows
  bool weak = false;

  bool is_scalar() const { return array == nullptr; }
};

struct Call {
  std::string function;
  std::vector<Operand> args;
  const Options* options;
  int64_t length;
};

using Run = std::shared_ptr<arrow::Array> (*)(const Call&);

struct Function {
  const char* name;
  int least_args;
  int most_args;  // -1: any
  Run run;
};

std::vector<Function> arithmetic_functions();
std::vector<Function> comparison_functions();
std::vector<Function> logical_functions();
std::vector<Function> missing_functions();
std::vector<Function> math_functions();
std::vector<Function> string_functions();
std::vector<Function> string_predicate_functions();
std::vector<Function> time_functions();
std::vector<Function> cast_functions();

// Null when there is none of that name.
const Function* find_function(const std::string& name);

// ---- for the families ----

std::shared_ptr<arrow::DataType> type_of(const Operand& operand);
std::shared_ptr<arrow::Array> as_array(const Operand& operand, int64_t length);
arrow::Datum as_datum(const Operand& operand);
Operand operand_of(std::shared_ptr<arrow::Array> array);
// Of dictionaries their values; string views and half floats normalised.
Operand decoded(const Operand& operand);
Operand cast_operand(const Operand& operand, const std::shared_ptr<arrow::DataType>& type);
// Runs another function of the table.
std::shared_ptr<arrow::Array> run_function(const std::string& name, std::vector<Operand> args,
                                           int64_t length, const Options& options = {});

// NumPy's common type of two operands (numbers, bools, strings, times); null when there is none.
std::shared_ptr<arrow::DataType> common_type(const Operand& a, const Operand& b);
std::shared_ptr<arrow::DataType> common_type(const std::shared_ptr<arrow::DataType>& a,
                                             const std::shared_ptr<arrow::DataType>& b);
bool is_number_type(const arrow::DataType& type);  // numbers; bool too
bool is_string_type(const arrow::DataType& type);
bool is_time_type(const arrow::DataType& type);  // dates, times, timestamps, durations

// Bits where both operands are there; null when all are. Scalars must not be null.
std::shared_ptr<arrow::Buffer> common_validity(const Operand& a, const Operand& b, int64_t length);
std::shared_ptr<arrow::Array> all_missing(const std::shared_ptr<arrow::DataType>& type,
                                          int64_t length);
// Nulls of a boolean array become `value`.
std::shared_ptr<arrow::Array> without_nulls(const std::shared_ptr<arrow::Array>& array, bool value);

const OptionValue* find_option(const Options& options, const std::string& name);
std::string text_option(const Call& call, const std::string& name);  // throws when not given
std::string text_option(const Call& call, const std::string& name, const std::string& absent);
int64_t integer_option(const Call& call, const std::string& name, int64_t absent);
bool bool_option(const Call& call, const std::string& name, bool absent);

}  // namespace dusk::kernels::frame

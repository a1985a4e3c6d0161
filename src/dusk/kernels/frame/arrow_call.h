// Arrow's own functions, with Dusk's errors and memory.
#pragma once

#include <arrow/compute/type_fwd.h>
#include <arrow/type_fwd.h>

#include <memory>
#include <string>
#include <vector>

namespace dusk::kernels::frame {

// Calls a compute function by name. Types that it has not throw TypeError "[where] ...".
arrow::Datum call_arrow(const std::string& function, const std::vector<arrow::Datum>& args,
                        const arrow::compute::FunctionOptions* options = nullptr,
                        const std::string& where = "");
// The same for one array out.
std::shared_ptr<arrow::Array> call_array(const std::string& function,
                                         const std::vector<arrow::Datum>& args,
                                         const arrow::compute::FunctionOptions* options = nullptr,
                                         const std::string& where = "");

// Arrow's functions are there only after this; whoever calls them by name calls it first.
void initialize_arrow();

// Unchecked casts (integers wrap, floats truncate) of arrays; the same array when of the type
// already. A checked cast throws ValueError for values that do not fit.
std::shared_ptr<arrow::Array> cast_array(const std::shared_ptr<arrow::Array>& array,
                                         const std::shared_ptr<arrow::DataType>& type,
                                         bool checked = false, const std::string& where = "astype");

// Dictionaries become their values; string views large strings; half floats floats.
std::shared_ptr<arrow::Array> decoded(const std::shared_ptr<arrow::Array>& array);
// As decoded(), but dictionaries stay.
std::shared_ptr<arrow::Array> normalised(const std::shared_ptr<arrow::Array>& array);
std::shared_ptr<arrow::DataType> normalised_type(const std::shared_ptr<arrow::DataType>& type);

// All chunks as one array (shared when there is one).
std::shared_ptr<arrow::Array> combined(const arrow::ChunkedArray& column);

std::shared_ptr<arrow::Array> empty_array(const std::shared_ptr<arrow::DataType>& type);

// An array around new buffers.
std::shared_ptr<arrow::Buffer> allocate_bytes(int64_t size);
std::shared_ptr<arrow::Array> fixed_array(const std::shared_ptr<arrow::DataType>& type,
                                          int64_t length, std::shared_ptr<arrow::Buffer> values,
                                          std::shared_ptr<arrow::Buffer> validity = nullptr);
// Of bytes 0 and 1.
std::shared_ptr<arrow::Buffer> bits_of(const uint8_t* bytes, int64_t length);
std::shared_ptr<arrow::Array> bool_array(const uint8_t* bytes, int64_t length);

// "a", "b" and "c" nearest to `name` first, for messages.
std::string nearest_names(const std::string& name, const std::vector<std::string>& names);
// The position of a column; throws KeyError "[where] column 'x' is not in ...".
int column_index(const arrow::Schema& schema, const std::string& name, const std::string& where);

}  // namespace dusk::kernels::frame

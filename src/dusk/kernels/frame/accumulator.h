// What an aggregate keeps for every group, and how rows and other states are added to it.
//
// Values reach accumulators a window of rows at a time, widened to int64, uint64 or double, so that
// each needs three loops at most. Internal to kernels/frame.
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dusk/kernels/frame/column_view.h"
#include "dusk/kernels/frame/expression.h"
#include "dusk/kernels/frame/pool_vector.h"

namespace dusk::kernels::frame {

enum class ValueKind : uint8_t { kNone, kInt, kUInt, kDouble, kText };
// Of columns of a type; kText for strings, binaries, decimals.
ValueKind value_kind(const arrow::DataType& type);

// At most kWindow rows of a column. One of the pointers is set, by kind.
struct Window {
  const int64_t* ints = nullptr;  // kUInt too, as bits
  const double* doubles = nullptr;
  const ColumnView* texts = nullptr;  // from row `start` on
  int64_t start = 0;
  int64_t count = 0;
  const uint8_t* valid = nullptr;  // bytes; null when nothing is missing

  bool there(int64_t i) const { return valid == nullptr || valid[i] != 0; }
};

// Reads windows of one column; the window lives until the next load.
class WindowReader {
 public:
  // `array` without dictionaries.
  explicit WindowReader(std::shared_ptr<arrow::Array> array);
  const Window& load(int64_t start, int64_t count);

 private:
  std::shared_ptr<arrow::Array> array_;
  ColumnView view_;
  ValueKind kind_;
  PoolVector<int64_t> ints_;
  PoolVector<double> doubles_;
  PoolVector<uint8_t> valid_;
  Window window_;
};

class Accumulator {
 public:
  virtual ~Accumulator() = default;
  // Groups 0..groups-1 exist from now on.
  virtual void resize(uint32_t groups) = 0;
  // Adds rows; `groups` is null when all belong to group 0.
  virtual void consume(const Window& window, const uint32_t* groups) = 0;
  // One that sees whole arrays instead of windows.
  virtual bool whole_arrays() const { return false; }
  virtual void consume_array(const std::shared_ptr<arrow::Array>&, const uint32_t*) {}
  // The columns of a state table, one row a group.
  virtual std::vector<std::shared_ptr<arrow::Array>> state() const = 0;
  // Adds rows of a state table (columns as state() gives them) to groups.
  virtual void merge(const std::vector<std::shared_ptr<arrow::Array>>& parts,
                     const uint32_t* groups) = 0;
  // The results of these groups, in order, of the type result_type() says.
  virtual std::shared_ptr<arrow::Array> finish(std::span<const uint32_t> groups) const = 0;
};

// Throws TypeError for a type without that function, ValueError for an unknown function.
std::shared_ptr<arrow::DataType> result_type(const std::string& function,
                                             const std::shared_ptr<arrow::DataType>& type);
std::unique_ptr<Accumulator> make_accumulator(const std::string& function,
                                              const std::shared_ptr<arrow::DataType>& type,
                                              const Options& options);

// The families behind make_accumulator.
std::unique_ptr<Accumulator> make_sum(const std::string& function,
                                      const std::shared_ptr<arrow::DataType>& type,
                                      int64_t min_count);
std::unique_ptr<Accumulator> make_count(bool every_row);
std::unique_ptr<Accumulator> make_pick(const std::string& function,
                                       const std::shared_ptr<arrow::DataType>& type);
std::unique_ptr<Accumulator> make_moments(const std::string& function,
                                          const std::shared_ptr<arrow::DataType>& type,
                                          int64_t ddof);
std::unique_ptr<Accumulator> make_nunique(const std::shared_ptr<arrow::DataType>& type,
                                          bool dropna);
std::unique_ptr<Accumulator> make_median(const std::shared_ptr<arrow::DataType>& type);

// Calls f(window, first row) over all rows of a state column.
template <class F>
void for_windows(const std::shared_ptr<arrow::Array>& array, int64_t length, F&& f) {
  constexpr int64_t kRows = 4096;
  WindowReader reader(array);
  for (int64_t start = 0; start < length; start += kRows) {
    f(reader.load(start, length - start < kRows ? length - start : kRows), start);
  }
}

// Values picked by group as an array; missing where `there` (when given) has byte 0.
std::shared_ptr<arrow::Array> int_array(const std::shared_ptr<arrow::DataType>& type,
                                        std::span<const uint32_t> groups, const int64_t* values,
                                        const uint8_t* there = nullptr);
std::shared_ptr<arrow::Array> double_array(const std::shared_ptr<arrow::DataType>& type,
                                           std::span<const uint32_t> groups, const double* values,
                                           const uint8_t* there = nullptr);
// 0, 1, ... n - 1.
PoolVector<uint32_t> all_groups(size_t n);

}  // namespace dusk::kernels::frame

#include "dusk/kernels/array/kernel.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <vector>

#include "dusk/base/check.h"
#include "dusk/base/cpu.h"
#include "dusk/base/error.h"

namespace dusk::kernels::array {

#define DUSK_DECLARE_ROWS(isa)        \
  KernelRows arithmetic_rows_##isa(); \
  KernelRows compare_rows_##isa();    \
  KernelRows cast_rows_##isa();       \
  KernelRows math_rows_##isa();
DUSK_DECLARE_ROWS(sse2)
DUSK_DECLARE_ROWS(avx2)
DUSK_DECLARE_ROWS(avx512)

[[noreturn]] void throw_negative_power() {
  throw base::value_error("Integers to negative integer powers are not allowed.");
}

namespace {

struct Table {
  std::vector<KernelRow> rows;
  std::unordered_map<uint64_t, int> index;
};

uint64_t key_of(Function function, std::span<const data::TypeCode> arguments) {
  uint64_t key = static_cast<uint64_t>(function);
  int arity = std::min(facts(function).arity, 3);
  if (function == Function::kCast) arity = 2;  // from, to
  for (int i = 0; i < 3; ++i) {
    key = key << 8 | (i < arity ? static_cast<uint64_t>(arguments[static_cast<size_t>(i)]) : 255);
  }
  return key;
}

void append(Table& table, KernelRows rows) {
  for (int i = 0; i < rows.count; ++i) {
    KernelRow row = rows.rows[i];
    if (row.function == Function::kCast) row.arguments[1] = row.result;
    bool fresh =
        table.index
            .emplace(key_of(row.function, row.arguments), static_cast<int>(table.rows.size()))
            .second;
    DUSK_CHECK(fresh, "two kernels of one name and types");
    table.rows.push_back(row);
  }
}

Table build() {
  Table table;
  switch (base::simd_level()) {
    case base::SimdLevel::kAvx512:
      append(table, arithmetic_rows_avx512());
      append(table, compare_rows_avx512());
      append(table, cast_rows_avx512());
      append(table, math_rows_avx512());
      break;
    case base::SimdLevel::kAvx2:
      append(table, arithmetic_rows_avx2());
      append(table, compare_rows_avx2());
      append(table, cast_rows_avx2());
      append(table, math_rows_avx2());
      break;
    case base::SimdLevel::kSse2:
      append(table, arithmetic_rows_sse2());
      append(table, compare_rows_sse2());
      append(table, cast_rows_sse2());
      append(table, math_rows_sse2());
      break;
  }
  return table;
}

const Table& table() {
  static const Table* built = new Table(build());
  return *built;
}

}  // namespace

int find_kernel(Function function, std::span<const data::TypeCode> arguments) {
  auto found = table().index.find(key_of(function, arguments));
  return found == table().index.end() ? -1 : found->second;
}

const KernelRow& kernel_row(int opcode) { return table().rows[static_cast<size_t>(opcode)]; }

}  // namespace dusk::kernels::array

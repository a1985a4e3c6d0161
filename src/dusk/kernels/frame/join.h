// Hash joins, with pandas' rules: missing keys match missing keys, key types are promoted, rows
// come in pandas' order (inner, left, semi, anti: the left table's; right: the right table's;
// outer: sorted by keys, or left order followed by the right rows without a partner).
#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <string>
#include <vector>

namespace dusk::kernels::frame {

enum class JoinKind : uint8_t { kInner, kLeft, kRight, kOuter, kLeftSemi, kLeftAnti };
// "inner" "left" "right" "outer" "leftsemi" "leftanti"; throws ValueError for others.
JoinKind join_kind(const std::string& how);

// A column of the result. A key that has one name on both sides is taken from the side that has
// the row, whatever `side` says.
struct JoinColumn {
  std::string name;
  int side = 0;  // 0 left, 1 right
  std::string source;
};

struct JoinSpec {
  JoinKind kind = JoinKind::kInner;
  std::vector<std::string> left_on;
  std::vector<std::string> right_on;  // as many
  std::vector<JoinColumn> columns;
  bool sort_outer = true;  // rows of an outer join sorted by keys, as pandas
};

// Columns that may lack a partner become nullable, not floating: the caller decides what pandas
// dtype a nullable integer shows. Throws KeyError for columns that are not there, TypeError
// (pandas' ValueError "You are trying to merge on") for keys that cannot be compared.
std::shared_ptr<arrow::Schema> join_schema(const arrow::Schema& left, const arrow::Schema& right,
                                           const JoinSpec& spec);

std::shared_ptr<arrow::Table> join(const std::shared_ptr<arrow::Table>& left,
                                   const std::shared_ptr<arrow::Table>& right,
                                   const JoinSpec& spec);

// A built right side, to be probed by many left partitions (broadcast joins: inner, left, semi,
// anti). probe() is const and may be called from several threads at once.
class JoinTable {
 public:
  JoinTable(std::shared_ptr<arrow::Table> right, const arrow::Schema& left, JoinSpec spec);
  ~JoinTable();
  std::shared_ptr<arrow::Table> probe(const std::shared_ptr<arrow::Table>& left) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dusk::kernels::frame

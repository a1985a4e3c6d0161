#include "dusk/collections/frame/prune.h"

#include <arrow/api.h>
#include <arrow/compute/api.h>

#include "dusk/kernels/frame/arrow_call.h"

namespace dusk::collections::frame {
namespace {

using kernels::frame::ColumnKind;
using kernels::frame::ColumnPtr;

// left <op> right for scalars of comparable types; nothing when Arrow cannot compare them.
std::optional<bool> compare(const std::string& op, const std::shared_ptr<arrow::Scalar>& left,
                            std::shared_ptr<arrow::Scalar> right) {
  if (!left || !right || !left->is_valid || !right->is_valid) return {};
  kernels::frame::initialize_arrow();
  if (!left->type->Equals(*right->type)) {
    bool numbers = (arrow::is_integer(left->type->id()) || arrow::is_floating(left->type->id())) &&
                   (arrow::is_integer(right->type->id()) || arrow::is_floating(right->type->id()));
    bool texts = arrow::is_base_binary_like(left->type->id()) &&
                 arrow::is_base_binary_like(right->type->id());
    bool times = left->type->id() == right->type->id();
    if (!numbers && !texts && !times) return {};
    if (!numbers) {
      auto cast = right->CastTo(left->type);
      if (!cast.ok()) return {};
      right = *cast;
    }
  }
  auto result = arrow::compute::CallFunction(op, {left, right});
  if (!result.ok() || !result->scalar()->is_valid) return {};
  return static_cast<const arrow::BooleanScalar&>(*result->scalar()).value;
}

bool certainly(std::optional<bool> answer) { return answer && *answer; }

// column <function> value over [min, max]: whether it can hold somewhere.
bool range_may_match(const std::string& function, const io::Statistics& s,
                     const std::shared_ptr<arrow::Scalar>& value) {
  if (!s.min || !s.max) return true;
  if (function == "eq") {
    return !certainly(compare("less", value, s.min)) &&
           !certainly(compare("greater", value, s.max));
  }
  if (function == "lt") return !certainly(compare("greater_equal", s.min, value));
  if (function == "le") return !certainly(compare("greater", s.min, value));
  if (function == "gt") return !certainly(compare("less_equal", s.max, value));
  if (function == "ge") return !certainly(compare("less", s.max, value));
  return true;
}

std::string mirrored(const std::string& function) {
  if (function == "lt") return "gt";
  if (function == "le") return "ge";
  if (function == "gt") return "lt";
  if (function == "ge") return "le";
  return function;
}

}  // namespace

bool may_match(const ColumnPtr& predicate, const StatisticsOf& statistics) {
  if (predicate->kind() != ColumnKind::kCall) return true;
  const auto& args = predicate->args();
  const std::string& function = predicate->name();
  if (function == "and") {
    return may_match(args[0], statistics) && may_match(args[1], statistics);
  }
  if (function == "or") return may_match(args[0], statistics) || may_match(args[1], statistics);
  if (args.empty() || args[0]->kind() == ColumnKind::kCall) return true;
  if (function == "isin" && args.size() > 1 && args[0]->kind() == ColumnKind::kField) {
    io::Statistics s = statistics(args[0]->name());
    for (size_t i = 1; i < args.size(); ++i) {
      if (args[i]->kind() != ColumnKind::kLiteral || range_may_match("eq", s, args[i]->value())) {
        return true;
      }
    }
    return false;
  }
  if (args.size() != 2) return true;
  if (args[0]->kind() == ColumnKind::kField && args[1]->kind() == ColumnKind::kLiteral) {
    return range_may_match(function, statistics(args[0]->name()), args[1]->value());
  }
  if (args[0]->kind() == ColumnKind::kLiteral && args[1]->kind() == ColumnKind::kField) {
    return range_may_match(mirrored(function), statistics(args[1]->name()), args[0]->value());
  }
  return true;
}

}  // namespace dusk::collections::frame

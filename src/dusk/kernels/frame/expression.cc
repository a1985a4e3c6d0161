#include "dusk/kernels/frame/expression.h"

#include <arrow/api.h>

#include "dusk/base/error.h"
#include "dusk/kernels/frame/arrow_call.h"
#include "dusk/kernels/frame/functions.h"

namespace dusk::kernels::frame {
namespace {

struct AddOption {
  base::Tokenizer& tokens;
  void operator()(std::monostate) const { tokens.add("none"); }
  void operator()(bool v) const { tokens.add(v ? "true" : "false"); }
  void operator()(int64_t v) const { tokens.add(v); }
  void operator()(double v) const { tokens.add(v); }
  void operator()(const std::string& v) const { tokens.add(v); }
  template <class T>
  void operator()(const std::vector<T>& values) const {
    tokens.add(values.size());
    for (const auto& value : values) (*this)(static_cast<const T&>(value));
  }
};

std::string quoted(const std::string& text) {
  std::string result = "'";
  result += text;
  return result += "'";
}

struct ShowOption {
  std::string operator()(std::monostate) const { return "None"; }
  std::string operator()(bool v) const { return v ? "True" : "False"; }
  std::string operator()(int64_t v) const { return std::to_string(v); }
  std::string operator()(double v) const { return arrow::DoubleScalar(v).ToString(); }
  std::string operator()(const std::string& v) const { return quoted(v); }
  template <class T>
  std::string operator()(const std::vector<T>& values) const {
    std::string text = "[";
    for (const auto& value : values) {
      if (text.size() > 1) text += ", ";
      text += (*this)(static_cast<const T&>(value));
    }
    return text + "]";
  }
};

const std::map<std::string, std::string>& operators() {
  static const auto* table = new std::map<std::string, std::string>{
      {"add", "+"},       {"subtract", "-"}, {"multiply", "*"}, {"divide", "/"},
      {"floordiv", "//"}, {"mod", "%"},      {"pow", "**"},     {"eq", "=="},
      {"ne", "!="},       {"lt", "<"},       {"le", "<="},      {"gt", ">"},
      {"ge", ">="},       {"and", "&"},      {"or", "|"},       {"xor", "^"}};
  return *table;
}

std::string nested_text(const ColumnPtr& expr) {
  bool plain = expr->kind() != ColumnKind::kCall || !operators().contains(expr->name());
  if (plain) return expr->text();
  std::string text = "(";
  text += expr->text();
  return text += ")";
}

}  // namespace

ColumnPtr ColumnExpr::field(std::string name) {
  auto expr = std::shared_ptr<ColumnExpr>(new ColumnExpr);
  expr->name_ = std::move(name);
  expr->token_ = base::Tokenizer("column.field").add(expr->name_).finish();
  return expr;
}

ColumnPtr ColumnExpr::literal(std::shared_ptr<arrow::Scalar> value, bool weak) {
  auto expr = std::shared_ptr<ColumnExpr>(new ColumnExpr);
  expr->kind_ = ColumnKind::kLiteral;
  expr->value_ = std::move(value);
  expr->weak_ = weak;
  base::Tokenizer tokens("column.literal");
  tokens.add(expr->value_->type->ToString()).add(weak).add(expr->value_->is_valid);
  if (expr->value_->type->id() == arrow::Type::DOUBLE && expr->value_->is_valid) {
    tokens.add(static_cast<const arrow::DoubleScalar&>(*expr->value_).value);
  } else if (expr->value_->is_valid) {
    tokens.add(expr->value_->ToString());
  }
  expr->token_ = tokens.finish();
  return expr;
}

ColumnPtr ColumnExpr::literal(int64_t value) {
  return literal(std::make_shared<arrow::Int64Scalar>(value), true);
}
ColumnPtr ColumnExpr::literal(double value) {
  return literal(std::make_shared<arrow::DoubleScalar>(value), true);
}
ColumnPtr ColumnExpr::literal(bool value) {
  return literal(std::make_shared<arrow::BooleanScalar>(value), true);
}
ColumnPtr ColumnExpr::literal(std::string value) {
  return literal(std::make_shared<arrow::LargeStringScalar>(std::move(value)), true);
}

ColumnPtr ColumnExpr::call(std::string function, std::vector<ColumnPtr> args, Options options) {
  const Function* known = find_function(function);
  if (known == nullptr) {
    throw base::value_error("[column] there is no function '" + function + "'; the nearest are " +
                            nearest_names(function, function_names()));
  }
  auto count = static_cast<int>(args.size());
  if (count < known->least_args || (known->most_args >= 0 && count > known->most_args)) {
    throw base::value_error("[" + function + "] takes " + std::to_string(known->least_args) +
                            " arguments at least, " + std::to_string(count) + " were given");
  }
  auto expr = std::shared_ptr<ColumnExpr>(new ColumnExpr);
  expr->kind_ = ColumnKind::kCall;
  expr->name_ = std::move(function);
  expr->args_ = std::move(args);
  expr->options_ = std::move(options);
  base::Tokenizer tokens("column.call");
  tokens.add(expr->name_).add(expr->args_.size());
  for (const ColumnPtr& arg : expr->args_) tokens.add(arg->token());
  for (const auto& [name, value] : expr->options_) {
    tokens.add(name).add(value.index());
    std::visit(AddOption{tokens}, value);
  }
  expr->token_ = tokens.finish();
  return expr;
}

std::string ColumnExpr::text() const {
  if (kind_ == ColumnKind::kField) return name_;
  if (kind_ == ColumnKind::kLiteral) {
    bool is_text = value_->is_valid && is_string_type(*value_->type);
    return is_text ? quoted(value_->ToString()) : value_->ToString();
  }
  auto sign = operators().find(name_);
  if (sign != operators().end() && args_.size() == 2) {
    return nested_text(args_[0]) + " " + sign->second + " " + nested_text(args_[1]);
  }
  std::string text = name_ + "(";
  for (const ColumnPtr& arg : args_) text += (text.back() == '(' ? "" : ", ") + arg->text();
  for (const auto& [name, value] : options_) {
    text += (text.back() == '(' ? "" : ", ") + name + "=" + std::visit(ShowOption{}, value);
  }
  return text + ")";
}

void ColumnExpr::fields(std::set<std::string>& names) const {
  if (kind_ == ColumnKind::kField) names.insert(name_);
  for (const ColumnPtr& arg : args_) arg->fields(names);
}

std::set<std::string> ColumnExpr::fields() const {
  std::set<std::string> names;
  fields(names);
  return names;
}

ColumnPtr substitute(const ColumnPtr& expr, const std::map<std::string, ColumnPtr>& columns) {
  if (expr->kind() == ColumnKind::kLiteral) return expr;
  if (expr->kind() == ColumnKind::kField) {
    auto found = columns.find(expr->name());
    return found == columns.end() ? expr : found->second;
  }
  std::vector<ColumnPtr> args;
  bool same = true;
  for (const ColumnPtr& arg : expr->args()) {
    args.push_back(substitute(arg, columns));
    same = same && args.back() == arg;
  }
  return same ? expr : ColumnExpr::call(expr->name(), std::move(args), expr->options());
}

}  // namespace dusk::kernels::frame

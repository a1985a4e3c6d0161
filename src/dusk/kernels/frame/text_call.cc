#include "dusk/kernels/frame/text_call.h"

#include <arrow/api.h>
#include <arrow/compute/api.h>

#include "dusk/base/error.h"
#include "dusk/kernels/frame/arrow_call.h"

namespace dusk::kernels::frame {
namespace {

std::shared_ptr<arrow::Array> over_dictionary(const Call& call, Run f) {
  const auto& coded = static_cast<const arrow::DictionaryArray&>(*call.args[0].array);
  int64_t entries = coded.dictionary()->length();
  auto missing = all_missing(coded.dictionary()->type(), 1);
  auto with_missing = combined(arrow::ChunkedArray(arrow::ArrayVector{coded.dictionary(), missing},
                                                   coded.dictionary()->type()));
  Call of_entries = call;
  of_entries.args[0] = operand_of(normalised(with_missing));
  of_entries.length = entries + 1;
  auto results = over_text(of_entries, f);
  auto codes =
      call_array("coalesce", {cast_array(coded.indices(), arrow::int64()), arrow::Datum(entries)});
  return call_array("take", {results, codes});
}

}  // namespace

std::shared_ptr<arrow::Array> over_text(const Call& call, Run f) {
  const auto& x = call.args[0].array;
  if (x->type_id() == arrow::Type::DICTIONARY) return over_dictionary(call, f);
  if (x->type_id() == arrow::Type::NA) {
    Call typed = call;
    typed.args[0] = operand_of(cast_array(x, arrow::large_utf8()));
    return f(typed);
  }
  if (!is_string_type(*x->type())) {
    throw base::Error(base::ErrorKind::kAttribute,
                      "[" + call.function +
                          "] Can only use .str accessor with string values, not " +
                          x->type()->ToString());
  }
  return f(call);
}

std::string quoted_pattern(const std::string& text) {
  std::string pattern;
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && !std::isalnum(byte) && c != '_') pattern += '\\';
    pattern += c;
  }
  return pattern;
}

std::shared_ptr<arrow::Array> call_regex(const std::string& function, const Call& call,
                                         const arrow::compute::FunctionOptions& options) {
  try {
    return call_array(function, {call.args[0].array}, &options, call.function);
  } catch (const base::Error& error) {
    if (error.kind() != base::ErrorKind::kValue) throw;
    throw base::not_implemented("[" + call.function +
                                "] this regular expression has no native "
                                "form (docs/status.md): " +
                                error.what());
  }
}

}  // namespace dusk::kernels::frame

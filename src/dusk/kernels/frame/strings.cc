#include <arrow/api.h>
#include <arrow/compute/api.h>

#include <limits>

#include "dusk/base/error.h"
#include "dusk/kernels/frame/arrow_call.h"
#include "dusk/kernels/frame/functions.h"
#include "dusk/kernels/frame/text_call.h"

namespace dusk::kernels::frame {
namespace {

namespace pc = arrow::compute;
using ArrayPtr = std::shared_ptr<arrow::Array>;

ArrayPtr simple(const Call& call) {
  static const std::map<std::string, const char*> names = {{"str_upper", "utf8_upper"},
                                                           {"str_lower", "utf8_lower"},
                                                           {"str_title", "utf8_title"},
                                                           {"str_capitalize", "utf8_capitalize"},
                                                           {"str_swapcase", "utf8_swapcase"}};
  return over_text(call, [](const Call& c) {
    return call_array(names.at(c.function), {c.args[0].array}, nullptr, c.function);
  });
}

ArrayPtr length(const Call& call) {
  return over_text(call, [](const Call& c) {
    return cast_array(call_array("utf8_length", {c.args[0].array}), arrow::int64());
  });
}

ArrayPtr strip(const Call& call) {
  return over_text(call, [](const Call& c) {
    std::string side = c.function == "str_strip" ? "" : c.function.substr(4, 1);  // l or r
    if (find_option(*c.options, "to_strip") == nullptr) {
      return call_array("utf8_" + side + "trim_whitespace", {c.args[0].array});
    }
    pc::TrimOptions options(text_option(c, "to_strip"));
    return call_array("utf8_" + side + "trim", {c.args[0].array}, &options);
  });
}

ArrayPtr replace(const Call& call) {
  return over_text(call, [](const Call& c) {
    bool regex = bool_option(c, "regex", false);
    bool folded = !bool_option(c, "case", true);
    std::string pattern = text_option(c, "pat"), replacement = text_option(c, "repl");
    int64_t most = integer_option(c, "n", -1);
    if (!regex && !folded) {
      pc::ReplaceSubstringOptions options(pattern, replacement, most);
      return call_array("replace_substring", {c.args[0].array}, &options);
    }
    std::string expression = regex ? pattern : quoted_pattern(pattern);
    if (folded) expression = "(?i)" + expression;
    pc::ReplaceSubstringOptions options(expression, replacement, most);
    return call_regex("replace_substring_regex", c, options);
  });
}

// Python's slices by code points, negative positions included.
ArrayPtr slice_text(const Call& call) {
  return over_text(call, [](const Call& c) {
    int64_t step = integer_option(c, "step", 1);
    constexpr int64_t kFar = std::numeric_limits<int64_t>::max();
    pc::SliceOptions options(integer_option(c, "start", step > 0 ? 0 : -1),
                             integer_option(c, "stop", step > 0 ? kFar : -kFar), step);
    return call_array("utf8_slice_codeunits", {c.args[0].array}, &options);
  });
}

// The code point at a position; missing beyond the end.
ArrayPtr get(const Call& call) {
  return over_text(call, [](const Call& c) {
    int64_t i = integer_option(c, "i", 0);
    pc::SliceOptions options(i, i == -1 ? std::numeric_limits<int64_t>::max() : i + 1);
    auto piece = call_array("utf8_slice_codeunits", {c.args[0].array}, &options);
    auto empty = call_array("equal", {call_array("utf8_length", {piece}), arrow::Datum(0)});
    return call_array("if_else", {empty, arrow::MakeNullScalar(piece->type()), piece});
  });
}

ArrayPtr concatenate_text(const Call& call) {
  Operand a = decoded(call.args[0]), b = decoded(call.args[1]);
  std::string separator = text_option(call, "sep", "");
  if (!separator.empty()) {
    Operand sep{nullptr, std::make_shared<arrow::LargeStringScalar>(separator), true};
    a = operand_of(run_function("add", {a, sep}, call.length));
  }
  return run_function("add", {a, b}, call.length);
}

ArrayPtr pad(const Call& call) {
  return over_text(call, [](const Call& c) {
    std::string side = text_option(c, "side",
                                   c.function == "str_ljust"    ? "right"
                                   : c.function == "str_rjust"  ? "left"
                                   : c.function == "str_center" ? "both"
                                                                : "left");
    pc::PadOptions options(integer_option(c, "width", 0), text_option(c, "fillchar", " "));
    const char* name = side == "left" ? "utf8_lpad" : side == "right" ? "utf8_rpad" : "utf8_center";
    return call_array(name, {c.args[0].array}, &options);
  });
}

// Zeros go between a sign and the digits.
ArrayPtr zfill(const Call& call) {
  return over_text(call, [](const Call& c) {
    const ArrayPtr& x = c.args[0].array;
    int64_t width = integer_option(c, "width", 0);
    pc::PadOptions whole(width, "0"), rest(width - 1, "0");
    pc::SliceOptions tail(1, std::numeric_limits<int64_t>::max()), head(0, 1);
    pc::MatchSubstringOptions sign("^[+-]");
    auto has_sign = call_array("match_substring_regex", {x}, &sign);
    auto plain = call_array("utf8_lpad", {x}, &whole);
    auto digits = call_array("utf8_slice_codeunits", {x}, &tail);
    auto padded = call_array("utf8_lpad", {digits}, width > 0 ? &rest : &whole);
    auto first = call_array("utf8_slice_codeunits", {x}, &head);
    auto joined = run_function("add", {operand_of(first), operand_of(padded)}, c.length);
    return call_array("if_else", {has_sign, joined, plain});
  });
}

ArrayPtr count(const Call& call) {
  return over_text(call, [](const Call& c) {
    pc::MatchSubstringOptions options(text_option(c, "pat"));
    return cast_array(call_regex("count_substring_regex", c, options), arrow::int64());
  });
}

// In code points: the text before the match is measured.
ArrayPtr find(const Call& call) {
  return over_text(call, [](const Call& c) {
    std::string sub = text_option(c, "sub");
    const ArrayPtr& x = c.args[0].array;
    auto typed = cast_array(x, arrow::large_utf8());
    const auto& texts = static_cast<const arrow::LargeStringArray&>(*typed);
    auto values = allocate_bytes(c.length * 8);
    auto* out = reinterpret_cast<int64_t*>(values->mutable_data());
    for (int64_t i = 0; i < c.length; ++i) {
      std::string_view text = texts.GetView(i);
      size_t at = text.find(sub);
      out[i] = at == std::string_view::npos ? -1 : 0;
      for (size_t k = 0; at != std::string_view::npos && k < at; ++k) {
        out[i] += (static_cast<uint8_t>(text[k]) & 0xC0) != 0x80;
      }
    }
    return fixed_array(arrow::int64(), c.length, values,
                       common_validity(c.args[0], c.args[0], c.length));
  });
}

ArrayPtr repeat(const Call& call) {
  return over_text(call, [](const Call& c) {
    return call_array("binary_repeat",
                      {c.args[0].array, arrow::Datum(integer_option(c, "repeats", 1))});
  });
}

}  // namespace

std::vector<Function> string_functions() {
  return {{"str_upper", 1, 1, simple},
          {"str_lower", 1, 1, simple},
          {"str_title", 1, 1, simple},
          {"str_capitalize", 1, 1, simple},
          {"str_swapcase", 1, 1, simple},
          {"str_len", 1, 1, length},
          {"str_strip", 1, 1, strip},
          {"str_lstrip", 1, 1, strip},
          {"str_rstrip", 1, 1, strip},
          {"str_replace", 1, 1, replace},
          {"str_slice", 1, 1, slice_text},
          {"str_get", 1, 1, get},
          {"str_cat", 2, 2, concatenate_text},
          {"str_pad", 1, 1, pad},
          {"str_ljust", 1, 1, pad},
          {"str_rjust", 1, 1, pad},
          {"str_center", 1, 1, pad},
          {"str_zfill", 1, 1, zfill},
          {"str_count", 1, 1, count},
          {"str_find", 1, 1, find},
          {"str_repeat", 1, 1, repeat}};
}

}  // namespace dusk::kernels::frame

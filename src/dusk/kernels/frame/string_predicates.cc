#include <arrow/api.h>
#include <arrow/compute/api.h>

#include "dusk/base/error.h"
#include "dusk/kernels/frame/arrow_call.h"
#include "dusk/kernels/frame/column_view.h"
#include "dusk/kernels/frame/functions.h"
#include "dusk/kernels/frame/text_call.h"

namespace dusk::kernels::frame {
namespace {

namespace pc = arrow::compute;
using ArrayPtr = std::shared_ptr<arrow::Array>;

// What stands for a missing text: `na`, False when not given (pandas' str dtype).
ArrayPtr with_na(const Call& call, const ArrayPtr& answers) {
  return without_nulls(answers, bool_option(call, "na", false));
}

template <class Test>
ArrayPtr test_texts(const Call& call, Test test) {
  ColumnView view = view_of(*call.args[0].array);
  bool na = bool_option(call, "na", false);
  auto bytes = allocate_bytes(call.length);
  uint8_t* out = bytes->mutable_data();
  for (int64_t i = 0; i < call.length; ++i) out[i] = view.valid(i) ? test(view.text(i)) : na;
  return bool_array(out, call.length);
}

bool is_literal(const std::string& pattern) {
  return pattern.find_first_of(".^$*+?{}[]\\|()") == std::string::npos;
}

ArrayPtr contains(const Call& call) {
  return over_text(call, [](const Call& c) {
    std::string pattern = text_option(c, "pat");
    bool folded = !bool_option(c, "case", true);
    bool regex = bool_option(c, "regex", true) && !is_literal(pattern);
    if (!regex && !folded) {
      return test_texts(
          c, [&](std::string_view text) { return text.find(pattern) != std::string_view::npos; });
    }
    pc::MatchSubstringOptions options(regex ? pattern : quoted_pattern(pattern), folded);
    return with_na(c, call_regex("match_substring_regex", c, options));
  });
}

ArrayPtr match(const Call& call) {
  return over_text(call, [](const Call& c) {
    std::string end = c.function == "str_fullmatch" ? ")\\z" : ")";
    pc::MatchSubstringOptions options("\\A(?:" + text_option(c, "pat") + end,
                                      !bool_option(c, "case", true));
    return with_na(c, call_regex("match_substring_regex", c, options));
  });
}

// One affix or a list of them.
std::vector<std::string> affixes(const Call& call) {
  const OptionValue* value = find_option(*call.options, "pat");
  if (value != nullptr) {
    if (auto list = std::get_if<std::vector<std::string>>(value)) return *list;
  }
  return {text_option(call, "pat")};
}

ArrayPtr starts(const Call& call) {
  return over_text(call, [](const Call& c) {
    std::vector<std::string> list = affixes(c);
    return test_texts(c, [&](std::string_view text) {
      for (const std::string& affix : list) {
        if (text.starts_with(affix)) return true;
      }
      return false;
    });
  });
}

ArrayPtr ends(const Call& call) {
  return over_text(call, [](const Call& c) {
    std::vector<std::string> list = affixes(c);
    return test_texts(c, [&](std::string_view text) {
      for (const std::string& affix : list) {
        if (text.ends_with(affix)) return true;
      }
      return false;
    });
  });
}

ArrayPtr classify(const Call& call) {
  return over_text(call, [](const Call& c) {
    std::string kind = c.function.substr(6);
    std::string name = "utf8_is_" + (kind == "alnum" ? "alnum" : kind);
    return without_nulls(call_array(name, {c.args[0].array}, nullptr, c.function), false);
  });
}

}  // namespace

std::vector<Function> string_predicate_functions() {
  std::vector<Function> functions = {{"str_contains", 1, 1, contains},
                                     {"str_match", 1, 1, match},
                                     {"str_fullmatch", 1, 1, match},
                                     {"str_startswith", 1, 1, starts},
                                     {"str_endswith", 1, 1, ends}};
  for (const char* name :
       {"str_isalpha", "str_isdigit", "str_isnumeric", "str_isdecimal", "str_isalnum",
        "str_isspace", "str_islower", "str_isupper", "str_istitle"}) {
    functions.push_back({name, 1, 1, classify});
  }
  return functions;
}

}  // namespace dusk::kernels::frame

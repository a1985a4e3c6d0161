// What string functions share. Not part of the contract.
#pragma once

#include <arrow/compute/type_fwd.h>
#include <arrow/type_fwd.h>

#include <memory>
#include <string>

#include "dusk/kernels/frame/functions.h"

namespace dusk::kernels::frame {

// Runs `f` on the texts of the first argument. Of a dictionary, only on its entries (missing rows
// see a missing entry), and spreads the results. Throws TypeError (pandas' AttributeError "Can only
// use .str accessor with string values") for other types.
std::shared_ptr<arrow::Array> over_text(const Call& call, Run f);

// A regular expression that matches `text` literally.
std::string quoted_pattern(const std::string& text);

// A call of a function with a regular expression. Syntax that only Python knows (look-around,
// back-references) throws NotImplementedError.
std::shared_ptr<arrow::Array> call_regex(const std::string& function, const Call& call,
                                         const arrow::compute::FunctionOptions& options);

}  // namespace dusk::kernels::frame

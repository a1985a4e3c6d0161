// Blocks that land in their places of the final array as they are computed.
//
// compute() runs collect(x) in the place of x: the last operation of every block writes straight
// into the result, so that no block exists beside it.
#pragma once

#include "dusk/collections/array/array_expr.h"

namespace dusk::collections::array {

// `x` itself when nothing is gained: one block, unknown sizes, elements of another language.
ArrayPtr collect(const ArrayPtr& x);

// The whole array of a collected node and its blocks' values; to be called once, since the array
// is handed over. Blocks that turned out to be of
// another dtype or shape than declared came back as values, and decide.
data::NdArray collected(const ArrayExpr& x, const data::ValueList& blocks);

// Every block as a value, those that were put in their places as views of the array.
data::ValueList collected_blocks(const ArrayExpr& x, data::ValueList blocks);

// Whether `x` was made by collect().
bool is_collected(const ArrayExpr& x);

}  // namespace dusk::collections::array

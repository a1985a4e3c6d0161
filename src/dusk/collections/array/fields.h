// What array operations are made of, as fields of their bytes.
#pragma once

#include "dusk/collections/array/chunks.h"
#include "dusk/graph/fields.h"
#include "dusk/kernels/array/program.h"
#include "dusk/kernels/array/random.h"
#include "dusk/kernels/array/reduce.h"

namespace dusk::graph {

template <>
struct LastOf<kernels::array::Reduction> {
  static constexpr auto value = kernels::array::Reduction::kCountNonzero;
};
template <>
struct LastOf<kernels::array::Finalize::Kind> {
  static constexpr auto value = kernels::array::Finalize::Kind::kArg;
};
template <>
struct LastOf<kernels::array::Distribution> {
  static constexpr auto value = kernels::array::Distribution::kExponential;
};

// At most 2^40 blocks of together at most 2^56 elements.
template <>
struct Field<collections::array::Chunks> {
  static void write(Encoder& out, const collections::array::Chunks& chunks);
  static collections::array::Chunks read(Decoder& in);
};
template <>
struct Field<kernels::array::Constant> {
  static void write(Encoder& out, const kernels::array::Constant& constant);
  static kernels::array::Constant read(Decoder& in);  // of a type with kernels
};
template <>
struct Field<kernels::array::Program> {
  static void write(Encoder& out, const kernels::array::Program& program);
  static kernels::array::Program read(Decoder& in);
};
template <>
struct Members<kernels::array::Finalize> {
  static auto of(auto& f) { return std::tie(f.kind, f.ddof, f.dtype); }
};
template <>
struct Members<kernels::array::RandomSpec> {
  static auto of(auto& s) {
    return std::tie(s.distribution, s.key.seed, s.key.stream, s.dtype, s.a, s.b, s.low, s.high);
  }
};
template <>
struct Members<kernels::array::ReduceSpec> {
  static auto of(auto& s) { return std::tie(s.kind, s.reduced, s.dtype, s.has_m2); }
};

}  // namespace dusk::graph

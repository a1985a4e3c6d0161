#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings/array.h"
#include "bindings/convert.h"
#include "dusk/base/error.h"
#include "dusk/collections/array/indexing.h"
#include "dusk/collections/array/rechunk.h"
#include "dusk/collections/array/reduce.h"
#include "dusk/collections/array/shaping.h"

namespace dusk::bindings {

namespace kernels = dusk::kernels::array;

std::optional<array::Scalar> scalar_of(nb::handle x) {
  using kernels::Constant;
  if (PyBool_Check(x.ptr())) {
    return array::Scalar{Constant::of<bool>(data::kBoolType, x.ptr() == Py_True), false};
  }
  if (PyLong_CheckExact(x.ptr())) {
    int overflow = 0;
    int64_t value = PyLong_AsLongLongAndOverflow(x.ptr(), &overflow);
    if (overflow) return {};
    return array::Scalar{Constant::of<int64_t>(data::kInt64Type, value), true};
  }
  if (PyFloat_CheckExact(x.ptr())) {
    return array::Scalar{Constant::of<double>(data::kFloat64Type, PyFloat_AS_DOUBLE(x.ptr())),
                         true};
  }
  if (PyComplex_CheckExact(x.ptr())) {
    Py_complex c = PyComplex_AsCComplex(x.ptr());
    return array::Scalar{Constant::of<std::complex<double>>(
                             data::DType::of(data::TypeCode::kComplex128), {c.real, c.imag}),
                         true};
  }
  nb::object numpy = nb::module_::import_("numpy");
  bool generic = nb::isinstance(x, numpy.attr("generic"));
  bool zero_d = nb::isinstance(x, numpy.attr("ndarray")) && nb::cast<int>(x.attr("ndim")) == 0;
  if (!generic && !zero_d) return {};
  if (nb::cast<std::string>(x.attr("dtype").attr("kind")) == "O") return {};
  data::NdArray element = array_from_python(numpy.attr("asarray")(x));
  if (element.dtype().itemsize > 16) return {};
  Constant constant;
  constant.dtype = element.dtype();
  std::copy_n(element.data(), element.dtype().itemsize, constant.bytes);
  return array::Scalar{constant, false};
}

namespace {

std::optional<data::DType> optional_dtype(const std::optional<std::string>& dtype) {
  if (!dtype) return {};
  return data::DType::parse(*dtype);
}

nb::object elementwise(const std::string& function, nb::handle args,
                       const std::optional<std::string>& dtype) {
  std::vector<array::Argument> arguments;
  for (nb::handle arg : args) {
    if (nb::isinstance<PyArrayExpr>(arg)) {
      arguments.emplace_back(array_of(arg));
      continue;
    }
    auto scalar = scalar_of(arg);
    if (!scalar) return nb::none();
    arguments.emplace_back(*scalar);
  }
  return wrap_array(array::elementwise(function, arguments, optional_dtype(dtype)));
}

nb::object astype(nb::handle x, const std::string& dtype) {
  return wrap_array(array::astype(array_of(x), data::DType::parse(dtype)));
}

nb::object reduce(const std::string& function, nb::handle x,
                  const std::optional<std::vector<int64_t>>& axis, bool keepdims,
                  const std::optional<std::string>& dtype, double ddof,
                  const std::optional<std::vector<int64_t>>& split_every) {
  array::ArrayPtr input = array_of(x);
  array::ReduceArguments arguments;
  arguments.function = function;
  arguments.reduced.assign(input->ndim(), !axis);
  arguments.keepdims = keepdims;
  arguments.dtype = optional_dtype(dtype);
  arguments.ddof = ddof;
  if (split_every) arguments.split_every.assign(input->ndim(), 0);
  for (size_t i = 0; i < (axis ? axis->size() : input->ndim()); ++i) {
    auto d = axis ? static_cast<size_t>((*axis)[i]) : i;
    if (d >= input->ndim()) throw base::value_error("[" + function + "] axis out of range");
    arguments.reduced[d] = true;
    if (split_every) arguments.split_every[d] = (*split_every)[i];
  }
  return wrap_array(array::reduce(input, arguments));
}

nb::object slice(nb::handle x, nb::handle index) {
  std::vector<array::Index> parsed;
  for (nb::handle item : index) {
    if (item.is_none()) {
      parsed.emplace_back(array::NewAxis{});
    } else if (PyTuple_Check(item.ptr())) {
      parsed.emplace_back(array::Range{nb::cast<int64_t>(item[0]), nb::cast<int64_t>(item[1]),
                                       nb::cast<int64_t>(item[2])});
    } else {
      parsed.emplace_back(nb::cast<int64_t>(nb::int_(item)));
    }
  }
  return wrap_array(array::slice(array_of(x), parsed));
}

nb::object take(nb::handle x, nb::object indices, size_t axis) {
  nb::object flat =
      nb::module_::import_("numpy").attr("ascontiguousarray")(indices, nb::arg("dtype") = "int64");
  data::NdArray values = array_from_python(flat);
  const auto* first = values.as<int64_t>();
  return wrap_array(array::take(array_of(x), {first, first + values.size()}, axis));
}

std::vector<array::ArrayPtr> arrays_of_python(nb::handle xs) {
  std::vector<array::ArrayPtr> arrays;
  for (nb::handle x : xs) arrays.push_back(array_of(x));
  return arrays;
}

nb::object stack(nb::handle xs, size_t axis) {
  std::vector<array::ArrayPtr> expanded;
  for (const auto& x : arrays_of_python(xs)) {
    std::vector<array::Index> index;
    auto shape = x->shape();
    for (size_t d = 0; d <= shape.size(); ++d) {
      if (d == axis) index.emplace_back(array::NewAxis{});
      if (d < shape.size()) index.emplace_back(array::Range{0, shape[d], 1});
    }
    expanded.push_back(array::slice(x, index));
  }
  return wrap_array(array::concatenate(expanded, axis));
}

nb::object block(nb::handle x, nb::handle index) {
  std::vector<std::vector<int64_t>> blocks;
  for (int64_t i : integers_of(index)) blocks.push_back({i});
  return wrap_array(array::pick_blocks(array_of(x), blocks));
}

nb::object blocks_subset(nb::handle x, nb::handle index) {
  std::vector<std::vector<int64_t>> blocks;
  for (nb::handle axis : index) blocks.push_back(integers_of(axis));
  return wrap_array(array::pick_blocks(array_of(x), blocks));
}

nb::object broadcast_to(nb::handle x, const std::vector<int64_t>& shape, nb::handle chunks) {
  array::ArrayPtr input = array_of(x);
  std::vector<std::vector<int64_t>> sizes;
  for (int64_t n : shape) sizes.push_back({n});
  array::Chunks cut = chunks.is_none() ? array::Chunks::from_sizes(sizes) : chunks_of(chunks);
  return wrap_array(array::broadcast_to(input, cut));
}

nb::dict unify_chunks(nb::handle pairs) {
  std::vector<std::pair<int, std::vector<array::AxisPtr>>> labels;
  for (nb::handle pair : pairs) {
    array::Chunks chunks = chunks_of(pair[0]);
    auto names = integers_of(pair[1]);
    for (size_t d = 0; d < names.size(); ++d) {
      auto at = std::find_if(labels.begin(), labels.end(),
                             [&](const auto& l) { return l.first == names[d]; });
      if (at == labels.end()) {
        at = labels.insert(labels.end(), {static_cast<int>(names[d]), {}});
      }
      at->second.push_back(chunks.axis(d));
    }
  }
  nb::dict result;
  for (const auto& [label, axes] : labels) {
    result[nb::int_(label)] = chunks_to_python(array::Chunks({array::common_axis(axes)}))[0];
  }
  return result;
}

}  // namespace

void bind_array_calls(nb::module_& m) {
  m.def("array_elementwise", &elementwise, nb::arg("function"), nb::arg("args"),
        nb::arg("dtype") = nb::none());
  m.def("array_astype", &astype, nb::arg("x"), nb::arg("dtype"));
  m.def("array_reduce", &reduce, nb::arg("function"), nb::arg("x"), nb::arg("axis").none(),
        nb::arg("keepdims"), nb::arg("dtype") = nb::none(), nb::arg("ddof") = 0.0,
        nb::arg("split_every") = nb::none());
  m.def("array_slice", &slice, nb::arg("x"), nb::arg("index"));
  m.def("array_take", &take, nb::arg("x"), nb::arg("indices"), nb::arg("axis"));
  m.def(
      "array_transpose",
      [](nb::handle x, const std::vector<int64_t>& axes) {
        return wrap_array(array::transpose(array_of(x), axes));
      },
      nb::arg("x"), nb::arg("axes"));
  m.def(
      "array_reshape",
      [](nb::handle x, const std::vector<int64_t>& shape) {
        return wrap_array(array::reshape(array_of(x), shape));
      },
      nb::arg("x"), nb::arg("shape"));
  m.def("array_broadcast_to", &broadcast_to, nb::arg("x"), nb::arg("shape"),
        nb::arg("chunks").none());
  m.def(
      "array_concatenate",
      [](nb::handle xs, size_t axis) {
        return wrap_array(array::concatenate(arrays_of_python(xs), axis));
      },
      nb::arg("xs"), nb::arg("axis"));
  m.def("array_stack", &stack, nb::arg("xs"), nb::arg("axis"));
  m.def(
      "array_rechunk",
      [](nb::handle x, nb::handle chunks) {
        return wrap_array(array::rechunk(array_of(x), chunks_of(chunks)));
      },
      nb::arg("x"), nb::arg("chunks"));
  m.def("array_block", &block, nb::arg("x"), nb::arg("index"));
  m.def("array_blocks_subset", &blocks_subset, nb::arg("x"), nb::arg("index"));
  m.def(
      "array_with_chunks",
      [](nb::handle x, nb::handle chunks) {
        return wrap_array(array::with_chunks(array_of(x), chunks_of(chunks)));
      },
      nb::arg("x"), nb::arg("chunks"));
  m.def("array_function_names", &kernels::function_names);
  m.def("unify_chunks", &unify_chunks, nb::arg("chunks"));
}

}  // namespace dusk::bindings

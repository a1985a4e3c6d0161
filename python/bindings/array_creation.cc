#include <nanobind/stl/string.h>

#include "bindings/array.h"
#include "bindings/convert.h"
#include "bindings/object.h"
#include "bindings/plan.h"
#include "bindings/python_operation.h"
#include "dusk/base/error.h"
#include "dusk/collections/array/creation.h"
#include "dusk/collections/array/map_blocks.h"

namespace dusk::bindings {
namespace {

namespace kernels = dusk::kernels::array;

// An object array cut into views that travel as Python objects.
nb::object from_objects_in_memory(nb::object values, const array::Chunks& chunks,
                                  const std::string& token, std::string prefix) {
  data::ValueList blocks;
  for (int64_t i = 0; i < chunks.block_count(); ++i) {
    auto offset = chunks.block_offset(i);
    auto shape = chunks.block_shape(i);
    nb::list index;
    for (size_t d = 0; d < offset.size(); ++d) {
      index.append(slice_object(offset[d], offset[d] + shape[d]));
    }
    nb::object block = values[nb::tuple(index)];
    blocks.emplace_back(std::make_shared<const PyForeign>(std::move(block)));
  }
  base::Tokenizer t("objects");
  t.add(token);
  array::start_token(t, data::DType::parse("|O"), chunks);
  return wrap_array(array::from_values(std::move(blocks), data::DType::parse("|O"), chunks,
                                       t.finish(), std::move(prefix)));
}

nb::object from_numpy(nb::object values, nb::handle chunks, const std::string& token,
                      std::string prefix) {
  array::Chunks cut = chunks_of(chunks);
  if (nb::cast<std::string>(values.attr("dtype").attr("kind")) == "O") {
    return from_objects_in_memory(std::move(values), cut, token, std::move(prefix));
  }
  data::NdArray memory = array_from_python(values);
  std::vector<int64_t> shape(memory.shape().begin(), memory.shape().end());
  if (cut.shape() != shape) {
    throw base::value_error("Chunks do not add up to shape. Got chunks=" + cut.text() +
                            ", shape=" + array::shape_text(shape));
  }
  return wrap_array(
      array::from_memory(std::move(memory), std::move(cut), token, std::move(prefix)));
}

nb::object full(nb::handle, nb::handle chunks, const std::string& dtype, nb::handle value,
                std::string name) {
  data::DType type = data::DType::parse(dtype);
  nb::object numpy = nb::module_::import_("numpy");
  nb::object element = numpy.attr("full")(nb::tuple(nb::list()), value, nb::arg("dtype") = dtype);
  data::NdArray scalar = array_from_python(element);
  if (type.itemsize > 16) throw base::type_error("[full] dtype " + type.name() + " is too wide");
  kernels::Constant constant;
  constant.dtype = type;
  std::copy_n(scalar.data(), type.itemsize, constant.bytes);
  return wrap_array(array::full(constant, chunks_of(chunks), std::move(name)));
}

// Halves of a range: the float one for float dtypes, the integer one for the others.
nb::object arange(nb::handle start, nb::handle step, int64_t, nb::handle chunks,
                  const std::string& dtype) {
  data::DType type = data::DType::parse(dtype);
  auto integer = [](nb::handle x) {
    return PyLong_Check(x.ptr()) ? nb::cast<int64_t>(x)
                                 : static_cast<int64_t>(nb::cast<double>(nb::float_(x)));
  };
  bool whole = type.is_integer() || type.is_time();
  double from = whole ? 0 : nb::cast<double>(nb::float_(start));
  double by = whole ? 0 : nb::cast<double>(nb::float_(step));
  return wrap_array(array::arange(from, by, whole ? integer(start) : 0, whole ? integer(step) : 0,
                                  type, chunks_of(chunks)));
}

nb::object linspace(double start, double stop, int64_t num, bool endpoint, nb::handle chunks,
                    const std::string& dtype) {
  auto x = array::linspace(start, stop, num, endpoint, chunks_of(chunks));
  return wrap_array(array::astype(x, data::DType::parse(dtype)));
}

nb::object eye(int64_t, int64_t, int64_t k, nb::handle chunks, const std::string& dtype) {
  return wrap_array(array::eye(k, data::DType::parse(dtype), chunks_of(chunks)));
}

kernels::Distribution distribution_named(const std::string& name) {
  if (name == "random") return kernels::Distribution::kRandom;
  if (name == "uniform") return kernels::Distribution::kUniform;
  if (name == "normal") return kernels::Distribution::kNormal;
  if (name == "integers") return kernels::Distribution::kIntegers;
  if (name == "exponential") return kernels::Distribution::kExponential;
  throw base::value_error("[random] there is no distribution " + name);
}

nb::object random(const std::string& distribution, nb::handle, nb::handle chunks,
                  const std::string& dtype, uint64_t seed, uint64_t stream, double a, double b,
                  nb::handle low, nb::handle high) {
  kernels::RandomSpec spec;
  spec.distribution = distribution_named(distribution);
  spec.key = {seed, stream};
  spec.dtype = data::DType::parse(dtype);
  spec.a = a;
  spec.b = b;
  bool wide = spec.dtype.code == data::TypeCode::kUInt64;
  spec.low = wide ? static_cast<int64_t>(nb::cast<uint64_t>(low)) : nb::cast<int64_t>(low);
  spec.high = wide ? static_cast<int64_t>(nb::cast<uint64_t>(high)) : nb::cast<int64_t>(high);
  return wrap_array(array::random(spec, distribution, chunks_of(chunks)));
}

nb::object from_objects(nb::handle exprs, nb::handle chunks, const std::string& dtype) {
  array::Chunks cut = chunks_of(chunks);
  auto blocks = exprs_from_python(exprs);
  if (static_cast<int64_t>(blocks.size()) != cut.block_count()) {
    throw base::value_error("[from_delayed] " + std::to_string(blocks.size()) +
                            " values for chunks " + cut.text());
  }
  // One object: a single task turns it into a block.
  if (blocks.size() != 1) {
    throw base::value_error("[from_delayed] takes one value; concatenate makes arrays of several");
  }
  auto operation =
      make_python_operation(nb::module_::import_("numpy").attr("asanyarray"), "from-value",
                            plain_arguments(), "a Python object", ResultKind::kBlock);
  std::vector<array::MapInput> inputs{{blocks[0], {}}};
  return wrap_array(array::map_blocks(operation, inputs, data::DType::parse(dtype), cut,
                                      "from-value", "from-value"));
}

}  // namespace

void bind_array_creation(nb::module_& m) {
  m.def("array_from_numpy", &from_numpy, nb::arg("array"), nb::arg("chunks"), nb::arg("token"),
        nb::arg("prefix"));
  m.def("array_from_objects", &from_objects, nb::arg("exprs"), nb::arg("chunks"), nb::arg("dtype"));
  m.def("array_full", &full, nb::arg("shape"), nb::arg("chunks"), nb::arg("dtype"),
        nb::arg("value"), nb::arg("name"));
  m.def("array_arange", &arange, nb::arg("start"), nb::arg("step"), nb::arg("length"),
        nb::arg("chunks"), nb::arg("dtype"));
  m.def("array_linspace", &linspace, nb::arg("start"), nb::arg("stop"), nb::arg("num"),
        nb::arg("endpoint"), nb::arg("chunks"), nb::arg("dtype"));
  m.def("array_eye", &eye, nb::arg("rows"), nb::arg("columns"), nb::arg("k"), nb::arg("chunks"),
        nb::arg("dtype"));
  m.def("array_random", &random, nb::arg("distribution"), nb::arg("shape"), nb::arg("chunks"),
        nb::arg("dtype"), nb::arg("seed"), nb::arg("stream"), nb::arg("a") = 0.0,
        nb::arg("b") = 1.0, nb::arg("low") = 0, nb::arg("high") = 0);
}

}  // namespace dusk::bindings

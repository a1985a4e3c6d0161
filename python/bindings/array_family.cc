#include <nanobind/stl/string.h>

#include <cmath>

#include "bindings/array.h"
#include "bindings/convert.h"
#include "bindings/lowered.h"
#include "bindings/object.h"
#include "dusk/base/error.h"
#include "dusk/collections/array/collect.h"
#include "dusk/collections/array/creation.h"
#include "dusk/collections/array/fields.h"
#include "dusk/collections/array/map_blocks.h"

namespace dusk::bindings {
namespace {

nb::object size_to_python(int64_t size) {
  if (size == array::kUnknown) return nb::float_(NAN);
  return nb::int_(size);
}

// Blocks some of which are Python's own arrays (object dtype, subclasses): NumPy puts them
// together.
nb::object assemble_in_python(const array::Chunks& chunks, data::ValueList blocks) {
  nb::object numpy = nb::module_::import_("numpy");
  std::vector<nb::object> arrays;
  for (data::Value& block : blocks) {
    arrays.push_back(numpy.attr("asanyarray")(value_to_python(std::move(block))));
  }
  if (arrays.size() == 1) return arrays[0];
  std::vector<std::vector<int64_t>> sizes;
  for (const auto& axis : chunks.axes()) sizes.push_back(axis->sizes);
  for (size_t i = 0; i < arrays.size(); ++i) {
    auto at = chunks.coordinates(static_cast<int64_t>(i));
    for (size_t d = 0; d < at.size(); ++d) {
      sizes[d][static_cast<size_t>(at[d])] = nb::cast<int64_t>(arrays[i].attr("shape")[d]);
    }
  }
  array::Chunks real = array::Chunks::from_sizes(sizes);
  nb::list shape;
  for (int64_t n : real.shape()) shape.append(n);
  nb::object result = numpy.attr("empty")(nb::tuple(shape), arrays[0].attr("dtype"));
  for (size_t i = 0; i < arrays.size(); ++i) {
    auto offset = real.block_offset(static_cast<int64_t>(i));
    auto size = real.block_shape(static_cast<int64_t>(i));
    nb::list index;
    for (size_t d = 0; d < offset.size(); ++d) {
      index.append(slice_object(offset[d], offset[d] + size[d]));
    }
    result[nb::tuple(index)] = arrays[i];
  }
  return result;
}

class ArrayFamily : public Family {
 public:
  bool owns(const graph::Expr& expr) const override {
    return dynamic_cast<const array::ArrayExpr*>(&expr) != nullptr;
  }
  nb::object wrap(graph::ExprPtr expr) const override {
    return nb::cast(PyArrayExpr{{std::move(expr)}});
  }
  graph::ExprPtr collected(const graph::ExprPtr& expr) const override {
    return array::collect(array::as_array(expr));
  }
  nb::object finish(const graph::Expr& expr, data::ValueList blocks) const override {
    const auto& x = static_cast<const array::ArrayExpr&>(expr);
    for (const data::Value& block : blocks) {
      if (block.is_array() || block.is_none()) continue;
      if (array::is_collected(x)) blocks = array::collected_blocks(x, std::move(blocks));
      return assemble_in_python(x.chunks(), std::move(blocks));
    }
    data::NdArray result;
    {
      nb::gil_scoped_release unlocked;
      result = array::is_collected(x) ? array::collected(x, blocks)
                                      : array::assemble(x.chunks(), x.dtype(), blocks);
      // Stretched and other shared views are the engine's own: users get memory of their own.
      if (result.buffer() && result.nbytes() > static_cast<int64_t>(result.buffer()->size())) {
        data::NdArray copy = data::NdArray::empty(result.dtype(), result.shape());
        data::copy_elements(result, copy);
        result = std::move(copy);
      }
      blocks.clear();
    }
    return own_array_to_python(std::move(result));
  }
  graph::ExprPtr persisted(const graph::Expr& expr, data::ValueList blocks) const override {
    const auto& x = static_cast<const array::ArrayExpr&>(expr);
    auto made = array::from_values(std::move(blocks), x.dtype(), x.chunks(), x.token(), x.prefix());
    std::const_pointer_cast<array::ArrayExpr>(made)->stand_for(x);
    return made;
  }
  graph::ExprPtr lowered(const graph::Expr& expr, graph::LayerPtr layer,
                         RemoteBlocksPtr blocks) const override {
    const auto& x = static_cast<const array::ArrayExpr&>(expr);
    return make_lowered<array::ArrayExpr>(identity_of(x), std::move(layer), std::move(blocks),
                                          x.prefix(), x.dtype(), x.chunks());
  }
  void write_shape(const graph::Expr& expr, graph::Encoder& out) const override {
    const auto& x = static_cast<const array::ArrayExpr&>(expr);
    graph::write_fields(out, x.dtype(), x.chunks());
  }
  graph::ExprPtr read_shape(graph::Decoder& in, Identity identity) const override {
    data::DType dtype = in.dtype();
    auto chunks = graph::read_field<array::Chunks>(in);
    std::string prefix = identity.prefix;
    return make_lowered<array::ArrayExpr>(std::move(identity), nullptr, nullptr, std::move(prefix),
                                          dtype, std::move(chunks));
  }
};

}  // namespace

const Family& array_family() {
  static const ArrayFamily* family = new ArrayFamily;
  return *family;
}

nb::object slice_object(int64_t start, int64_t stop) {
  nb::int_ from(start), to(stop);
  return nb::steal(PySlice_New(from.ptr(), to.ptr(), nullptr));
}

array::ArrayPtr array_of(nb::handle x) {
  if (!nb::isinstance<PyArrayExpr>(x)) {
    throw base::type_error("expected an array expression, got a " +
                           std::string(nb::type_name(x.type()).c_str()));
  }
  return array::as_array(nb::inst_ptr<PyArrayExpr>(x)->expr);
}

nb::object wrap_array(array::ArrayPtr x) {
  if (!x) return nb::none();
  return nb::cast(PyArrayExpr{{std::move(x)}});
}

std::vector<int64_t> integers_of(nb::handle sequence) {
  std::vector<int64_t> values;
  for (nb::handle item : sequence) {
    if (PyFloat_Check(item.ptr())) {
      values.push_back(array::kUnknown);
    } else {
      values.push_back(nb::cast<int64_t>(nb::int_(item)));
    }
  }
  return values;
}

array::Chunks chunks_of(nb::handle chunks) {
  std::vector<std::vector<int64_t>> sizes;
  for (nb::handle axis : chunks) sizes.push_back(integers_of(axis));
  return array::Chunks::from_sizes(sizes);
}

nb::tuple chunks_to_python(const array::Chunks& chunks) {
  nb::list axes;
  for (const auto& axis : chunks.axes()) {
    nb::object sizes = nb::steal(PyTuple_New(static_cast<Py_ssize_t>(axis->sizes.size())));
    for (size_t i = 0; i < axis->sizes.size(); ++i) {
      PyTuple_SET_ITEM(sizes.ptr(), static_cast<Py_ssize_t>(i),
                       size_to_python(axis->sizes[i]).release().ptr());
    }
    axes.append(sizes);
  }
  return nb::tuple(axes);
}

void bind_array(nb::module_& m) {
  nb::class_<PyArrayExpr, PyExpr>(m, "ArrayExpr", "A lazy chunked array.")
      .def_prop_ro("dtype",
                   [](const PyArrayExpr& x) { return array::as_array(x.expr)->dtype().str(); })
      .def_prop_ro("ndim", [](const PyArrayExpr& x) { return array::as_array(x.expr)->ndim(); })
      .def_prop_ro("shape",
                   [](const PyArrayExpr& x) {
                     nb::list shape;
                     for (int64_t n : array::as_array(x.expr)->shape()) {
                       shape.append(size_to_python(n));
                     }
                     return nb::tuple(shape);
                   })
      .def_prop_ro("numblocks",
                   [](const PyArrayExpr& x) {
                     nb::list grid;
                     for (int64_t n : array::as_array(x.expr)->chunks().grid()) grid.append(n);
                     return nb::tuple(grid);
                   })
      .def_prop_ro("chunks", [](const PyArrayExpr& x) {
        return chunks_to_python(array::as_array(x.expr)->chunks());
      });
  bind_array_creation(m);
  bind_array_calls(m);
  bind_array_map(m);
}

}  // namespace dusk::bindings

#define PY_SSIZE_T_CLEAN
#include "bindings/convert.h"
// NumPy's C interface is used in this file only.
#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#include <numpy/arrayobject.h>

#include <cstring>
#include <memory>
#include <unordered_map>

#include "bindings/gil.h"
#include "dusk/base/error.h"

namespace dusk::bindings {
namespace {

// Importing lets go of the GIL: a guarded static would wait for a thread that waits for the GIL.
void need_numpy() {
  if (PyArray_API) return;
  if (_import_array() < 0) throw nb::python_error();
}

// Whether `object` may be an array: an exact ndarray says so by its type's name. NumPy is not
// imported for objects that have nothing to do with it.
bool may_be_array(nb::handle object) {
  return PyArray_API || std::strcmp(Py_TYPE(object.ptr())->tp_name, "numpy.ndarray") == 0;
}

PyArrayObject* as_array(nb::handle object) {
  return reinterpret_cast<PyArrayObject*>(object.ptr());
}

data::TypeCode integer_code(char kind, int64_t itemsize) {
  using data::TypeCode;
  bool is_signed = kind == 'i';
  switch (itemsize) {
    case 1: return is_signed ? TypeCode::kInt8 : TypeCode::kUInt8;
    case 2: return is_signed ? TypeCode::kInt16 : TypeCode::kUInt16;
    case 4: return is_signed ? TypeCode::kInt32 : TypeCode::kUInt32;
    default: return is_signed ? TypeCode::kInt64 : TypeCode::kUInt64;
  }
}

bool time_of(PyArray_Descr* descr, bool datetime, data::DType* out) {
  auto* meta = reinterpret_cast<PyArray_DatetimeDTypeMetaData*>(PyDataType_C_METADATA(descr));
  if (!meta) return false;
  int base = meta->meta.base;
  if (base == NPY_FR_GENERIC) {
    base = static_cast<int>(data::TimeUnit::kGeneric);
  } else if (base > 2) {
    base -= 1;  // NumPy left a gap where business days were
  }
  auto unit = static_cast<data::TimeUnit>(base);
  *out = datetime ? data::DType::datetime(unit, meta->meta.num)
                  : data::DType::timedelta(unit, meta->meta.num);
  return true;
}

// False for what the engine does not hold (structured, object, string, long double dtypes).
bool dtype_of(PyArray_Descr* descr, data::DType* out) {
  using data::DType;
  using data::TypeCode;
  auto itemsize = static_cast<int64_t>(PyDataType_ELSIZE(descr));
  switch (descr->kind) {
    case 'b': *out = DType::of(TypeCode::kBool); return true;
    case 'i':
    case 'u': *out = DType::of(integer_code(descr->kind, itemsize)); return true;
    case 'f':
      if (itemsize > 8) return false;
      *out = DType::of(itemsize == 2   ? TypeCode::kFloat16
                       : itemsize == 4 ? TypeCode::kFloat32
                                       : TypeCode::kFloat64);
      return true;
    case 'c':
      if (itemsize > 16) return false;
      *out = DType::of(itemsize == 8 ? TypeCode::kComplex64 : TypeCode::kComplex128);
      return true;
    case 'M': return time_of(descr, true, out);
    case 'm': return time_of(descr, false, out);
    case 'S':
    case 'U':
      *out = {descr->kind == 'S' ? TypeCode::kBytes : TypeCode::kUnicode, data::TimeUnit::kGeneric,
              static_cast<int32_t>(itemsize), 1};
      return true;
    default: return false;
  }
}

bool is_swapped(PyArray_Descr* descr) { return PyArray_ISNBO(descr->byteorder) == 0; }

int number_of(data::TypeCode code) {
  using data::TypeCode;
  switch (code) {
    case TypeCode::kBool: return NPY_BOOL;
    case TypeCode::kInt8: return NPY_INT8;
    case TypeCode::kInt16: return NPY_INT16;
    case TypeCode::kInt32: return NPY_INT32;
    case TypeCode::kInt64: return NPY_INT64;
    case TypeCode::kUInt8: return NPY_UINT8;
    case TypeCode::kUInt16: return NPY_UINT16;
    case TypeCode::kUInt32: return NPY_UINT32;
    case TypeCode::kUInt64: return NPY_UINT64;
    case TypeCode::kFloat16: return NPY_HALF;
    case TypeCode::kFloat32: return NPY_FLOAT;
    case TypeCode::kFloat64: return NPY_DOUBLE;
    case TypeCode::kComplex64: return NPY_CFLOAT;
    case TypeCode::kComplex128: return NPY_CDOUBLE;
    default: return -1;  // the dtype has parameters
  }
}

PyArray_Descr* new_descr(const data::DType& dtype) {
  int number = number_of(dtype.code);
  if (number >= 0) return PyArray_DescrFromType(number);
  nb::str text(dtype.str().c_str());
  PyArray_Descr* descr = nullptr;
  if (PyArray_DescrConverter(text.ptr(), &descr) != NPY_SUCCEED) throw nb::python_error();
  return descr;
}

// Recognises Python-owned memory by its deleter, so that an array can go home.
struct ReleaseObject {
  void operator()(const SharedObject* object) const { delete object; }
};

data::NdArray view_of(nb::handle object, const data::DType& dtype) {
  PyArrayObject* array = as_array(object);
  auto ndim = static_cast<size_t>(PyArray_NDIM(array));
  data::Dims shape(ndim), strides(ndim);
  int64_t low = 0, high = dtype.itemsize;
  bool empty = false;
  for (size_t d = 0; d < ndim; ++d) {
    shape[d] = PyArray_DIM(array, static_cast<int>(d));
    strides[d] = PyArray_STRIDE(array, static_cast<int>(d));
    empty |= shape[d] == 0;
    (strides[d] < 0 ? low : high) += strides[d] * (shape[d] - 1);
  }
  auto* data = static_cast<std::byte*>(PyArray_DATA(array));
  std::shared_ptr<const void> owner(new SharedObject(nb::borrow(object)), ReleaseObject());
  auto buffer = data::Buffer::wrap(empty ? data : data + low,
                                   empty ? 0 : static_cast<size_t>(high - low), std::move(owner));
  return {dtype, std::move(shape), std::move(strides), std::move(buffer), data};
}

// The engine's view of an exact ndarray; false when its dtype is not the engine's.
bool try_view(nb::handle object, data::NdArray* out) {
  PyArray_Descr* descr = PyArray_DESCR(as_array(object));
  data::DType dtype;
  if (!dtype_of(descr, &dtype)) return false;
  if (dtype.itemsize == 0) return false;
  if (!is_swapped(descr) && PyArray_ISALIGNED(as_array(object))) {
    *out = view_of(object, dtype);
    return true;
  }
  nb::object native = nb::steal(PyArray_FromArray(as_array(object), new_descr(dtype),
                                                  NPY_ARRAY_ALIGNED | NPY_ARRAY_NOTSWAPPED));
  if (!native.is_valid()) throw nb::python_error();
  *out = view_of(native, dtype);
  return true;
}

nb::object as_ndarray(nb::handle object) {
  if (PyArray_Check(object.ptr())) return nb::borrow(object);
  nb::module_ numpy = nb::module_::import_("numpy");
  bool others = nb::hasattr(object, "__array_interface__") || nb::hasattr(object, "__array__");
  if (!others && nb::hasattr(object, "__dlpack__")) return numpy.attr("from_dlpack")(object);
  return numpy.attr("asarray")(object);
}

bool sole_owner(const data::NdArray& array) {
  return array.buffer() && array.buffer().use_count() == 1 && !array.buffer()->owner();
}

// The ndarray that the memory came from, when the array is all of it and no other view is about.
nb::object original(const data::NdArray& array) {
  if (!array.buffer() || array.buffer().use_count() != 1) return {};
  const std::shared_ptr<const void>& owner = array.buffer()->owner();
  if (!owner || !std::get_deleter<ReleaseObject>(owner)) return {};
  nb::handle object = static_cast<const SharedObject*>(owner.get())->get();
  PyArrayObject* candidate = as_array(object);
  if (Py_REFCNT(object.ptr()) != 1 || PyArray_DATA(candidate) != array.data() ||
      static_cast<size_t>(PyArray_NDIM(candidate)) != array.ndim()) {
    return {};
  }
  for (size_t d = 0; d < array.ndim(); ++d) {
    if (PyArray_DIM(candidate, static_cast<int>(d)) != array.shape()[d] ||
        PyArray_STRIDE(candidate, static_cast<int>(d)) != array.strides()[d]) {
      return {};
    }
  }
  data::DType dtype;
  if (!dtype_of(PyArray_DESCR(candidate), &dtype) || dtype != array.dtype()) return {};
  return nb::borrow(object);
}

void release_buffer(PyObject* capsule) {
  delete static_cast<data::BufferPtr*>(PyCapsule_GetPointer(capsule, "dusk.buffer"));
}

nb::object view_to_python(const data::NdArray& array, bool writeable) {
  npy_intp shape[NPY_MAXDIMS];
  npy_intp strides[NPY_MAXDIMS];
  if (array.ndim() > NPY_MAXDIMS) throw base::value_error("NumPy arrays have at most 64 axes");
  for (size_t d = 0; d < array.ndim(); ++d) {
    shape[d] = array.shape()[d];
    strides[d] = array.strides()[d];
  }
  static char nothing[64];
  void* data = array.data() ? const_cast<std::byte*>(array.data()) : static_cast<void*>(nothing);
  nb::object result = nb::steal(
      PyArray_NewFromDescr(&PyArray_Type, new_descr(array.dtype()), static_cast<int>(array.ndim()),
                           shape, strides, data, writeable ? NPY_ARRAY_WRITEABLE : 0, nullptr));
  if (!result.is_valid()) throw nb::python_error();
  auto keep = std::make_unique<data::BufferPtr>(array.buffer());
  PyObject* capsule = PyCapsule_New(keep.get(), "dusk.buffer", release_buffer);
  if (!capsule) throw nb::python_error();
  keep.release();
  if (PyArray_SetBaseObject(as_array(result), capsule) != 0) throw nb::python_error();
  PyArray_UpdateFlags(as_array(result), NPY_ARRAY_UPDATE_ALL);
  return result;
}

}  // namespace

data::DType dtype_from_python(nb::handle given) {
  need_numpy();
  PyArray_Descr* descr = nullptr;
  if (PyArray_DescrConverter(given.ptr(), &descr) != NPY_SUCCEED) throw nb::python_error();
  nb::object keep = nb::steal(reinterpret_cast<PyObject*>(descr));
  if (descr->kind == 'O') return data::DType::parse("|O");
  data::DType dtype;
  if (!dtype_of(descr, &dtype)) {
    throw base::type_error("[dtype] " + std::string(nb::str(keep).c_str()) + " has no native form");
  }
  return dtype;
}

nb::object dtype_to_python(const data::DType& dtype) {
  need_numpy();
  return nb::steal(reinterpret_cast<PyObject*>(new_descr(dtype)));
}

data::NdArray array_from_python(nb::handle object) {
  need_numpy();
  nb::object array = as_ndarray(object);
  data::NdArray view;
  if (!try_view(array, &view)) {
    throw base::type_error(
        "[array] arrays of dtype " +
        std::string(nb::str(nb::handle(reinterpret_cast<PyObject*>(PyArray_DESCR(as_array(array)))))
                        .c_str()) +
        " have no native form");
  }
  return view;
}

nb::object array_to_python(data::NdArray array) {
  need_numpy();
  nb::object home = original(array);
  if (home.is_valid()) return home;
  return view_to_python(array, sole_owner(array));
}

nb::object own_array_to_python(data::NdArray array) {
  need_numpy();
  nb::object home = original(array);
  if (home.is_valid() && PyArray_ISWRITEABLE(as_array(home))) return home;
  if (!sole_owner(array)) {
    nb::gil_scoped_release unlocked;
    data::NdArray copy = data::NdArray::empty(array.dtype(), array.shape());
    data::copy_elements(array, copy);
    array = std::move(copy);
  }
  return view_to_python(array, true);
}

nb::object array_to_python(std::shared_ptr<const data::NdArray> array) {
  if (array.use_count() > 1) {
    need_numpy();
    return view_to_python(*array, false);
  }
  data::NdArray own = *array;
  array.reset();
  return array_to_python(std::move(own));
}

// Used by convert.cc.
bool try_array_value(nb::handle object, data::Value* out) {
  if (!may_be_array(object)) return false;
  need_numpy();
  if (!PyArray_CheckExact(object.ptr())) return false;
  data::NdArray view;
  if (!try_view(object, &view)) return false;
  *out = data::Value(std::move(view));
  return true;
}

}  // namespace dusk::bindings

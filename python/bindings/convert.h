// Values across the border between Python and C++.
//
// Arrays and tables cross without a copy, in both directions: whoever made the memory is kept alive
// by whoever uses it. Everything else crosses as the Python object that it is. All functions here
// need the GIL unless they say otherwise.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <string>

#include "dusk/data/table.h"
#include "dusk/data/value.h"

namespace dusk::bindings {

namespace nb = nanobind;

// A reference to a Python object that may be dropped on any thread, without the GIL, and even
// after the interpreter has gone (then it leaks on purpose).
class SharedObject {
 public:
  explicit SharedObject(nb::object object) : object_(object.release().ptr()) {}
  ~SharedObject();
  SharedObject(const SharedObject&) = delete;
  SharedObject& operator=(const SharedObject&) = delete;
  nb::handle get() const { return object_; }

 private:
  PyObject* object_;
};

// A Python object as a value of the engine.
class PyForeign : public data::ForeignObject {
 public:
  explicit PyForeign(nb::object object) : object_(std::move(object)) {}
  nb::handle get() const { return object_.get(); }
  const SharedObject& shared() const { return object_; }
  int64_t nbytes() const override;          // takes the GIL; obj.nbytes, or sys.getsizeof(obj)
  std::string type_name() const override;   // takes the GIL
  data::Frames to_frames() const override;  // takes the GIL; pickle 5, else cloudpickle

 private:
  SharedObject object_;
};

// Rebuilds what PyForeign::to_frames wrote; takes the GIL. Fits data::from_frames.
data::Value foreign_from_frames(const data::Frames& frames);

// Python's `Table`.
struct PyTable {
  data::TablePtr table;
};

// numpy.dtype <-> DType. `dtype_from_python` takes whatever numpy.dtype() takes and throws
// TypeError for structured and other dtypes that the engine does not hold.
data::DType dtype_from_python(nb::handle dtype);
nb::object dtype_to_python(const data::DType& dtype);

// The memory of anything that is an array: numpy.ndarray, __dlpack__, the buffer protocol,
// __array_interface__; lists are copied by numpy.asarray. Foreign byte order is copied. Object
// dtype throws TypeError (such chunks travel as foreign values).
data::NdArray array_from_python(nb::handle array);

// A view of the array's memory, or the very ndarray it came from. Writeable only when nobody else
// has a share in the memory any more, so pass the last reference by moving it.
nb::object array_to_python(std::shared_ptr<const data::NdArray> array);
nb::object array_to_python(data::NdArray array);

// The same for results that are the user's to change: always writeable, a copy where the memory is
// shared or read-only.
nb::object own_array_to_python(data::NdArray array);

// Exactly numpy.ndarray of a dtype that the engine holds -> array; Table -> table; None -> nothing;
// anything else (subclasses of ndarray too) -> foreign.
data::Value value_from_python(nb::handle object);
// The reverse; lists become Python lists. Moving the value in lets arrays become writeable.
nb::object value_to_python(data::Value value);

// The object as it is, even if it is an array (delayed functions hand on the very object).
data::Value foreign_value(nb::object object);
// A foreign value as value_from_python would take it; any other value unchanged. Takes the GIL.
data::Value native_value(const data::Value& value);
// The Python object of a foreign value; TypeError when it is no foreign value of Python's.
nb::object foreign_to_python(const data::Value& value);

// From any object with __arrow_c_stream__ (a Table is taken as it is).
data::TablePtr table_from_python(nb::handle stream);
// From any object with __arrow_c_schema__, and an object with that method.
std::shared_ptr<arrow::Schema> schema_from_python(nb::handle schema);
nb::object schema_to_python(std::shared_ptr<arrow::Schema> schema);

// dtype, arrays and tables in the module; called once by module.cc.
void bind_convert(nb::module_& m);

}  // namespace dusk::bindings

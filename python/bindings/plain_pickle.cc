#include "bindings/plain_pickle.h"

#include <array>
#include <bit>
#include <cstring>
#include <vector>

namespace dusk::bindings {
namespace {

constexpr int kDepthMax = 20;

void append_little(std::string& out, uint64_t bits, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(bits >> (8 * i));
}

uint64_t little(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    value |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
  }
  return value;
}

}  // namespace

void PlainPickler::add_integer(int64_t number) {
  if (number >= 0 && number < 256) {
    out_ += 'K';
    append_little(out_, static_cast<uint64_t>(number), 1);
  } else if (number >= INT32_MIN && number <= INT32_MAX) {
    out_ += 'J';
    append_little(out_, static_cast<uint64_t>(number), 4);
  } else {
    out_ += "\x8a\x08";
    append_little(out_, static_cast<uint64_t>(number), 8);
  }
}

void PlainPickler::add_text(std::string_view text) {
  if (text.size() < 256) {
    out_ += '\x8c';
    append_little(out_, text.size(), 1);
  } else {
    out_ += '\x8d';
    append_little(out_, text.size(), 8);
  }
  out_ += text;
}

bool PlainPickler::add_bytes(nb::handle bytes) {
  auto size = static_cast<size_t>(PyBytes_GET_SIZE(bytes.ptr()));
  out_ += size < 256 ? 'C' : '\x8e';
  append_little(out_, size, size < 256 ? 1 : 8);
  out_.append(PyBytes_AS_STRING(bytes.ptr()), size);
  return true;
}

bool PlainPickler::add(nb::handle object, int depth) {
  PyObject* o = object.ptr();
  if (PyLong_CheckExact(o)) {
    int overflow = 0;
    long long number = PyLong_AsLongLongAndOverflow(o, &overflow);
    if (overflow) return false;
    add_integer(number);
    return true;
  }
  if (PyFloat_CheckExact(o)) {
    auto bits = std::bit_cast<uint64_t>(PyFloat_AS_DOUBLE(o));
    out_ += 'G';
    for (int i = 7; i >= 0; --i) out_ += static_cast<char>(bits >> (8 * i));
    return true;
  }
  if (PyUnicode_CheckExact(o)) {
    Py_ssize_t size;
    const char* text = PyUnicode_AsUTF8AndSize(o, &size);
    if (!text) {  // lone surrogates
      PyErr_Clear();
      return false;
    }
    add_text({text, static_cast<size_t>(size)});
    return true;
  }
  if (o == Py_None || o == Py_True || o == Py_False) {
    out_ += o == Py_None ? 'N' : o == Py_True ? '\x88' : '\x89';
    return true;
  }
  if (PyBytes_CheckExact(o)) return add_bytes(object);
  if (depth > kDepthMax) return false;
  if (PyTuple_CheckExact(o)) return add_items(object, depth + 1);
  if (containers_ && PyList_CheckExact(o)) return add_list(object, depth + 1);
  if (containers_ && PyDict_CheckExact(o)) return add_dict(object, depth + 1);
  return other_ && (*other_)(object, out_);
}

bool PlainPickler::add_items(nb::handle tuple, int depth) {
  Py_ssize_t size = PyTuple_GET_SIZE(tuple.ptr());
  if (size == 0) {
    out_ += ')';
    return true;
  }
  if (size > 3) out_ += '(';
  for (Py_ssize_t i = 0; i < size; ++i) {
    if (!add(PyTuple_GET_ITEM(tuple.ptr(), i), depth)) return false;
  }
  out_ += size > 3 ? 't' : size == 1 ? '\x85' : size == 2 ? '\x86' : '\x87';
  return true;
}

bool PlainPickler::add_list(nb::handle list, int depth) {
  out_ += "](";
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list.ptr()); ++i) {
    if (!add(PyList_GET_ITEM(list.ptr(), i), depth)) return false;
  }
  out_ += 'e';
  return true;
}

bool PlainPickler::add_dict(nb::handle dict, int depth) {
  out_ += "}(";
  PyObject *key, *value;
  Py_ssize_t at = 0;
  while (PyDict_Next(dict.ptr(), &at, &key, &value)) {
    if (!add(key, depth) || !add(value, depth)) return false;
  }
  out_ += 'u';
  return true;
}

bool write_plain(nb::handle object, std::string& out) {
  PlainPickler pickler(out);
  pickler.begin();
  if (!pickler.add(object)) return false;
  pickler.end();
  return true;
}

// ---- reading

namespace {

constexpr size_t kStackMax = 16;

// Everything that is not expected makes it give up; pickle.loads says what is wrong then.
class PlainReader {
 public:
  explicit PlainReader(std::string_view pickle) : rest_(pickle) {}

  nb::object read() {
    if (!rest_.starts_with("\x80")) return {};
    rest_.remove_prefix(2);
    while (!rest_.empty() && size_ < kStackMax) {
      auto opcode = static_cast<uint8_t>(rest_[0]);
      rest_.remove_prefix(1);
      if (opcode == '.') return size_ == 1 && rest_.empty() ? std::move(stack_[0]) : nb::object();
      if (!step(opcode)) return {};
    }
    return {};
  }

 private:
  bool step(uint8_t opcode) {
    switch (opcode) {
      case 0x95: return skip(8);  // a frame's length
      case 0x94: return true;     // memoized; a reference to it would make us give up
      case 'N': return push(nb::none());
      case 0x88: return push(nb::borrow(Py_True));
      case 0x89: return push(nb::borrow(Py_False));
      case 'K': return integer(1);
      case 'M': return integer(2);
      case 'J': return integer(4);
      case 0x8a: return long_integer();
      case 'G': return floating();
      case 0x8c: return text(1);
      case 'X': return text(4);
      case 0x8d: return text(8);
      case 'C': return bytes(1);
      case 'B': return bytes(4);
      case 0x8e: return bytes(8);
      case ')': return tuple(0);
      case 0x85: return tuple(1);
      case 0x86: return tuple(2);
      case 0x87: return tuple(3);
      default: return false;
    }
  }
  bool skip(size_t count) {
    if (rest_.size() < count) return false;
    rest_.remove_prefix(count);
    return true;
  }
  bool take(size_t count, std::string_view* bytes) {
    if (rest_.size() < count) return false;
    *bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return true;
  }
  bool counted(size_t width, std::string_view* bytes) {
    std::string_view size;
    return take(width, &size) && take(little(size), bytes);
  }
  bool push(nb::object object) {
    if (!object.is_valid()) {
      PyErr_Clear();
      return false;
    }
    stack_[size_++] = std::move(object);
    return true;
  }
  bool integer(size_t width) {
    std::string_view bytes;
    if (!take(width, &bytes)) return false;
    auto number = static_cast<int64_t>(little(bytes));
    if (width == 4) number = static_cast<int32_t>(number);
    return push(nb::steal(PyLong_FromLongLong(number)));
  }
  bool long_integer() {
    std::string_view bytes;
    if (!counted(1, &bytes) || bytes.empty() || bytes.size() > 8) return false;
    uint64_t bits = little(bytes);
    auto shift = static_cast<int>(64 - 8 * bytes.size());
    return push(nb::steal(PyLong_FromLongLong(static_cast<int64_t>(bits << shift) >> shift)));
  }
  bool floating() {
    std::string_view bytes;
    if (!take(8, &bytes)) return false;
    uint64_t bits = 0;
    for (char byte : bytes) bits = bits << 8 | static_cast<uint8_t>(byte);
    return push(nb::steal(PyFloat_FromDouble(std::bit_cast<double>(bits))));
  }
  bool text(size_t width) {
    std::string_view bytes;
    if (!counted(width, &bytes)) return false;
    return push(nb::steal(PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()),
                                               "surrogatepass")));
  }
  bool bytes(size_t width) {
    std::string_view bytes;
    if (!counted(width, &bytes)) return false;
    return push(
        nb::steal(PyBytes_FromStringAndSize(bytes.data(), static_cast<Py_ssize_t>(bytes.size()))));
  }
  bool tuple(size_t count) {
    if (size_ < count) return false;
    nb::object made = nb::steal(PyTuple_New(static_cast<Py_ssize_t>(count)));
    if (!made.is_valid()) return push(std::move(made));
    for (size_t i = count; i > 0; --i) {
      PyTuple_SET_ITEM(made.ptr(), static_cast<Py_ssize_t>(i - 1), stack_[--size_].release().ptr());
    }
    return push(std::move(made));
  }

  std::string_view rest_;
  std::array<nb::object, kStackMax> stack_;
  size_t size_ = 0;
};

}  // namespace

nb::object read_plain(std::string_view pickle) { return PlainReader(pickle).read(); }

}  // namespace dusk::bindings

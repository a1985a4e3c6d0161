// The pickles of plain objects, written and read without the pickle module.
//
// Plain: None, bool, int of 64 bits, float, str, bytes, and tuples of them. What is written is a
// pickle of protocol 5 like any other; what is read may come from pickle itself.
#pragma once

#include <nanobind/nanobind.h>

#include <functional>
#include <string>
#include <string_view>

namespace dusk::bindings {

namespace nb = nanobind;

// Writes one object after the other into one pickle.
class PlainPickler {
 public:
  // Gets what is not plain; appends its opcodes and returns true, or returns false.
  using Other = std::function<bool(nb::handle object, std::string& out)>;

  explicit PlainPickler(std::string& out, const Other* other = nullptr)
      : out_(out), other_(other) {}

  void begin() { out_ += "\x80\x05"; }
  void end() { out_ += '.'; }
  // Also lists and dictionaries, each as if nothing else held it: for hashing, not for sending.
  void containers(bool allowed) { containers_ = allowed; }
  // False: not plain; what is in `out` is of no use then. Python's error indicator stays clear.
  bool add(nb::handle object, int depth = 0);
  bool add_items(nb::handle tuple, int depth = 0);  // as a tuple
  void add_integer(int64_t number);
  void add_text(std::string_view text);

 private:
  bool add_list(nb::handle list, int depth);
  bool add_dict(nb::handle dict, int depth);
  bool add_bytes(nb::handle bytes);

  std::string& out_;
  const Other* other_;
  bool containers_ = false;
};

// The pickle of a plain object; false for others.
bool write_plain(nb::handle object, std::string& out);
// The object of a pickle that holds a plain one and needs no buffers; invalid for others, which
// pickle.loads has to read.
nb::object read_plain(std::string_view pickle);

}  // namespace dusk::bindings

// What a task returns: nothing, an array chunk, a table partition, a list of values, or an object
// of another language. Immutable, shared, cheap to copy.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "dusk/data/ndarray.h"

namespace dusk::data {

class Table;  // dusk/data/table.h
class Value;
struct Frames;

// An object of another language, seen only through what the engine must know of it. Its destructor
// may run on any thread and takes whatever lock its language needs.
class ForeignObject {
 public:
  virtual ~ForeignObject() = default;
  virtual int64_t nbytes() const = 0;         // an estimate of the memory it holds
  virtual std::string type_name() const = 0;  // for messages
  virtual Frames to_frames() const = 0;       // throws TypeError when it cannot be serialised
};

using ValueList = std::vector<Value>;

class Value {
 public:
  Value() = default;
  Value(NdArray array)  // NOLINT
      : held_(std::make_shared<const NdArray>(std::move(array))) {}
  Value(std::shared_ptr<const NdArray> array) : held_(std::move(array)) {}          // NOLINT
  Value(std::shared_ptr<const Table> table) : held_(std::move(table)) {}            // NOLINT
  Value(std::shared_ptr<const ForeignObject> object) : held_(std::move(object)) {}  // NOLINT
  Value(ValueList values)                                                           // NOLINT
      : held_(std::make_shared<const ValueList>(std::move(values))) {}

  bool is_none() const { return held_.index() == 0; }
  bool is_array() const { return held_.index() == 1; }
  bool is_table() const { return held_.index() == 2; }
  bool is_foreign() const { return held_.index() == 3; }
  bool is_list() const { return held_.index() == 4; }

  // Each throws TypeError when the value is of another kind.
  const NdArray& array() const;
  const std::shared_ptr<const Table>& table() const;
  const std::shared_ptr<const ForeignObject>& foreign() const;
  const ValueList& list() const;

  int64_t nbytes() const;         // memory it keeps alive, shared buffers counted once per value
  std::string type_name() const;  // "array", "table", ...

 private:
  std::variant<std::monostate, std::shared_ptr<const NdArray>, std::shared_ptr<const Table>,
               std::shared_ptr<const ForeignObject>, std::shared_ptr<const ValueList>>
      held_;
};

// The form in which a Value is sent, spilled and shared: one header and a list of buffers.
struct Frames {
  std::string header;
  std::vector<BufferPtr> buffers;
};

// Arrays and lists of them, and tables. Foreign objects encode themselves.
Frames to_frames(const Value& value);
// Throws ValueError for a header that was not made by to_frames, or buffers that do not fit it.
// `decode_foreign` rebuilds foreign parts (may be null: then they are a TypeError).
using ForeignDecoder = Value (*)(const Frames&);
Value from_frames(const Frames& frames, ForeignDecoder decode_foreign = nullptr);

}  // namespace dusk::data

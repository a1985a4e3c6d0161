#include "dusk/data/value.h"

#include <unordered_set>

#include "dusk/base/error.h"
#include "dusk/data/table.h"

namespace dusk::data {
namespace {

[[noreturn]] void wrong_kind(const Value& value, const char* wanted) {
  throw base::type_error("expected " + std::string(wanted) + ", got " + value.type_name());
}

int64_t count_bytes(const Value& value, std::unordered_set<const void*>& seen) {
  if (value.is_array()) {
    const BufferPtr& buffer = value.array().buffer();
    if (!buffer || !seen.insert(buffer.get()).second) return 0;
    return static_cast<int64_t>(buffer->size());
  }
  if (value.is_table()) {
    return seen.insert(value.table().get()).second ? value.table()->nbytes() : 0;
  }
  if (value.is_foreign()) {
    return seen.insert(value.foreign().get()).second ? value.foreign()->nbytes() : 0;
  }
  int64_t bytes = 0;
  if (value.is_list()) {
    for (const Value& v : value.list()) bytes += count_bytes(v, seen);
  }
  return bytes;
}

}  // namespace

const NdArray& Value::array() const {
  if (!is_array()) wrong_kind(*this, "an array");
  return *std::get<1>(held_);
}
const std::shared_ptr<const Table>& Value::table() const {
  if (!is_table()) wrong_kind(*this, "a table");
  return std::get<2>(held_);
}
const std::shared_ptr<const ForeignObject>& Value::foreign() const {
  if (!is_foreign()) wrong_kind(*this, "an object");
  return std::get<3>(held_);
}
const ValueList& Value::list() const {
  if (!is_list()) wrong_kind(*this, "a list");
  return *std::get<4>(held_);
}

int64_t Value::nbytes() const {
  if (is_none()) return 0;
  if (is_array()) return array().buffer() ? static_cast<int64_t>(array().buffer()->size()) : 0;
  std::unordered_set<const void*> seen;
  return count_bytes(*this, seen);
}

std::string Value::type_name() const {
  if (is_none()) return "nothing";
  if (is_array()) return "array of " + array().dtype().name();
  if (is_table()) return "table";
  if (is_foreign()) return foreign()->type_name();
  return "list of " + std::to_string(list().size());
}

}  // namespace dusk::data

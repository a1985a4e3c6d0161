#include "dusk/base/error.h"

namespace dusk::base {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kValue: return "ValueError";
    case ErrorKind::kType: return "TypeError";
    case ErrorKind::kIndex: return "IndexError";
    case ErrorKind::kKey: return "KeyError";
    case ErrorKind::kAttribute: return "AttributeError";
    case ErrorKind::kNotImplemented: return "NotImplementedError";
    case ErrorKind::kZeroDivision: return "ZeroDivisionError";
    case ErrorKind::kOverflow: return "OverflowError";
    case ErrorKind::kMemory: return "MemoryError";
    case ErrorKind::kOs: return "OSError";
    case ErrorKind::kFileNotFound: return "FileNotFoundError";
    case ErrorKind::kParse: return "ParserError";
    case ErrorKind::kCancelled: return "CancelledError";
    case ErrorKind::kRuntime: return "RuntimeError";
    case ErrorKind::kForeign: return "ForeignError";
  }
  return "Error";
}

}  // namespace dusk::base

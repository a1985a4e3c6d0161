// What can go wrong, as one type.
//
// `Error` is thrown where the caller made a mistake (a graph being built) and carried inside a
// `Result` where the world failed (a file, a task, a peer). Its kind names the class of exception
// that users of NumPy, pandas or Dask expect; the bindings turn it into that Python class.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace dusk::base {

enum class ErrorKind {
  kValue,
  kType,
  kIndex,
  kKey,
  kAttribute,
  kNotImplemented,
  kZeroDivision,
  kOverflow,
  kMemory,
  kOs,
  kFileNotFound,
  kParse,
  kCancelled,
  kRuntime,
  kForeign,  // raised by code of another language; see Error::foreign
};

std::string_view to_string(ErrorKind kind);

// An exception object of another language, kept alive as it is (the bindings keep a Python one).
class ForeignException {
 public:
  virtual ~ForeignException() = default;
};

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  Error(std::shared_ptr<const ForeignException> foreign, const std::string& message)
      : std::runtime_error(message), kind_(ErrorKind::kForeign), foreign_(std::move(foreign)) {}

  ErrorKind kind() const { return kind_; }
  const std::shared_ptr<const ForeignException>& foreign() const { return foreign_; }

  // The name of the task that failed; empty while no task is involved.
  const std::string& task() const { return task_; }
  void set_task(std::string name) { task_ = std::move(name); }
  // Which of several operations that run inside the task; empty when it has only one.
  const std::string& step() const { return step_; }
  void set_step(std::string name) { step_ = std::move(name); }

 private:
  ErrorKind kind_;
  std::shared_ptr<const ForeignException> foreign_;
  std::string task_;
  std::string step_;
};

// Shorthands for the commonest throws: `throw value_error("[reshape] ...")`.
inline Error value_error(const std::string& m) { return {ErrorKind::kValue, m}; }
inline Error type_error(const std::string& m) { return {ErrorKind::kType, m}; }
inline Error index_error(const std::string& m) { return {ErrorKind::kIndex, m}; }
inline Error key_error(const std::string& m) { return {ErrorKind::kKey, m}; }
inline Error not_implemented(const std::string& m) { return {ErrorKind::kNotImplemented, m}; }
inline Error runtime_error(const std::string& m) { return {ErrorKind::kRuntime, m}; }

}  // namespace dusk::base

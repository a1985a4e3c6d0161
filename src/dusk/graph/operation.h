// What one task does, as a value.
//
// An Operation is immutable and shared by all tasks of its layer; `TaskContext::index` tells them
// apart. It knows nothing of scheduling: the executor calls run() on any thread, at most once per
// task at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "dusk/base/result.h"
#include "dusk/data/value.h"

namespace dusk::graph {

struct TaskContext {
  int64_t index = 0;                             // of the task in its layer
  const std::atomic<bool>* cancelled = nullptr;  // long kernels look at it between blocks
};

class Encoder;  // dusk/graph/codec.h
class Operation;
using OperationPtr = std::shared_ptr<const Operation>;
// A task's own references to its inputs. They live until run() returns, or until take().
using Inputs = std::span<const data::Value>;

// Takes input `i` out of its place: the way to become the sole owner of memory that no other task
// needs. REQUIRES: what calls run() keeps its inputs in storage that is not const.
inline data::Value take(Inputs inputs, size_t i) {
  return std::move(const_cast<data::Value&>(inputs[i]));
}

class Operation {
 public:
  virtual ~Operation() = default;

  // The field's name for it ("add", "sum", "read-parquet"); prefix of the task's key.
  virtual std::string name() const = 0;
  // Computes the task's value. May also throw base::Error; the executor treats both alike.
  virtual base::Result<data::Value> run(const TaskContext& context, Inputs inputs) const = 0;

  // False when run() executes Python; such tasks go to threads that keep a Python thread state.
  virtual bool native() const { return true; }
  // An upper bound of the bytes that run() allocates, result included; -1 when unknown.
  virtual int64_t bound(int64_t index) const {
    (void)index;
    return -1;
  }
  // One line for explain(): the parameters that matter, the fused program, why it is not native.
  virtual std::string detail() const { return {}; }
  // False when the result depends on TaskContext::index.
  virtual bool index_free() const { return true; }
  // True for sources so cheap that computing them again in every consumer beats keeping them
  // (constants, ranges).
  virtual bool cheap() const { return false; }
  // True for sources whose blocks are already in memory: run() only hands them out. Where tasks
  // run elsewhere, the blocks are sent as values instead of the operation with all of them.
  virtual bool holds_blocks() const { return false; }
  // This operation with input `position` computed inside by `producer`, when there is a closer
  // form than running one after the other (two elementwise programs become one); else null. The
  // result takes the producer's inputs in the place of `position`.
  virtual OperationPtr absorb(size_t position, const Operation& producer) const {
    (void)position;
    (void)producer;
    return nullptr;
  }
  // This operation for the case that inputs `first` < `second` are the same value: input `second`
  // is gone. Null when it has no such form.
  virtual OperationPtr merge_inputs(size_t first, size_t second) const {
    (void)first;
    (void)second;
    return nullptr;
  }

  // The name of the decoder that rebuilds it in another process ("graph.fused"); empty when it
  // cannot leave this one.
  virtual std::string_view codec() const { return {}; }
  // Writes what that decoder reads. Called when codec() is not empty; throws TypeError, with the
  // reason, when some parameter cannot be written.
  virtual void encode(Encoder& out) const { (void)out; }
};

}  // namespace dusk::graph

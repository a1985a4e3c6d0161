// How tasks of one kind are run: Python functions, native expressions...
//
// A code's body says its language in the first byte of its header. A worker loads a code when the
// first of its tasks starts, and calls it on its threads from then on.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "dusk/base/result.h"
#include "dusk/cluster/messages.h"
#include "dusk/data/value.h"

namespace dusk::node {

class Worker;

// What a task gets beside its inputs.
struct Call {
  const std::string& key;
  const cluster::Body& arguments;
  const std::atomic<bool>* cancelled = nullptr;
  Worker* worker = nullptr;
  cluster::TaskId task;
  uint32_t attempt = 0;
};

struct Outcome {
  data::Value value;
  int64_t nbytes = 0;
  // The value in the form in which it is sent, when it is small and was made already.
  std::shared_ptr<const data::Frames> frames;
};

// Thrown by a task that wants another worker (Dask's Reschedule).
struct RescheduleRequest {};

// This worker lacks what a code needs; another may have it.
struct Unable : base::Error {
  explicit Unable(const std::string& what) : Error(base::ErrorKind::kRuntime, what) {}
};

class Code {
 public:
  virtual ~Code() = default;
  // Any thread, many at a time. May throw base::Error, and RescheduleRequest.
  virtual Outcome run(const Call& call, std::vector<data::Value> inputs) const = 0;
  // An upper bound of the bytes that run() allocates, result included; -1 when unknown.
  virtual int64_t bound(const Call& call) const {
    (void)call;
    return -1;
  }
};

class Language {
 public:
  virtual ~Language() = default;
  virtual char letter() const = 0;
  // Throws base::Error; Unable where this process lacks what the code is made of.
  virtual std::shared_ptr<const Code> load(const std::string& name,
                                           const data::Frames& body) const = 0;
  // The exception of an error that this language raised, for the client; null when it is not its.
  virtual cluster::Body encode_exception(const base::Error& error) const {
    (void)error;
    return nullptr;
  }
  // Rebuilds its objects; null: it has none.
  virtual data::ForeignDecoder decoder() const { return nullptr; }
};

using Languages = std::map<char, std::shared_ptr<const Language>>;

}  // namespace dusk::node

#include "dusk/graph/opaque.h"

namespace dusk::graph {
namespace {

class OpaqueOperation : public Operation {
 public:
  explicit OpaqueOperation(OpaqueRecord record) : record_(std::move(record)) {}
  std::string name() const override { return record_.name; }
  bool native() const override { return record_.native; }
  bool index_free() const override { return record_.index_free; }
  std::string detail() const override { return "as bytes"; }
  base::Result<data::Value> run(const TaskContext&, Inputs) const override {
    return base::runtime_error("[" + record_.name +
                               "] this process has no code for operations of " + "the kind '" +
                               record_.codec + "'");
  }
  std::string_view codec() const override { return record_.codec; }
  void encode(Encoder& out) const override { out.again(record_.header, record_.parts); }

 private:
  OpaqueRecord record_;
};

class OpaqueObject : public data::ForeignObject {
 public:
  explicit OpaqueObject(const data::Frames& frames) : frames_(frames) {}
  int64_t nbytes() const override {
    auto bytes = static_cast<int64_t>(frames_.header.size());
    for (const auto& b : frames_.buffers) bytes += static_cast<int64_t>(b->size());
    return bytes;
  }
  std::string type_name() const override { return "serialised object"; }
  data::Frames to_frames() const override { return frames_; }

 private:
  data::Frames frames_;
};

}  // namespace

OperationPtr make_opaque(OpaqueRecord record) {
  return std::make_shared<OpaqueOperation>(std::move(record));
}

data::Value opaque_object(const data::Frames& frames) {
  return std::shared_ptr<const data::ForeignObject>(std::make_shared<OpaqueObject>(frames));
}

}  // namespace dusk::graph

#include <unordered_map>

#include "dusk/graph/codec.h"
#include "dusk/graph/codec_format.h"

namespace dusk::graph {

// Everything that one encoding writes, each thing once.
class Encoder::Tables {
 public:
  explicit Tables(const Replaced& replaced = {}) : replaced_(replaced) {}

  uint64_t buffer(const data::BufferPtr& buffer) {
    auto [at, fresh] = buffers_.try_emplace(buffer.get(), all_buffers_.size());
    if (fresh) all_buffers_.push_back(buffer);
    return at->second;
  }

  uint64_t operation(const Operation& operation) {
    auto known = operations_.find(&operation);
    if (known != operations_.end()) return known->second;
    if (operation.codec().empty()) {
      throw base::type_error(
          "[encode] the operation '" + operation.name() +
          "' works on what only this process has, and cannot be sent to another");
    }
    if (++depth_ > kOperationDepthMax) {
      throw base::value_error("[encode] operations are nested too deeply: " + operation.name());
    }
    Encoder record(*this);
    operation.encode(record);
    --depth_;
    PackedWriter whole;
    whole.text(operation.codec());
    whole.text(operation.name());
    whole.boolean(operation.native());
    whole.boolean(operation.index_free());
    write(whole, record);
    // Calls of one function are equal operations; elsewhere they become one.
    auto [same, fresh] = equal_.try_emplace(whole.take_bytes(), equal_.size());
    if (fresh) records_.raw(same->first.data(), same->first.size());
    operations_.emplace(&operation, same->second);
    return same->second;
  }

  uint64_t object(const void* identity, const std::function<data::Frames()>& serialise) {
    auto known = objects_.find(identity);
    if (known != objects_.end()) return known->second;
    data::Frames frames = serialise();
    object_records_.text(frames.header);
    object_records_.count(frames.buffers.size());
    for (const auto& b : frames.buffers) object_records_.count(buffer(b));
    objects_.emplace(identity, objects_.size());
    return objects_.size() - 1;
  }

  // Inputs first, without recursion: layers form chains of any length.
  uint64_t layer(const Layer& root) {
    std::vector<std::pair<const Layer*, size_t>> stack{{&root, 0}};
    while (!stack.empty()) {
      auto& [layer, next] = stack.back();
      const auto& inputs = layer->inputs();
      while (next < inputs.size() && layers_.contains(inputs[next].get())) ++next;
      if (next < inputs.size()) {
        stack.emplace_back(inputs[next].get(), 0);
        continue;
      }
      if (!layers_.contains(layer)) write_layer(*layer);
      stack.pop_back();
    }
    return layers_.at(&root);
  }

  data::Frames finish(Root kind, const PackedWriter& root) {
    PackedWriter header;
    header.text(kMagic);
    header.integer(static_cast<int64_t>(kind));
    header.count(objects_.size());
    header.text(object_records_.bytes());
    header.count(equal_.size());
    header.text(records_.bytes());
    header.count(layers_.size());
    header.text(layer_records_.bytes());
    header.text(root.bytes());
    return {header.take_bytes(), std::move(all_buffers_)};
  }

 private:
  static void write(PackedWriter& out, const Encoder& record) {
    out.text(record.bytes());
    out.count(record.parts_.size());
    for (uint64_t part : record.parts_) out.count(part);
  }

  void write_layer(const Layer& given) {
    auto other = replaced_.find(&given);
    const Layer& layer = other == replaced_.end() ? given : *other->second;
    if (layer.codec().empty()) {
      throw base::type_error("[encode] the layer '" + layer.name() + "' (" +
                             std::string(layer.kind()) + ") cannot be sent to another process");
    }
    Encoder record(*this);
    layer.encode(record);
    layer_records_.text(layer.codec());
    layer_records_.text(layer.prefix());
    layer_records_.token(layer.token());
    layer_records_.count(layer.inputs().size());
    for (const LayerPtr& input : layer.inputs()) layer_records_.count(layers_.at(input.get()));
    layer_records_.count(layer.annotations().size());
    for (const auto& [name, json] : layer.annotations()) {
      layer_records_.text(name);
      layer_records_.text(json);
    }
    write(layer_records_, record);
    layers_.emplace(&given, layers_.size());
  }

  const Replaced replaced_;
  std::vector<data::BufferPtr> all_buffers_;
  std::unordered_map<const void*, uint64_t> buffers_, operations_, objects_, layers_;
  std::unordered_map<std::string, uint64_t> equal_;  // records of operations
  PackedWriter object_records_, records_, layer_records_;
  int depth_ = 0;
};

void Encoder::buffer(const data::BufferPtr& buffer) {
  parts_.push_back(part_code(PartKind::kBuffer, tables_.buffer(buffer)));
}

void Encoder::frames(const data::Frames& frames) {
  text(frames.header);
  count(frames.buffers.size());
  for (const auto& b : frames.buffers) buffer(b);
}

void Encoder::operation(const Operation& operation) {
  parts_.push_back(part_code(PartKind::kOperation, tables_.operation(operation)));
}

void Encoder::object(const void* identity, const std::function<data::Frames()>& serialise) {
  parts_.push_back(part_code(PartKind::kObject, tables_.object(identity, serialise)));
}

void Encoder::again(std::string_view header, std::span<const Part> parts) {
  raw(header.data(), header.size());
  for (const Part& part : parts) {
    if (const auto* buffer = std::get_if<data::BufferPtr>(&part)) {
      this->buffer(*buffer);
    } else if (const auto* operation = std::get_if<OperationPtr>(&part)) {
      this->operation(**operation);
    } else {
      const auto& object = std::get<std::shared_ptr<const CodedObject>>(part);
      this->object(object.get(), [&] { return object->frames; });
    }
  }
}

data::Frames encode_operation(const Operation& operation) {
  Encoder::Tables tables;
  PackedWriter root;
  root.count(tables.operation(operation));
  return tables.finish(Root::kOperation, root);
}

data::Frames encode_graph(std::span<const Wanted> wanted, const Replaced& replaced) {
  Encoder::Tables tables(replaced);
  PackedWriter root;
  root.count(wanted.size());
  for (const Wanted& w : wanted) {
    root.count(tables.layer(*w.layer));
    root.integers(w.indexes);
  }
  return tables.finish(Root::kGraph, root);
}

}  // namespace dusk::graph

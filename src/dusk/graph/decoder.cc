#include "dusk/graph/codec.h"
#include "dusk/graph/codec_format.h"
#include "dusk/graph/opaque.h"

namespace dusk::graph {
namespace {

using ObjectPtr = std::shared_ptr<const CodedObject>;

// What a decoder throws about a record that does not fit together becomes the one error of damaged
// bytes; what code of another language raises stays what it is.
template <class F>
auto as_value_error(F decode) {
  try {
    return decode();
  } catch (const base::Error& error) {
    switch (error.kind()) {
      case base::ErrorKind::kForeign:
      case base::ErrorKind::kMemory:
      case base::ErrorKind::kNotImplemented:  // this process lacks something
      case base::ErrorKind::kValue: throw;
      default: throw base::value_error(std::string("[decode] ") + error.what());
    }
  }
}

// The tables of one encoding while they are read.
class Tables {
 public:
  Tables(const data::Frames& frames, const Codecs& codecs)
      : header_(frames.header), buffers_(frames.buffers), codecs_(codecs) {}

  // The reader of the root.
  PackedReader read(Root root) {
    if (header_.text() != kMagic) throw PackedReader::damaged();
    if (header_.choice(Root::kGraph) != root) throw PackedReader::damaged();
    read_table([this](PackedReader& in) { read_object(in); });
    read_table([this](PackedReader& in) { read_operation(in); });
    read_table([this](PackedReader& in) { read_layer(in); });
    PackedReader found(header_.text());
    if (header_.left() != 0) throw PackedReader::damaged();
    return found;
  }

  template <class T>
  static const T& numbered(const std::vector<T>& table, uint64_t number) {
    if (number >= table.size() || !table[number]) throw PackedReader::damaged();
    return table[number];
  }
  const OperationPtr& operation(uint64_t number) const { return numbered(operations_, number); }
  const LayerPtr& layer(uint64_t number) const { return numbered(layers_, number); }

 private:
  template <class F>
  void read_table(F read_record) {
    uint64_t count = header_.count();
    PackedReader records(header_.text());
    for (uint64_t i = 0; i < count; ++i) read_record(records);
    if (records.left() != 0) throw PackedReader::damaged();
  }

  void read_object(PackedReader& in) {
    auto object = std::make_shared<CodedObject>();
    object->frames.header = in.text();
    size_t count = in.length();
    for (size_t i = 0; i < count; ++i) {
      object->frames.buffers.push_back(numbered(buffers_, in.count()));
    }
    objects_.push_back(std::move(object));
  }

  // Also the depth of the deepest operation among them.
  std::vector<Part> read_parts(PackedReader& in, int& depth) {
    std::vector<Part> parts(in.length());
    for (Part& part : parts) {
      uint64_t code = in.count();
      switch (code % 4) {
        case static_cast<uint64_t>(PartKind::kBuffer): part = numbered(buffers_, code / 4); break;
        case static_cast<uint64_t>(PartKind::kOperation):
          part = numbered(operations_, code / 4);
          depth = std::max(depth, depths_[code / 4]);
          break;
        case static_cast<uint64_t>(PartKind::kObject): part = numbered(objects_, code / 4); break;
        default: throw PackedReader::damaged();
      }
    }
    return parts;
  }

  void read_operation(PackedReader& in) {
    std::string_view codec = in.text();
    std::string_view name = in.text();
    bool native = in.boolean();
    bool index_free = in.boolean();
    std::string_view header = in.text();
    int depth = 0;
    std::vector<Part> parts = read_parts(in, depth);
    if (++depth > kOperationDepthMax) throw PackedReader::damaged();
    depths_.push_back(depth);
    auto known = codecs_.operations.find(codec);
    if (known != codecs_.operations.end()) {
      Decoder record(header, parts, codecs_);
      operations_.push_back(as_value_error([&] { return known->second(record); }));
      record.finish();
      return;
    }
    if (!codecs_.keep_unknown) {
      throw base::Error(base::ErrorKind::kNotImplemented,
                        "[decode] this process has no operations of the kind '" +
                            std::string(codec) + "' (" + std::string(name) + ")");
    }
    operations_.push_back(make_opaque({std::string(codec), std::string(name), native, index_free,
                                       std::string(header), std::move(parts)}));
  }

  void read_layer(PackedReader& in) {
    std::string_view codec = in.text();
    LayerHead head{in.string(), in.token(), {}};
    size_t inputs = in.length();
    for (size_t i = 0; i < inputs; ++i) head.inputs.push_back(layer(in.count()));
    Annotations annotations;
    size_t count = in.length();
    for (size_t i = 0; i < count; ++i) {
      std::string key = in.string();
      annotations[key] = in.text();
    }
    std::string_view header = in.text();
    int depth = 0;
    std::vector<Part> parts = read_parts(in, depth);
    auto known = codecs_.layers.find(codec);
    if (known == codecs_.layers.end()) {
      throw base::value_error("[decode] this process has no layers of the kind '" +
                              std::string(codec) + "'");
    }
    Decoder record(header, parts, codecs_);
    LayerPtr layer = as_value_error([&] { return known->second(record, std::move(head)); });
    record.finish();
    std::const_pointer_cast<Layer>(layer)->set_annotations(std::move(annotations));
    layers_.push_back(std::move(layer));
  }

  PackedReader header_;
  const std::vector<data::BufferPtr>& buffers_;
  const Codecs& codecs_;
  std::vector<ObjectPtr> objects_;
  std::vector<OperationPtr> operations_;
  std::vector<int> depths_;  // of operations: how many are nested, itself included
  std::vector<LayerPtr> layers_;
};

data::Value decode_object(const Codecs& codecs, const data::Frames& frames) {
  if (codecs.foreign) return codecs.foreign(frames);
  if (codecs.keep_unknown) return opaque_object(frames);
  throw base::Error(base::ErrorKind::kNotImplemented,
                    "[decode] this process has no objects of other languages");
}

}  // namespace

template <class T>
const T& Decoder::next() {
  if (parts_.empty()) throw damaged();
  const T* part = std::get_if<T>(&parts_.front());
  if (!part) throw damaged();
  parts_ = parts_.subspan(1);
  return *part;
}

size_t Decoder::part_length() {
  uint64_t value = count();
  if (value > parts_.size()) throw damaged();
  return static_cast<size_t>(value);
}

data::BufferPtr Decoder::buffer() { return next<data::BufferPtr>(); }

data::Frames Decoder::frames() {
  data::Frames frames{string(), {}};
  uint64_t buffers = count();
  if (buffers > parts_.size()) throw damaged();
  for (uint64_t i = 0; i < buffers; ++i) frames.buffers.push_back(buffer());
  return frames;
}

data::Value Decoder::value() {
  bool opaque = !codecs_.foreign && codecs_.keep_unknown;
  return data::from_frames(frames(), opaque ? &opaque_object : codecs_.foreign);
}

OperationPtr Decoder::operation() { return next<OperationPtr>(); }

data::Value Decoder::object() {
  const CodedObject& object = *next<ObjectPtr>();
  if (!object.decoded) object.decoded = decode_object(codecs_, object.frames);
  return *object.decoded;
}

void Decoder::finish() const {
  if (left() != 0 || !parts_.empty()) throw damaged();
}

OperationPtr decode_operation(const data::Frames& frames, const Codecs& codecs) {
  Tables tables(frames, codecs);
  PackedReader root = tables.read(Root::kOperation);
  return tables.operation(root.count());
}

std::vector<Wanted> decode_graph(const data::Frames& frames, const Codecs& codecs) {
  Tables tables(frames, codecs);
  PackedReader root = tables.read(Root::kGraph);
  std::vector<Wanted> wanted(root.length());
  for (Wanted& w : wanted) {
    w.layer = tables.layer(root.count());
    w.indexes = root.integers();
    for (int64_t i : w.indexes) {
      if (i < 0 || i >= w.layer->size()) throw PackedReader::damaged();
    }
  }
  return wanted;
}

}  // namespace dusk::graph

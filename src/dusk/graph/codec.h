// Operations and graphs as bytes, and back: how they travel to other processes.
//
// An operation or layer names its codec and writes its parameters (`codec()`, `encode(Encoder&)`);
// the process that reads them looks the name up in its Codecs. What several of them share is
// written once and shared again on the other side: inputs, operations, buffers, objects of other
// languages. No memory is copied: buffers stay beside the header.
//
// An operation is a record that stands alone: a header and the parts it refers to. So a process
// that does not know an operation can keep it and pass it on (`Codecs::keep_unknown`): a scheduler
// never touches user code.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dusk/data/value.h"
#include "dusk/graph/packed.h"
#include "dusk/graph/task_graph.h"

namespace dusk::graph {

class Decoder;
struct LayerHead {
  std::string prefix;
  base::Token token;
  std::vector<LayerPtr> inputs;
};
using OperationDecoder = OperationPtr (*)(Decoder&);
using LayerDecoder = LayerPtr (*)(Decoder&, LayerHead head);  // annotations are set afterwards

// What this process can rebuild; assembled explicitly.
struct Codecs {
  std::map<std::string, OperationDecoder, std::less<>> operations;
  std::map<std::string, LayerDecoder, std::less<>> layers;
  data::ForeignDecoder foreign = nullptr;
  // Operations without a decoder here are kept as the bytes they came as, and so are objects of
  // other languages when `foreign` is null. They can be encoded again, not run.
  bool keep_unknown = false;
};
// The codecs of this folder: blockwise, tree-reduce, values, pick and list layers, fused
// operations.
void add_codecs(Codecs& codecs);

// Throws TypeError naming the operation when it (or one inside it) cannot leave this process.
data::Frames encode_operation(const Operation& operation);
// These throw ValueError for bytes that encode did not make, and NotImplementedError for codecs
// that this process does not have; whatever the bytes are, they answer. A foreign decoder's own
// exceptions pass through.
OperationPtr decode_operation(const data::Frames& frames, const Codecs& codecs);

// Layers without inputs, and what is written in their places: the same blocks by another rule.
using Replaced = std::map<const Layer*, LayerPtr>;
// The wanted layers and all that they need, each once.
data::Frames encode_graph(std::span<const Wanted> wanted, const Replaced& replaced = {});
std::vector<Wanted> decode_graph(const data::Frames& frames, const Codecs& codecs);

// An object of another language in its serialised form; the decoded one is kept beside it, so that
// operations that share it share it again.
struct CodedObject {
  data::Frames frames;
  mutable std::optional<data::Value> decoded = {};  // written while a graph is decoded only
};
// What a record refers to.
using Part = std::variant<data::BufferPtr, OperationPtr, std::shared_ptr<const CodedObject>>;

// Writes one record. Fields are written by PackedWriter's functions and these, and are read by the
// Decoder's functions of the same names in the same order.
class Encoder : public PackedWriter {
 public:
  class Tables;
  explicit Encoder(Tables& tables) : tables_(tables) {}

  void buffer(const data::BufferPtr& buffer);
  void frames(const data::Frames& frames);
  void value(const data::Value& value) { frames(data::to_frames(value)); }
  void operation(const Operation& operation);
  // The object whose address is `identity`; `serialise` is called for the first record of this
  // encoding that refers to it. REQUIRES: the object lives until the encoding ends.
  void object(const void* identity, const std::function<data::Frames()>& serialise);
  // A record as it came: its header, and its parts in order.
  void again(std::string_view header, std::span<const Part> parts);

 private:
  friend class Tables;
  Tables& tables_;
  std::vector<uint64_t> parts_;  // kind and number in its table
};

// Reads one record.
class Decoder : public PackedReader {
 public:
  Decoder(std::string_view header, std::span<const Part> parts, const Codecs& codecs)
      : PackedReader(header), parts_(parts), codecs_(codecs) {}

  // The length of a list of which every item is a part (an operation, an object) and no bytes.
  size_t part_length();
  data::BufferPtr buffer();
  data::Frames frames();
  data::Value value();
  OperationPtr operation();
  data::Value object();
  // Throws ValueError when something is left.
  void finish() const;

  const Codecs& codecs() const { return codecs_; }

 private:
  template <class T>
  const T& next();
  std::span<const Part> parts_;
  const Codecs& codecs_;
};

// Checks for the decoders of layers. Each throws ValueError.
// A grid's sizes, of at most 2^40 blocks.
std::vector<int64_t> read_grid(Decoder& in);
// A map whose blocks are all among `blocks`.
BlockMap read_block_map(Decoder& in, int64_t blocks);
void write_block_map(Encoder& out, const BlockMap& map);
// Numbers of blocks of an input that has `blocks`.
std::vector<int64_t> read_blocks(Decoder& in, int64_t blocks);
void require_inputs(const LayerHead& head, size_t count);

// What ListLayer writes, for any layer of tasks listed one by one: it is decoded as a ListLayer.
void encode_tasks(const Layer& layer, Encoder& out);

}  // namespace dusk::graph

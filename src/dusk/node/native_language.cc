#include "dusk/node/native_language.h"

#include <cstring>

#include "dusk/collections/array/codecs.h"
#include "dusk/collections/frame/codecs.h"

namespace dusk::node {
namespace {

constexpr char kLetter = 'n';
constexpr char kOperation = 'o';
constexpr char kValue = 'v';

class OperationCode : public Code {
 public:
  explicit OperationCode(graph::OperationPtr operation) : operation_(std::move(operation)) {}

  Outcome run(const Call& call, std::vector<data::Value> inputs) const override {
    Arguments arguments = read(call);
    if (!arguments.positions.empty()) inputs = arranged(call, inputs, arguments.positions);
    graph::TaskContext context{arguments.index, call.cancelled};
    data::Value value = operation_->run(context, inputs).or_throw();
    int64_t nbytes = value.nbytes();
    return {std::move(value), nbytes, nullptr};
  }
  int64_t bound(const Call& call) const override { return operation_->bound(read(call).index); }

 private:
  struct Arguments {
    int64_t index = 0;
    std::vector<uint32_t> positions;
  };
  static base::Error damaged(const Call& call) {
    return base::value_error("[" + call.key + "] its arguments are damaged");
  }
  static Arguments read(const Call& call) {
    Arguments arguments;
    if (!call.arguments) return arguments;
    const std::string& bytes = call.arguments->header;
    size_t rest = bytes.size() - sizeof arguments.index;
    if (bytes.size() < sizeof arguments.index || rest % sizeof(uint32_t) != 0) throw damaged(call);
    std::memcpy(&arguments.index, bytes.data(), sizeof arguments.index);
    arguments.positions.resize(rest / sizeof(uint32_t));
    const char* positions = bytes.data() + sizeof arguments.index;
    if (rest > 0) std::memcpy(arguments.positions.data(), positions, rest);
    return arguments;
  }
  static std::vector<data::Value> arranged(const Call& call, const std::vector<data::Value>& inputs,
                                           const std::vector<uint32_t>& positions) {
    std::vector<data::Value> values;
    values.reserve(positions.size());
    for (uint32_t position : positions) {
      if (position >= inputs.size()) throw damaged(call);
      values.push_back(inputs[position]);
    }
    return values;
  }

  graph::OperationPtr operation_;
};

class ValueCode : public Code {
 public:
  explicit ValueCode(data::ForeignDecoder foreign) : foreign_(foreign) {}

  Outcome run(const Call& call, std::vector<data::Value>) const override {
    if (!call.arguments) throw base::value_error("[" + call.key + "] its value is missing");
    data::Value value = data::from_frames(*call.arguments, foreign_);
    int64_t nbytes = value.nbytes();
    return {std::move(value), nbytes, call.arguments};
  }
  int64_t bound(const Call& call) const override { return cluster::body_bytes(call.arguments); }

 private:
  data::ForeignDecoder foreign_;
};

class NativeLanguage : public Language {
 public:
  explicit NativeLanguage(graph::Codecs codecs) : codecs_(std::move(codecs)) {}

  char letter() const override { return kLetter; }
  std::shared_ptr<const Code> load(const std::string& name,
                                   const data::Frames& body) const override {
    char kind = body.header.size() < 2 ? '\0' : body.header[1];
    if (kind == kValue) return std::make_shared<ValueCode>(codecs_.foreign);
    if (kind != kOperation) throw base::value_error("[" + name + "] its code is damaged");
    data::Frames encoded{body.header.substr(2), body.buffers};
    try {
      return std::make_shared<OperationCode>(graph::decode_operation(encoded, codecs_));
    } catch (const base::Error& error) {
      if (error.kind() != base::ErrorKind::kNotImplemented) throw;
      throw Unable("[" + name + "] " + error.what());
    }
  }

 private:
  graph::Codecs codecs_;
};

}  // namespace

std::shared_ptr<const Language> native_language(graph::Codecs codecs) {
  return std::make_shared<NativeLanguage>(std::move(codecs));
}

graph::Codecs native_codecs() {
  graph::Codecs codecs;
  graph::add_codecs(codecs);
  collections::array::add_codecs(codecs);
  collections::frame::add_codecs(codecs);
  return codecs;
}

Languages native_languages() { return {{kLetter, native_language(native_codecs())}}; }

cluster::Body native_code(const graph::Operation& operation) {
  data::Frames encoded = graph::encode_operation(operation);
  encoded.header.insert(0, {kLetter, kOperation});
  return std::make_shared<const data::Frames>(std::move(encoded));
}

cluster::Body native_arguments(int64_t index, std::span<const uint32_t> positions) {
  std::string bytes(sizeof index + positions.size_bytes(), '\0');
  std::memcpy(bytes.data(), &index, sizeof index);
  if (!positions.empty()) {
    std::memcpy(bytes.data() + sizeof index, positions.data(), positions.size_bytes());
  }
  return std::make_shared<const data::Frames>(data::Frames{std::move(bytes), {}});
}

cluster::Body value_code() {
  return std::make_shared<const data::Frames>(data::Frames{{kLetter, kValue}, {}});
}

}  // namespace dusk::node

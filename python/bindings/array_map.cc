#include <nanobind/stl/string.h>

#include <algorithm>

#include "bindings/array.h"
#include "bindings/convert.h"
#include "bindings/plan.h"
#include "bindings/python_codecs.h"
#include "dusk/base/error.h"
#include "dusk/collections/array/fields.h"
#include "dusk/collections/array/map_blocks.h"

namespace dusk::bindings {
namespace {

// Literals in their places, blocks in the gaps; the block's coordinates as `block_id` when asked.
class MapArguments : public ArgumentBuilder {
 public:
  MapArguments(std::vector<std::shared_ptr<SharedObject>> literals, std::vector<bool> is_block,
               array::Chunks chunks, bool with_id)
      : literals_(std::move(literals)),
        is_block_(std::move(is_block)),
        chunks_(std::move(chunks)),
        with_id_(with_id) {}

  nb::object build(const graph::TaskContext&, graph::Inputs inputs) const override {
    if (inputs.size() + literals_.size() != is_block_.size()) {
      throw base::value_error("[map_blocks] a task has " + std::to_string(inputs.size()) +
                              " blocks, and not those that its function takes");
    }
    nb::object tuple = nb::steal(PyTuple_New(static_cast<Py_ssize_t>(is_block_.size())));
    size_t next = 0, literal = 0;
    for (size_t i = 0; i < is_block_.size(); ++i) {
      nb::object value = is_block_[i] ? value_to_python(graph::take(inputs, next++))
                                      : nb::borrow(literals_[literal++]->get());
      PyTuple_SET_ITEM(tuple.ptr(), static_cast<Py_ssize_t>(i), value.release().ptr());
    }
    return tuple;
  }
  nb::object keywords(const graph::TaskContext& context) const override {
    if (!with_id_) return {};
    nb::list id;
    for (int64_t c : chunks_.coordinates(context.index)) id.append(c);
    nb::dict keywords;
    keywords["block_id"] = nb::tuple(id);
    return keywords;
  }
  bool index_free() const override { return !with_id_; }
  Kind kind() const override { return Kind::kBlocks; }
  void encode(graph::Encoder& out) const override {
    out.count(literals_.size());
    for (const auto& literal : literals_) write_object(out, *literal);
    graph::write_fields(out, is_block_, chunks_, with_id_);
  }

 private:
  std::vector<std::shared_ptr<SharedObject>> literals_;
  std::vector<bool> is_block_;
  array::Chunks chunks_;
  bool with_id_;
};

nb::object map_blocks(nb::object function, nb::handle args, nb::handle chunks,
                      const std::string& dtype, const std::string& name, const std::string& token,
                      nb::handle block_info) {
  array::Chunks cut = chunks_of(chunks);
  std::vector<array::MapInput> inputs;
  std::vector<std::shared_ptr<SharedObject>> literals;
  std::vector<bool> is_block;
  for (nb::handle arg : args) {
    bool block = PyTuple_Check(arg.ptr()) && PyTuple_GET_SIZE(arg.ptr()) == 2 &&
                 nb::isinstance<PyExpr>(nb::object(arg[0]));
    is_block.push_back(block);
    if (!block) {
      literals.push_back(std::make_shared<SharedObject>(nb::borrow(arg)));
      continue;
    }
    nb::object expr = arg[0];
    std::vector<int> follow;
    for (int64_t axis : integers_of(nb::object(arg[1]))) follow.push_back(static_cast<int>(axis));
    inputs.push_back({nb::inst_ptr<PyExpr>(expr)->expr, std::move(follow)});
  }
  auto arguments = std::make_shared<MapArguments>(std::move(literals), std::move(is_block), cut,
                                                  !block_info.is_none());
  auto operation = make_python_operation(std::move(function), name, std::move(arguments),
                                         "a Python function over blocks", ResultKind::kBlock);
  return wrap_array(array::map_blocks(std::move(operation), inputs, data::DType::parse(dtype),
                                      std::move(cut), name, token));
}

}  // namespace

std::shared_ptr<const ArgumentBuilder> decode_block_arguments(graph::Decoder& in) {
  std::vector<std::shared_ptr<SharedObject>> literals(in.part_length());
  for (auto& literal : literals) literal = read_object(in);
  auto is_block = graph::read_field<std::vector<bool>>(in);
  auto blocks = static_cast<size_t>(std::count(is_block.begin(), is_block.end(), true));
  if (is_block.size() - blocks != literals.size()) throw graph::Decoder::damaged();
  auto chunks = graph::read_field<array::Chunks>(in);
  return std::make_shared<MapArguments>(std::move(literals), std::move(is_block), std::move(chunks),
                                        in.boolean());
}

void bind_array_map(nb::module_& m) {
  m.def("array_map_blocks", &map_blocks, nb::arg("function"), nb::arg("args"), nb::arg("chunks"),
        nb::arg("dtype"), nb::kw_only(), nb::arg("name"), nb::arg("token"),
        nb::arg("block_info") = nb::none());
}

}  // namespace dusk::bindings

#include <arrow/api.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings/array.h"
#include "bindings/convert.h"
#include "bindings/frame.h"
#include "bindings/object.h"
#include "bindings/python_codecs.h"
#include "dusk/base/error.h"
#include "dusk/collections/array/map_blocks.h"
#include "dusk/collections/frame/combining.h"
#include "dusk/collections/frame/matrix.h"

namespace dusk::bindings {
namespace {

// Tables, and the partition's number behind them when asked.
class TableArguments : public ArgumentBuilder {
 public:
  explicit TableArguments(bool with_number) : with_number_(with_number) {}
  nb::object build(const graph::TaskContext& context, graph::Inputs inputs) const override {
    nb::list arguments;
    for (const data::Value& value : inputs) arguments.append(value_to_python(value));
    if (with_number_) arguments.append(context.index);
    return nb::tuple(arguments);
  }
  bool index_free() const override { return !with_number_; }
  Kind kind() const override { return Kind::kTables; }
  void encode(graph::Encoder& out) const override { out.boolean(with_number_); }

 private:
  bool with_number_;
};

nb::object map_partitions(nb::object function, nb::handle inputs, nb::handle schema,
                          const std::vector<std::string>& index, const std::string& name,
                          const std::string& token, bool partition_info) {
  auto operation = make_python_operation(
      std::move(function), name, std::make_shared<TableArguments>(partition_info),
      "a Python function over pandas partitions", ResultKind::kTable);
  return wrap_frame(frame::map_partitions(std::move(operation), frames_of(inputs),
                                          schema_from_python(schema)->RemoveMetadata(), index, name,
                                          token));
}

nb::list map_to_objects(nb::object function, nb::handle inputs, const std::string& name,
                        const std::string& token) {
  std::vector<frame::FramePtr> frames = frames_of(inputs);
  int64_t count = 1;
  for (const auto& x : frames) count = std::max(count, x->block_count());
  nb::object call = nb::module_::import_("dusk._core").attr("object_call");
  nb::list results;
  for (int64_t i = 0; i < count; ++i) {
    nb::list blocks;
    base::Tokenizer t("map-to-objects");
    t.add(token).add(i);
    for (const auto& x : frames) {
      t.add(x->token());
      blocks.append(nb::cast(PyObjectExpr{{object_block(x, x->block_count() == 1 ? 0 : i)}}));
    }
    results.append(
        call(function, blocks, nb::arg("name") = name, nb::arg("token") = t.finish().hex()));
  }
  return results;
}

nb::object to_array(nb::handle x, const std::vector<std::string>& columns, const std::string& dtype,
                    const std::optional<std::vector<int64_t>>& lengths) {
  frame::FramePtr input = frame_of(x);
  data::DType type = data::DType::parse(dtype);
  auto operation = frame::matrix_operation(columns, type);
  std::vector<int64_t> rows(static_cast<size_t>(input->block_count()), array::kUnknown);
  if (lengths) rows = *lengths;
  std::vector<std::vector<int64_t>> sizes{rows, {static_cast<int64_t>(columns.size())}};
  array::Chunks chunks = array::Chunks::from_sizes(sizes);
  base::Tokenizer token("to-array");
  for (const auto& column : columns) token.add(column);
  return wrap_array(array::map_partitions(operation, input, type, std::move(chunks), "to-array",
                                          token.finish().hex()));
}

}  // namespace

std::shared_ptr<const ArgumentBuilder> decode_table_arguments(graph::Decoder& in) {
  return std::make_shared<TableArguments>(in.boolean());
}

void bind_frame_map(nb::module_& m) {
  m.def("frame_map_partitions", &map_partitions, nb::arg("function"), nb::arg("inputs"),
        nb::arg("schema"), nb::arg("index"), nb::kw_only(), nb::arg("name"), nb::arg("token"),
        nb::arg("partition_info") = false);
  m.def("frame_map_to_objects", &map_to_objects, nb::arg("function"), nb::arg("inputs"),
        nb::kw_only(), nb::arg("name"), nb::arg("token"));
  m.def("frame_to_array", &to_array, nb::arg("x"), nb::arg("columns"), nb::arg("dtype"),
        nb::arg("lengths").none());
}

}  // namespace dusk::bindings

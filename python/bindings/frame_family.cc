#include <arrow/api.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings/convert.h"
#include "bindings/frame.h"
#include "bindings/lowered.h"
#include "dusk/base/error.h"
#include "dusk/collections/frame/fields.h"
#include "dusk/collections/frame/layers.h"
#include "dusk/collections/frame/passes.h"
#include "dusk/collections/frame/scans.h"

namespace dusk::bindings {
namespace {

class FrameFamily : public Family {
 public:
  bool owns(const graph::Expr& expr) const override {
    return dynamic_cast<const frame::FrameExpr*>(&expr) != nullptr;
  }
  nb::object wrap(graph::ExprPtr expr) const override {
    return nb::cast(PyFrameExpr{{std::move(expr)}});
  }
  nb::object finish(const graph::Expr& expr, data::ValueList blocks) const override {
    const auto& x = static_cast<const frame::FrameExpr&>(expr);
    data::TablePtr table;
    {
      nb::gil_scoped_release unlocked;
      if (blocks.empty()) {
        auto none = arrow::Table::MakeEmpty(x.schema());
        data::throw_if_failed(none.status(), "compute");
        table = std::make_shared<const data::Table>(*none, x.index());
      } else if (blocks.size() == 1) {
        table = std::make_shared<const data::Table>(blocks[0].table()->arrow(), x.index());
      } else {
        table = std::make_shared<const data::Table>(frame::concatenated(blocks), x.index());
      }
      blocks.clear();
    }
    return nb::cast(PyTable{std::move(table)});
  }
  std::vector<graph::ExprPtr> optimize(std::vector<graph::ExprPtr> roots) const override {
    return frame::optimize(std::move(roots));
  }
  graph::ExprPtr persisted(const graph::Expr& expr, data::ValueList blocks) const override {
    const auto& x = static_cast<const frame::FrameExpr&>(expr);
    std::vector<data::TablePtr> tables;
    for (const data::Value& block : blocks) {
      tables.push_back(std::make_shared<const data::Table>(block.table()->arrow(), x.index()));
    }
    return frame::from_tables(std::move(tables), x.token().hex(), x.prefix());
  }
  graph::ExprPtr lowered(const graph::Expr& expr, graph::LayerPtr layer,
                         RemoteBlocksPtr blocks) const override {
    const auto& x = static_cast<const frame::FrameExpr&>(expr);
    return make_lowered<frame::FrameExpr>(identity_of(x), std::move(layer), std::move(blocks),
                                          x.prefix(), x.schema(), x.index(), x.block_count());
  }
  void write_shape(const graph::Expr& expr, graph::Encoder& out) const override {
    const auto& x = static_cast<const frame::FrameExpr&>(expr);
    graph::write_fields(out, x.schema(), x.index(), x.block_count());
  }
  graph::ExprPtr read_shape(graph::Decoder& in, Identity identity) const override {
    auto schema = graph::read_field<frame::SchemaPtr>(in);
    auto index = graph::read_field<frame::Names>(in);
    int64_t count = in.integer(0, int64_t{1} << 40);
    std::string prefix = identity.prefix;
    return make_lowered<frame::FrameExpr>(std::move(identity), nullptr, nullptr, std::move(prefix),
                                          std::move(schema), std::move(index), count);
  }
};

}  // namespace

const Family& frame_family() {
  static const FrameFamily* family = new FrameFamily;
  return *family;
}

frame::FramePtr frame_of(nb::handle x) {
  if (!nb::isinstance<PyFrameExpr>(x)) {
    throw base::type_error("expected a frame expression, got a " +
                           std::string(nb::type_name(x.type()).c_str()));
  }
  return frame::as_frame(nb::inst_ptr<PyFrameExpr>(x)->expr);
}

nb::object wrap_frame(frame::FramePtr x) {
  if (!x) return nb::none();
  return nb::cast(PyFrameExpr{{std::move(x)}});
}

std::vector<frame::FramePtr> frames_of(nb::handle xs) {
  std::vector<frame::FramePtr> frames;
  for (nb::handle x : xs) frames.push_back(frame_of(x));
  return frames;
}

void bind_frame(nb::module_& m) {
  nb::class_<PyFrameExpr, PyExpr>(m, "FrameExpr", "A lazy partitioned frame.")
      .def_prop_ro("columns",
                   [](const PyFrameExpr& x) { return frame::as_frame(x.expr)->columns(); })
      .def_prop_ro("index", [](const PyFrameExpr& x) { return frame::as_frame(x.expr)->index(); })
      .def_prop_ro("npartitions", [](const PyFrameExpr& x) { return x.expr->block_count(); })
      .def_prop_ro(
          "schema",
          [](const PyFrameExpr& x) { return schema_to_python(frame::as_frame(x.expr)->schema()); })
      .def_prop_ro("rows", [](const PyFrameExpr& x) { return frame::as_frame(x.expr)->rows(); });
  bind_frame_columns(m);
  bind_frame_scans(m);
  bind_frame_calls(m);
  bind_frame_map(m);
}

}  // namespace dusk::bindings

#include "bindings/plan.h"

#include "dusk/base/error.h"
#include "dusk/graph/fuse.h"

namespace dusk::bindings {

std::vector<graph::ExprPtr> exprs_from_python(nb::handle sequence) {
  std::vector<graph::ExprPtr> exprs;
  for (nb::handle item : nb::cast<nb::sequence>(sequence)) {
    if (!nb::isinstance<PyExpr>(item)) {
      throw base::type_error("expected expressions, got a " +
                             std::string(nb::type_name(item.type()).c_str()));
    }
    exprs.push_back(nb::inst_ptr<PyExpr>(item)->expr);
  }
  return exprs;
}

std::vector<graph::ExprPtr> optimize(std::vector<graph::ExprPtr> exprs) {
  for (const Family* family : families()) exprs = family->optimize(std::move(exprs));
  return exprs;
}

std::vector<graph::LayerPtr> layers_of(const std::vector<graph::ExprPtr>& exprs, bool fuse,
                                       bool keep_blocks) {
  std::vector<graph::LayerPtr> layers = graph::lower(exprs);
  return fuse ? graph::fuse_blockwise(layers, keep_blocks) : layers;
}

Plan make_plan(std::vector<graph::ExprPtr> exprs, bool optimized) {
  Plan plan;
  plan.exprs = optimized ? optimize(std::move(exprs)) : std::move(exprs);
  std::vector<graph::Wanted> wanted;
  for (graph::LayerPtr& layer : layers_of(plan.exprs, optimized)) {
    wanted.push_back({std::move(layer), {}});
  }
  plan.graph = std::make_shared<const graph::TaskGraph>(graph::expand(wanted));
  return plan;
}

}  // namespace dusk::bindings

// Collections on a cluster: their graphs go there, their blocks stay there or come back.
#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <unordered_set>

#include "bindings/cluster_client.h"
#include "bindings/convert.h"
#include "bindings/lowered.h"
#include "bindings/plan.h"
#include "dusk/base/error.h"

namespace dusk::bindings {
namespace {

using Numbers = std::vector<cluster::TaskNumber>;

// Expressions after optimisation, and one reference to the future of each of their blocks.
struct Submitted {
  std::vector<graph::ExprPtr> exprs;
  std::vector<Numbers> blocks;
  std::vector<std::vector<int64_t>> grids;
};

void require_link(const LinkPtr& link, const std::vector<graph::ExprPtr>& exprs) {
  for (const graph::ExprPtr& expr : exprs) {
    for (const RemoteBlocksPtr& blocks : remote_blocks_of(expr)) {
      if (blocks->link() == link) continue;
      throw base::value_error(
          "[compute] a collection was persisted with another client: compute it with that one");
    }
  }
}

Submitted submit(const LinkPtr& link, std::vector<graph::ExprPtr> exprs, bool optimized,
                 graph::Annotations annotations) {
  require_link(link, exprs);
  nb::gil_scoped_release unlocked;
  Submitted made;
  made.exprs = optimized ? optimize(std::move(exprs)) : std::move(exprs);
  std::vector<graph::Wanted> wanted;
  for (graph::LayerPtr& layer : layers_of(made.exprs, optimized, true)) {
    made.grids.push_back(layer->grid());
    wanted.push_back({std::move(layer), {}});
  }
  Numbers numbers =
      link->client->submit_graph(wanted, {std::move(annotations)}, look_for_signals());
  auto next = numbers.begin();
  for (const graph::ExprPtr& expr : made.exprs) {
    auto end = next + expr->block_count();
    made.blocks.emplace_back(next, end);
    next = end;
  }
  return made;
}

// One future for each expression, whose result is what compute() gives; `finish` makes the engine's
// result the user's. A delayed object's future is that of its one task.
nb::list compute(PyClient& c, nb::handle exprs, nb::list finish, bool optimized,
                 graph::Annotations annotations) {
  Submitted made = submit(c.link, exprs_from_python(exprs), optimized, std::move(annotations));
  nb::list futures;
  for (size_t i = 0; i < made.exprs.size(); ++i) {
    const graph::ExprPtr& expr = made.exprs[i];
    if (&family_of(*expr) == &object_family()) {
      cluster::TaskNumber number = made.blocks[i].at(0);
      futures.append(c.wrap(number, c.client().key(number)));
      continue;
    }
    auto assembly =
        std::make_shared<PyAssembly>(PyAssembly{expr, made.blocks[i], nb::borrow(finish[i])});
    std::string key = expr->key();
    cluster::TaskNumber number = c.client().join(key, made.blocks[i]);
    futures.append(c.wrap(number, std::move(key), std::move(assembly)));
  }
  return futures;
}

nb::list persist(PyClient& c, nb::handle exprs, bool optimized, graph::Annotations annotations) {
  Submitted made = submit(c.link, exprs_from_python(exprs), optimized, std::move(annotations));
  nb::list kept;
  for (size_t i = 0; i < made.exprs.size(); ++i) {
    const graph::Expr& expr = *made.exprs[i];
    auto blocks = std::make_shared<const RemoteBlocks>(c.link, std::move(made.blocks[i]));
    auto layer = std::make_shared<graph::RemoteLayer>(expr.prefix(), expr.token(), blocks->keys(),
                                                      made.grids[i]);
    if (layer->name() != expr.key()) layer->set_name(expr.key());
    kept.append(wrap(family_of(expr).lowered(expr, std::move(layer), std::move(blocks))));
  }
  return kept;
}

// The futures of the remote blocks that an expression needs.
nb::list futures_of(PyClient& c, const PyExpr& expr) {
  nb::list futures;
  for (const RemoteBlocksPtr& blocks : remote_blocks_of(expr.expr)) {
    for (size_t i = 0; i < blocks->numbers().size(); ++i) {
      c.client().retain(blocks->numbers()[i]);
      futures.append(c.wrap(blocks->numbers()[i], blocks->keys()[i]));
    }
  }
  return futures;
}

// The link of the client that holds an expression's remote blocks; None: it needs none.
nb::object link_of(const PyExpr& expr) {
  std::vector<RemoteBlocksPtr> blocks = remote_blocks_of(expr.expr);
  return blocks.empty() ? nb::object(nb::none()) : nb::int_(link_number(blocks[0]->link()));
}

}  // namespace

RemoteBlocks::RemoteBlocks(LinkPtr link, Numbers numbers)
    : link_(std::move(link)), numbers_(std::move(numbers)) {
  for (cluster::TaskNumber number : numbers_) keys_.push_back(link_->client->key(number));
}

RemoteBlocks::~RemoteBlocks() {
  for (cluster::TaskNumber number : numbers_) link_->client->release(number);
}

std::vector<RemoteBlocksPtr> remote_blocks_of(const graph::ExprPtr& expr) {
  std::vector<RemoteBlocksPtr> found;
  std::vector<const graph::Expr*> open{expr.get()};
  std::unordered_set<const graph::Expr*> seen{expr.get()};
  while (!open.empty()) {
    const graph::Expr* node = open.back();
    open.pop_back();
    auto lowered = dynamic_cast<const LoweredExpr*>(node);
    if (lowered && lowered->blocks()) found.push_back(lowered->blocks());
    for (const graph::ExprPtr& input : node->inputs()) {
      if (seen.insert(input.get()).second) open.push_back(input.get());
    }
  }
  return found;
}

nb::object PyAssembly::assemble(std::vector<data::Value> blocks) const {
  return finish(family_of(*expr).finish(*expr, std::move(blocks)));
}

void bind_cluster_compute(ClusterClientClass& c, nb::module_& m) {
  c.def("compute", &compute, nb::arg("exprs"), nb::arg("finish"), nb::arg("optimize"),
        nb::arg("annotations"), "One future an expression, of what compute() gives.")
      .def("persist", &persist, nb::arg("exprs"), nb::arg("optimize"), nb::arg("annotations"),
           "Expressions whose blocks are, or will be, on the cluster.")
      .def("futures_of", &futures_of, nb::arg("expr"),
           "The futures of the blocks on the cluster that an expression needs.");
  m.def("expr_link", &link_of, nb::arg("expr"),
        "The link of the client that has persisted what an expression needs; None: nobody.");
}

}  // namespace dusk::bindings

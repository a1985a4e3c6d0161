#include "bindings/compute.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <string>
#include <unordered_map>

#include "bindings/convert.h"
#include "bindings/errors.h"
#include "bindings/gil.h"
#include "bindings/plan.h"
#include "dusk/base/error.h"

namespace dusk::bindings {
namespace {

struct Options {
  std::string scheduler;
  int num_workers;
  int64_t memory_limit;
  std::shared_ptr<PyObserver> observer;
  bool optimize;
};

// A run's plan and observer, for tasks that outlive an interrupted run.
struct Keep {
  std::shared_ptr<const graph::TaskGraph> graph;
  std::shared_ptr<PyObserver> observer;
};

std::unique_ptr<base::Error> look_for_signals() {
  HoldGil gil;
  if (PyErr_CheckSignals() == 0) return nullptr;
  nb::python_error raised;
  return std::make_unique<base::Error>(error_from_python(raised));
}

runtime::RunOptions run_options(const Options& options, const Plan& plan) {
  runtime::RunOptions run;
  if (options.scheduler == "synchronous") {
    run.synchronous = true;
  } else if (options.scheduler != "threads") {
    throw base::value_error("[compute] scheduler must be 'threads' or 'synchronous', got '" +
                            options.scheduler + "'");
  }
  if (options.num_workers < 0) {
    throw base::value_error("[compute] num_workers must not be negative, got " +
                            std::to_string(options.num_workers));
  }
  run.num_threads = options.num_workers;
  run.memory_limit = options.memory_limit;
  run.poll = &look_for_signals;
  run.keep = std::make_shared<Keep>(Keep{plan.graph, options.observer});
  if (options.observer) {
    options.observer->expect(plan.graph);
    run.observer = options.observer.get();
  }
  return run;
}

// The blocks of every expression. REQUIRES: the GIL, which it lets go of.
std::vector<data::ValueList> run_plan(std::vector<graph::ExprPtr> exprs, const Options& options) {
  nb::gil_scoped_release unlocked;
  Plan plan = make_plan(std::move(exprs), options.optimize);
  auto outputs = runtime::run(*plan.graph, run_options(options, plan)).or_throw();
  std::vector<data::ValueList> blocks;
  size_t next = 0;
  for (const graph::ExprPtr& expr : plan.exprs) {
    auto count = static_cast<size_t>(expr->block_count());
    auto first = outputs.begin() + static_cast<int64_t>(next);
    blocks.emplace_back(std::make_move_iterator(first),
                        std::make_move_iterator(first + static_cast<int64_t>(count)));
    next += count;
  }
  return blocks;
}

Options options_of(std::string scheduler, int num_workers, int64_t memory_limit,
                   nb::handle observer, bool optimize) {
  std::shared_ptr<PyObserver> shared;
  if (!observer.is_none()) shared = nb::cast<SharedObserver&>(observer).observer;
  return {std::move(scheduler), num_workers, memory_limit, std::move(shared), optimize};
}

nb::object compute(const std::vector<graph::ExprPtr>& roots, const Options& options) {
  // Equal roots are one computation, with one result.
  std::vector<graph::ExprPtr> exprs;
  std::unordered_map<base::Token, size_t> places;
  std::vector<size_t> place_of;
  for (const graph::ExprPtr& root : roots) {
    auto [at, fresh] = places.try_emplace(root->token(), exprs.size());
    if (fresh) exprs.push_back(family_of(*root).collected(root));
    place_of.push_back(at->second);
  }
  std::vector<data::ValueList> blocks = run_plan(exprs, options);
  nb::list distinct, results;
  for (size_t i = 0; i < exprs.size(); ++i) {
    distinct.append(family_of(*exprs[i]).finish(*exprs[i], std::move(blocks[i])));
  }
  for (size_t place : place_of) results.append(distinct[place]);
  return results;
}

nb::object compute_blocks(const std::vector<graph::ExprPtr>& exprs, const Options& options) {
  std::vector<data::ValueList> blocks = run_plan(exprs, options);
  nb::list results;
  for (data::ValueList& list : blocks) {
    nb::list values;
    for (data::Value& v : list) values.append(value_to_python(std::move(v)));
    results.append(values);
  }
  return results;
}

nb::object persist(const std::vector<graph::ExprPtr>& exprs, const Options& options) {
  std::vector<data::ValueList> blocks = run_plan(exprs, options);
  nb::list results;
  for (size_t i = 0; i < exprs.size(); ++i) {
    results.append(wrap(family_of(*exprs[i]).persisted(*exprs[i], std::move(blocks[i]))));
  }
  return results;
}

using Function = nb::object (*)(const std::vector<graph::ExprPtr>&, const Options&);

template <Function function>
void define(nb::module_& m, const char* name, const char* doc) {
  m.def(
      name,
      [](nb::handle exprs, std::string scheduler, int num_workers, int64_t memory_limit,
         nb::handle observer, bool optimize) {
        return function(exprs_from_python(exprs), options_of(std::move(scheduler), num_workers,
                                                             memory_limit, observer, optimize));
      },
      nb::arg("exprs"), nb::kw_only(), nb::arg("scheduler") = "threads", nb::arg("num_workers") = 0,
      nb::arg("memory_limit") = 0, nb::arg("observer") = nb::none(), nb::arg("optimize") = true,
      doc);
}

}  // namespace

void bind_compute(nb::module_& m) {
  define<compute>(m, "compute", "Computes all expressions in one graph, shared work once.");
  define<compute_blocks>(m, "compute_blocks", "As compute(), but every expression's blocks.");
  define<persist>(m, "persist", "Computes, and returns expressions whose blocks are in memory.");
}

}  // namespace dusk::bindings

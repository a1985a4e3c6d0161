#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <array>

#include "bindings/cluster.h"
#include "bindings/cluster_client.h"
#include "bindings/compute.h"
#include "bindings/convert.h"
#include "bindings/errors.h"
#include "bindings/expr.h"
#include "bindings/finalize.h"
#include "bindings/pickling.h"
#include "bindings/python_language.h"
#include "dusk/base/cpu.h"
#include "dusk/base/error.h"
#include "dusk/base/token.h"
#include "dusk/data/buffer.h"
#include "dusk/data/ledger.h"
#include "dusk/runtime/executor.h"

namespace dusk::bindings {

std::span<const Family* const> families() {
  static const std::vector<const Family*> all = {
      &object_family(),
      &array_family(),
      &frame_family(),
  };
  return all;
}

const Family& family_of(const graph::Expr& expr) {
  for (const Family* family : families()) {
    if (family->owns(expr)) return *family;
  }
  throw base::type_error("an expression of kind " + std::string(expr.kind()) +
                         " belongs to no family");
}

namespace {

std::string tokenize_bytes(nb::args parts) {
  base::Tokenizer token("bytes");
  for (nb::handle part : parts) {
    auto bytes = nb::cast<nb::bytes>(part);
    token.add(std::string_view(bytes.c_str(), bytes.size()));
  }
  return token.finish().hex();
}

nb::dict ledger() {
  const data::Ledger& process = data::Ledger::process();
  nb::dict result;
  result["live"] = process.live_bytes();
  result["peak"] = process.peak_bytes();
  result["pooled"] = data::pool::free_bytes();
  return result;
}

void stop_threads() {
  nb::gil_scoped_release unlocked;
  runtime::stop_threads();
}

void bind_process(nb::module_& m) {
  m.def("tokenize_bytes", &tokenize_bytes, nb::arg("parts"));
  m.def("ledger", &ledger, "Bytes in live buffers now and at most, and in the free pool.");
  m.def("reset_peak", [] { data::Ledger::process().reset_peak(); });
  m.def("trim_pool", &data::pool::trim);
  m.def("stop_threads", &stop_threads, "Ends the idle worker threads.");
  m.def("cpu_count", &base::cpu_count);
  nb::module_::import_("atexit").attr("register")(m.attr("stop_threads"));
}

}  // namespace
}  // namespace dusk::bindings

NB_MODULE(_core, m) {
  using namespace dusk::bindings;  // NOLINT: the module's own names
  nb::set_leak_warnings(false);    // objects of __main__ may outlive the interpreter's end
  m.doc() = "The compiled engine: the only door between Python and C++.";
  m.attr("__version__") = "0.1.0";
  bind_errors(m);
  bind_pickling(m);
  bind_convert(m);
  bind_expr(m);
  bind_expr_bytes(m);
  bind_object(m);
  bind_observer(m);
  bind_compute(m);
  bind_explain(m);
  bind_process(m);
  bind_cluster_client(m);
  bind_array(m);
  bind_frame(m);
  bind_python_language(m);
  bind_cluster_scheduler(m);
  bind_cluster_worker(m);
  bind_cluster_nanny(m);
}

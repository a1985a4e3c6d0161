#include <arrow/api.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings/frame.h"
#include "dusk/base/error.h"
#include "dusk/collections/frame/combining.h"
#include "dusk/collections/frame/grouping.h"
#include "dusk/collections/frame/rowwise.h"

namespace dusk::bindings {
namespace {

namespace kernels = dusk::kernels::frame;
using Names = std::vector<std::string>;

nb::object project(nb::handle x, nb::handle columns, nb::handle index) {
  std::optional<std::vector<frame::NamedColumn>> levels;
  if (!index.is_none()) levels = named_columns_of(index);
  return wrap_frame(frame::project(frame_of(x), named_columns_of(columns), levels));
}

std::vector<kernels::Aggregate> aggregates_of(nb::handle rows) {
  std::vector<kernels::Aggregate> aggregates;
  for (nb::handle row : rows) {
    nb::object name = row[0], column = row[1], function = row[2], options = row[3];
    aggregates.push_back({nb::cast<std::string>(name), nb::cast<std::string>(function),
                          nb::cast<std::string>(column), options_of(options)});
  }
  return aggregates;
}

nb::object group_by(nb::handle x, const Names& keys, nb::handle aggregations, bool sort,
                    bool dropna, int64_t) {
  return wrap_frame(
      frame::group_by(frame_of(x), {keys, aggregates_of(aggregations)}, sort, dropna));
}

nb::object merge(nb::handle left, nb::handle right, const std::string& how, const Names& left_on,
                 const Names& right_on, nb::handle columns, nb::handle index, int64_t npartitions) {
  kernels::JoinSpec spec;
  spec.kind = kernels::join_kind(how);
  spec.left_on = left_on;
  spec.right_on = right_on;
  Names levels;
  auto add = [&](nb::handle rows, bool level) {
    for (nb::handle row : rows) {
      nb::object name = row[0], side = row[1], source = row[2];
      spec.columns.push_back(
          {nb::cast<std::string>(name), nb::cast<int>(side), nb::cast<std::string>(source)});
      if (level) levels.push_back(spec.columns.back().name);
    }
  };
  add(index, true);
  add(columns, false);
  return wrap_frame(frame::merge(frame_of(left), frame_of(right), spec, levels, npartitions));
}

kernels::NaPosition na_position_of(const std::string& text) {
  if (text == "first") return kernels::NaPosition::kFirst;
  if (text == "last") return kernels::NaPosition::kLast;
  throw base::value_error("invalid na_position: " + text);
}

nb::object sort(nb::handle x, const Names& by, const std::vector<bool>& ascending,
                const std::string& na_position, int64_t npartitions) {
  if (by.size() != ascending.size()) {
    throw base::value_error("Length of ascending (" + std::to_string(ascending.size()) +
                            ") != length of by (" + std::to_string(by.size()) + ")");
  }
  std::vector<kernels::SortKey> keys;
  for (size_t i = 0; i < by.size(); ++i) keys.push_back({by[i], ascending[i]});
  return wrap_frame(frame::sort(frame_of(x), keys, na_position_of(na_position), npartitions));
}

nb::object nlargest(nb::handle x, int64_t n, const Names& by, bool largest,
                    const std::string& keep) {
  auto ties = keep == "first"  ? kernels::KeepTies::kFirst
              : keep == "last" ? kernels::KeepTies::kLast
                               : kernels::KeepTies::kAll;
  return wrap_frame(frame::largest(frame_of(x), std::max<int64_t>(n, 0), by, largest, ties));
}

nb::object drop_duplicates(nb::handle x, const Names& subset, nb::handle keep) {
  kernels::Keep kept = kernels::Keep::kNone;
  if (nb::isinstance<nb::str>(keep)) {
    kept = nb::cast<std::string>(keep) == "last" ? kernels::Keep::kLast : kernels::Keep::kFirst;
  }
  return wrap_frame(frame::drop_duplicates(frame_of(x), subset, kept));
}

}  // namespace

void bind_frame_calls(nb::module_& m) {
  m.def("frame_project", &project, nb::arg("x"), nb::arg("columns"), nb::arg("index") = nb::none());
  m.def(
      "frame_filter",
      [](nb::handle x, const PyColumn& predicate) {
        return wrap_frame(frame::filter(frame_of(x), predicate.column));
      },
      nb::arg("x"), nb::arg("predicate"));
  m.def(
      "frame_align", [](nb::handle xs) { return wrap_frame(frame::align(frames_of(xs))); },
      nb::arg("xs"));
  m.def("frame_groupby", &group_by, nb::arg("x"), nb::arg("keys"), nb::arg("aggregations"),
        nb::kw_only(), nb::arg("sort") = true, nb::arg("dropna") = true,
        nb::arg("npartitions") = 1);
  m.def(
      "frame_reduce",
      [](nb::handle x, nb::handle aggregations) {
        return wrap_frame(frame::reduce(frame_of(x), aggregates_of(aggregations)));
      },
      nb::arg("x"), nb::arg("aggregations"));
  m.def("frame_merge", &merge, nb::arg("left"), nb::arg("right"), nb::arg("how"),
        nb::arg("left_on"), nb::arg("right_on"), nb::arg("columns"),
        nb::arg("index") = nb::make_tuple(), nb::arg("npartitions") = 0);
  m.def("frame_sort", &sort, nb::arg("x"), nb::arg("by"), nb::arg("ascending"),
        nb::arg("na_position"), nb::arg("npartitions") = 1);
  m.def("frame_nlargest", &nlargest, nb::arg("x"), nb::arg("n"), nb::arg("by"), nb::arg("largest"),
        nb::arg("keep"));
  m.def(
      "frame_head",
      [](nb::handle x, int64_t n, int64_t npartitions) {
        return wrap_frame(frame::head(frame_of(x), n, npartitions));
      },
      nb::arg("x"), nb::arg("n"), nb::arg("npartitions"));
  m.def(
      "frame_tail", [](nb::handle x, int64_t n) { return wrap_frame(frame::tail(frame_of(x), n)); },
      nb::arg("x"), nb::arg("n"));
  m.def("frame_drop_duplicates", &drop_duplicates, nb::arg("x"), nb::arg("subset"),
        nb::arg("keep"));
  m.def(
      "frame_concat", [](nb::handle xs) { return wrap_frame(frame::concat(frames_of(xs))); },
      nb::arg("xs"));
  m.def(
      "frame_partitions",
      [](nb::handle x, const std::vector<int64_t>& indices) {
        return wrap_frame(frame::partitions(frame_of(x), indices));
      },
      nb::arg("x"), nb::arg("indices"));
  m.def(
      "frame_repartition",
      [](nb::handle x, const std::vector<std::vector<int64_t>>& groups) {
        return wrap_frame(frame::repartition(frame_of(x), groups));
      },
      nb::arg("x"), nb::arg("groups"));
  m.def(
      "frame_split",
      [](nb::handle x, const std::vector<int64_t>& shares) {
        return wrap_frame(frame::split(frame_of(x), shares));
      },
      nb::arg("x"), nb::arg("shares"));
}

}  // namespace dusk::bindings

#include <arrow/api.h>
#include <arrow/util/key_value_metadata.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <filesystem>

#include "bindings/convert.h"
#include "bindings/frame.h"
#include "dusk/base/error.h"
#include "dusk/collections/frame/combining.h"
#include "dusk/collections/frame/scans.h"
#include "dusk/collections/frame/writing.h"
#include "dusk/io/parquet.h"

namespace dusk::bindings {
namespace {

nb::object from_tables(const std::vector<PyTable>& tables, const std::string& token,
                       std::string prefix) {
  std::vector<data::TablePtr> values;
  for (const PyTable& table : tables) values.push_back(table.table);
  return wrap_frame(frame::from_tables(std::move(values), token, std::move(prefix)));
}

nb::object read_parquet(const std::vector<std::string>& paths,
                        const std::optional<std::vector<std::string>>& columns,
                        const std::vector<std::string>& index, int split_row_groups) {
  return wrap_frame(frame::read_parquet(paths, columns, index, split_row_groups));
}

nb::dict parquet_info(const std::string& path) {
  auto file = io::ParquetFile::open(path);
  nb::dict info;
  info["rows"] = file->rows();
  nb::list groups;
  for (const auto& group : file->row_groups()) {
    nb::dict facts;
    facts["rows"] = group.rows;
    facts["bytes"] = group.bytes;
    groups.append(facts);
  }
  info["row_groups"] = groups;
  info["columns"] = file->schema()->field_names();
  info["pandas"] = nb::none();
  if (auto metadata = file->schema()->metadata()) {
    auto pandas = metadata->Get("pandas");
    if (pandas.ok()) info["pandas"] = *pandas;
  }
  info["schema"] = schema_to_python(file->schema()->RemoveMetadata());
  return info;
}

std::vector<std::string> texts(const nb::dict& options, const char* key) {
  if (!options.contains(key)) return {};
  return nb::cast<std::vector<std::string>>(nb::object(options[key]));
}

char letter(const nb::dict& options, const char* key, char otherwise) {
  if (!options.contains(key)) return otherwise;
  auto text = nb::cast<std::string>(nb::object(options[key]));
  if (text.size() != 1) {
    throw base::value_error(std::string("[read_csv] ") + key + " must be one character, not '" +
                            text + "'");
  }
  return text[0];
}

nb::object read_csv(const std::vector<std::string>& paths, const nb::dict& schema,
                    const nb::dict& options, std::optional<int64_t> blocksize) {
  arrow::FieldVector fields;
  for (auto [name, type] : schema) {
    fields.push_back(arrow::field(nb::cast<std::string>(name),
                                  kernels::frame::type_from_name(nb::cast<std::string>(type))));
  }
  io::CsvOptions csv;
  csv.separator = letter(options, "sep", ',');
  csv.quote = letter(options, "quotechar", '"');
  if (options.contains("header")) csv.header = nb::cast<bool>(nb::object(options["header"]));
  csv.names = texts(options, "names");
  csv.na_values = texts(options, "na_values");
  return wrap_frame(
      frame::read_csv(paths, arrow::schema(std::move(fields)), csv, blocksize.value_or(0)));
}

nb::list csv_blocks(const std::vector<std::string>& paths, std::optional<int64_t> blocksize) {
  nb::list blocks;
  for (const auto& block : io::csv_blocks(paths, blocksize.value_or(0))) {
    blocks.append(nb::make_tuple(block.path, block.offset, block.length));
  }
  return blocks;
}

nb::object write_parquet(nb::handle x, const std::vector<std::string>& paths,
                         const std::string& compression, int64_t row_group_rows,
                         const std::map<std::string, std::string>& metadata) {
  return wrap_frame(
      frame::write_parquet(frame_of(x), paths, compression, row_group_rows, metadata));
}

}  // namespace

void bind_frame_scans(nb::module_& m) {
  m.def("frame_from_tables", &from_tables, nb::arg("tables"), nb::arg("token"), nb::arg("prefix"));
  m.def("frame_read_parquet", &read_parquet, nb::arg("paths"), nb::arg("columns").none(),
        nb::arg("index"), nb::arg("split_row_groups"));
  m.def("parquet_info", &parquet_info, nb::arg("path"));
  m.def("frame_read_csv", &read_csv, nb::arg("paths"), nb::arg("schema"), nb::arg("options"),
        nb::arg("blocksize").none());
  m.def("csv_blocks", &csv_blocks, nb::arg("paths"), nb::arg("blocksize").none());
  m.def("frame_write_parquet", &write_parquet, nb::arg("x"), nb::arg("paths"), nb::kw_only(),
        nb::arg("compression"), nb::arg("row_group_rows"), nb::arg("metadata"));
}

}  // namespace dusk::bindings

#include "dusk/kernels/frame/aggregate.h"

#include <arrow/api.h>

#include <algorithm>

#include "dusk/base/error.h"
#include "dusk/data/table.h"
#include "dusk/kernels/frame/accumulator.h"
#include "dusk/kernels/frame/arrow_call.h"
#include "dusk/kernels/frame/grouper.h"
#include "dusk/kernels/frame/rows.h"

namespace dusk::kernels::frame {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;
using TypePtr = std::shared_ptr<arrow::DataType>;
using TablePtr = std::shared_ptr<arrow::Table>;

TypePtr column_type(const Aggregate& aggregate, const arrow::Schema& input) {
  if (aggregate.function == "size") return arrow::int64();
  return input.field(column_index(input, aggregate.column, "groupby"))->type();
}

// Picks of a category are categories again.
TypePtr final_type(const Aggregate& aggregate, const arrow::Schema& input) {
  return result_type(aggregate.function, column_type(aggregate, input));
}

TablePtr table_of(arrow::FieldVector fields, std::vector<ArrayPtr> columns, int64_t rows) {
  arrow::ChunkedArrayVector chunked;
  for (size_t i = 0; i < columns.size(); ++i) {
    fields[i] = fields[i]->WithType(columns[i]->type());
    chunked.push_back(std::make_shared<arrow::ChunkedArray>(columns[i]));
  }
  return arrow::Table::Make(arrow::schema(std::move(fields)), std::move(chunked), rows);
}

std::vector<TypePtr> key_types(const AggregateSpec& spec, const arrow::Schema& input) {
  std::vector<TypePtr> types;
  for (const std::string& key : spec.keys) {
    types.push_back(input.field(column_index(input, key, "groupby"))->type());
  }
  return types;
}

}  // namespace

struct Aggregator::State {
  AggregateSpec spec;
  std::shared_ptr<arrow::Schema> input;
  std::vector<TypePtr> result_types;
  std::unique_ptr<Grouper> grouper;
  std::vector<std::unique_ptr<Accumulator>> accumulators;
  std::vector<size_t> parts;  // columns of each one's state

  State(const AggregateSpec& given, const arrow::Schema& schema)
      : spec(given), input(arrow::schema(schema.fields())) {
    grouper = std::make_unique<Grouper>(key_types(spec, schema));
    for (const Aggregate& aggregate : spec.aggregates) {
      result_types.push_back(final_type(aggregate, schema));
      accumulators.push_back(
          make_accumulator(aggregate.function, column_type(aggregate, schema), aggregate.options));
      parts.push_back(accumulators.back()->state().size());
    }
    if (single()) {  // the one group exists without rows
      uint32_t group = 0;
      grouper->assign(KeyBatch{{}, 1}, 0, 1, &group);
      resize();
    }
  }

  bool single() const { return spec.keys.empty(); }

  void resize() {
    for (auto& accumulator : accumulators) accumulator->resize(grouper->num_groups());
  }

  template <class Source>
  KeyBatch key_batch(const Source& find_column, int64_t rows) {
    std::vector<ArrayPtr> keys;
    for (const std::string& key : spec.keys) keys.push_back(find_column(key));
    return grouper->prepare(keys, rows);
  }

  void consume(const arrow::RecordBatch& batch);
  void consume_windows(const KeyBatch& keys, std::vector<WindowReader>& readers,
                       const std::vector<int>& reader_of, PoolVector<uint32_t>& groups,
                       bool keep_groups);
  void consume_state(const arrow::RecordBatch& batch);
  std::vector<ArrayPtr> state_columns(arrow::FieldVector& fields) const;
};

void Aggregator::State::consume(const arrow::RecordBatch& batch) {
  int64_t rows = batch.num_rows();
  if (rows == 0) return;
  auto column = [&](const std::string& name) {
    return batch.column(column_index(*batch.schema(), name, "groupby"));
  };
  KeyBatch keys = key_batch(column, rows);
  // Aggregates of one column share its windows.
  std::vector<std::string> read;
  std::vector<WindowReader> readers;
  std::vector<ArrayPtr> arrays;
  std::vector<int> reader_of;
  bool whole = false;
  for (size_t a = 0; a < accumulators.size(); ++a) {
    const Aggregate& aggregate = spec.aggregates[a];
    whole |= accumulators[a]->whole_arrays();
    if (aggregate.function == "size") {
      reader_of.push_back(-1);
      continue;
    }
    auto known = std::find(read.begin(), read.end(), aggregate.column);
    reader_of.push_back(static_cast<int>(known - read.begin()));
    if (known != read.end()) continue;
    read.push_back(aggregate.column);
    ArrayPtr values = decoded(column(aggregate.column));
    auto want = decoded(empty_array(column_type(aggregate, *input)))->type();
    bool texts = is_text(storage_of(*want)) && is_text(storage_of(*values->type()));
    if (!texts) values = cast_array(values, want, false, "groupby");
    arrays.push_back(values);
    readers.emplace_back(values);
  }
  PoolVector<uint32_t> groups(static_cast<size_t>(whole ? rows : std::min(rows, kWindow)));
  consume_windows(keys, readers, reader_of, groups, whole);
  for (size_t a = 0; a < accumulators.size(); ++a) {
    if (!accumulators[a]->whole_arrays()) continue;
    accumulators[a]->consume_array(arrays[static_cast<size_t>(reader_of[a])],
                                   single() ? nullptr : groups.data());
  }
}

void Aggregator::State::consume_windows(const KeyBatch& keys, std::vector<WindowReader>& readers,
                                        const std::vector<int>& reader_of,
                                        PoolVector<uint32_t>& groups, bool keep_groups) {
  std::vector<const Window*> windows(readers.size());
  for (int64_t start = 0; start < keys.length; start += kWindow) {
    int64_t count = std::min(kWindow, keys.length - start);
    uint32_t* numbers = groups.data() + (keep_groups ? start : 0);
    if (!single()) {
      uint32_t before = grouper->num_groups();
      grouper->assign(keys, start, count, numbers);
      if (grouper->num_groups() != before) resize();
    }
    Window every_row;
    every_row.count = count;
    for (size_t r = 0; r < readers.size(); ++r) windows[r] = &readers[r].load(start, count);
    for (size_t a = 0; a < accumulators.size(); ++a) {
      const Window& window =
          reader_of[a] < 0 ? every_row : *windows[static_cast<size_t>(reader_of[a])];
      accumulators[a]->consume(window, single() ? nullptr : numbers);
    }
  }
}

std::vector<ArrayPtr> Aggregator::State::state_columns(arrow::FieldVector& fields) const {
  auto all = all_groups(grouper->num_groups());
  std::vector<ArrayPtr> columns = grouper->keys(all);
  for (size_t k = 0; k < columns.size(); ++k) {
    fields.push_back(arrow::field(spec.keys[k], columns[k]->type()));
  }
  for (size_t a = 0; a < accumulators.size(); ++a) {
    int part = 0;
    for (ArrayPtr& array : accumulators[a]->state()) {
      fields.push_back(
          arrow::field(std::to_string(a) + ":" + std::to_string(part++), array->type()));
      columns.push_back(std::move(array));
    }
  }
  return columns;
}

void Aggregator::State::consume_state(const arrow::RecordBatch& batch) {
  int64_t rows = batch.num_rows();
  if (rows == 0) return;
  PoolVector<uint32_t> groups(static_cast<size_t>(rows), 0);
  if (!single()) {
    int at = 0;
    KeyBatch keys = key_batch([&](const std::string&) { return batch.column(at++); }, rows);
    for (int64_t start = 0; start < rows; start += kWindow) {
      grouper->assign(keys, start, std::min(kWindow, rows - start), groups.data() + start);
    }
    resize();
  }
  int column = static_cast<int>(spec.keys.size());
  for (size_t a = 0; a < accumulators.size(); ++a) {
    std::vector<ArrayPtr> arrays;
    for (size_t p = 0; p < parts[a]; ++p) arrays.push_back(normalised(batch.column(column++)));
    accumulators[a]->merge(arrays, groups.data());
  }
}

Aggregator::Aggregator(const AggregateSpec& spec, const arrow::Schema& input)
    : state_(std::make_unique<State>(spec, input)) {}
Aggregator::~Aggregator() = default;
Aggregator::Aggregator(Aggregator&&) noexcept = default;
Aggregator& Aggregator::operator=(Aggregator&&) noexcept = default;

void Aggregator::consume(const arrow::RecordBatch& batch) { state_->consume(batch); }

namespace {

template <class F>
void for_batches(const arrow::Table& table, F&& f) {
  arrow::TableBatchReader reader(table);
  std::shared_ptr<arrow::RecordBatch> batch;
  for (;;) {
    data::throw_if_failed(reader.ReadNext(&batch), "groupby");
    if (batch == nullptr) return;
    f(*batch);
  }
}

}  // namespace

void Aggregator::consume(const arrow::Table& table) {
  if (table.num_columns() > 0 && table.num_rows() > 0) {
    return for_batches(table, [&](const arrow::RecordBatch& batch) { state_->consume(batch); });
  }
  state_->consume(
      *arrow::RecordBatch::Make(arrow::schema({}), table.num_rows(), std::vector<ArrayPtr>{}));
}

int64_t Aggregator::num_groups() const { return state_->grouper->num_groups(); }

TablePtr Aggregator::to_state_table() const {
  arrow::FieldVector fields;
  auto columns = state_->state_columns(fields);
  return table_of(std::move(fields), std::move(columns), num_groups());
}

std::vector<TablePtr> Aggregator::to_state_tables(int n) const {
  TablePtr whole = to_state_table();
  if (!state_->single()) return hash_partition(whole, state_->spec.keys, n);
  std::vector<TablePtr> parts = {whole};
  while (static_cast<int>(parts.size()) < n) parts.push_back(whole->Slice(0, 0));
  return parts;
}

void Aggregator::consume_state(const arrow::Table& state) {
  for_batches(state, [&](const arrow::RecordBatch& batch) { state_->consume_state(batch); });
}

void Aggregator::merge(const Aggregator& other) { consume_state(*other.to_state_table()); }

TablePtr Aggregator::finish(bool sort, bool dropna) const {
  const Grouper& grouper = *state_->grouper;
  PoolVector<uint32_t> order = sort ? grouper.sorted() : all_groups(grouper.num_groups());
  if (dropna && !state_->single()) {
    PoolVector<uint8_t> missing = grouper.missing();
    std::erase_if(order, [&](uint32_t group) { return missing[group] != 0; });
  }
  std::vector<ArrayPtr> columns = grouper.keys(order);
  arrow::FieldVector fields;
  for (size_t k = 0; k < columns.size(); ++k) {
    fields.push_back(arrow::field(state_->spec.keys[k], columns[k]->type()));
  }
  for (size_t a = 0; a < state_->accumulators.size(); ++a) {
    ArrayPtr result = state_->accumulators[a]->finish(order);
    const TypePtr& type = state_->result_types[a];
    if (type->id() == arrow::Type::DICTIONARY) result = call_array("dictionary_encode", {result});
    columns.push_back(cast_array(result, type, false, "groupby"));
    fields.push_back(arrow::field(state_->spec.aggregates[a].name, type));
  }
  return table_of(std::move(fields), std::move(columns), static_cast<int64_t>(order.size()));
}

std::shared_ptr<arrow::Schema> aggregate_schema(const AggregateSpec& spec,
                                                const arrow::Schema& input) {
  arrow::FieldVector fields;
  for (const std::string& key : spec.keys) {
    fields.push_back(arrow::field(
        key, normalised_type(input.field(column_index(input, key, "groupby"))->type())));
  }
  for (const Aggregate& aggregate : spec.aggregates) {
    fields.push_back(arrow::field(aggregate.name, final_type(aggregate, input)));
  }
  return arrow::schema(std::move(fields));
}

std::shared_ptr<arrow::Schema> aggregate_state_schema(const AggregateSpec& spec,
                                                      const arrow::Schema& input) {
  return Aggregator(spec, input).to_state_table()->schema();
}

TablePtr aggregate(const TablePtr& table, const AggregateSpec& spec, bool sort, bool dropna) {
  Aggregator aggregator(spec, *table->schema());
  aggregator.consume(*table);
  return aggregator.finish(sort, dropna);
}

}  // namespace dusk::kernels::frame

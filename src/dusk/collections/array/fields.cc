#include "dusk/collections/array/fields.h"

#include <algorithm>

#include "dusk/kernels/array/function.h"
#include "dusk/kernels/array/kernel.h"

namespace dusk::graph {

using collections::array::AxisPtr;
using collections::array::Chunks;
using collections::array::kUnknown;
using kernels::array::Constant;
using kernels::array::Program;
using Instruction = Program::Instruction;

namespace {

constexpr int64_t kBlocksMax = int64_t{1} << 40;
constexpr int64_t kElementsMax = int64_t{1} << 56;
// Equal sizes are written as runs, of so many at most: what is read is never much larger than
// its bytes.
constexpr int64_t kRunMax = 1024;

void write_axis(Encoder& out, const std::vector<int64_t>& sizes) {
  std::vector<std::pair<int64_t, int64_t>> runs;  // length, size
  for (int64_t size : sizes) {
    if (runs.empty() || runs.back().second != size || runs.back().first == kRunMax) {
      runs.emplace_back(0, size);
    }
    ++runs.back().first;
  }
  write_field(out, runs);
}

AxisPtr read_axis(Decoder& in) {
  std::vector<int64_t> sizes;
  int64_t total = 0;
  for (size_t runs = in.length(); runs > 0; --runs) {
    int64_t length = in.integer(1, kRunMax);
    int64_t size = in.integer(kUnknown, kElementsMax / kRunMax);
    total += std::max<int64_t>(size, 0) * length;
    if (total > kElementsMax) throw Decoder::damaged();
    sizes.insert(sizes.end(), static_cast<size_t>(length), size);
  }
  if (sizes.empty()) throw Decoder::damaged();
  return collections::array::make_axis(std::move(sizes));
}

void write_instruction(Encoder& out, const Instruction& i) {
  out.integer(static_cast<int64_t>(i.kind));
  out.dtype(i.dtype);
  if (i.kind == Instruction::Kind::kInput) return;
  if (i.kind == Instruction::Kind::kConstant) return write_field(out, i.constant);
  // Kernels have names and types; their numbers differ between builds.
  out.boolean(i.opcode >= 0);
  if (i.opcode >= 0) {
    const auto& row = kernels::array::kernel_row(i.opcode);
    out.text(kernels::array::facts(row.function).name);
    for (data::TypeCode code : row.arguments) out.integer(static_cast<int64_t>(code));
  }
  for (kernels::array::Register r : i.arguments) out.integer(r);
}

int16_t read_opcode(Decoder& in) {
  if (!in.boolean()) return -1;
  std::string_view name = in.text();
  data::TypeCode codes[3];
  for (data::TypeCode& code : codes) code = in.choice(data::TypeCode::kObject);
  for (const auto& facts : kernels::array::all_functions()) {
    if (facts.name != name) continue;
    int opcode = kernels::array::find_kernel(facts.function, codes);
    if (opcode >= 0) return static_cast<int16_t>(opcode);
  }
  throw base::value_error("[decode] this process has no kernel '" + std::string(name) +
                          "' for these types: client and workers differ in their versions");
}

Instruction read_instruction(Decoder& in, int32_t inputs) {
  Instruction i;
  i.kind = in.choice(Instruction::Kind::kCast);
  i.dtype = in.dtype();
  if (i.kind == Instruction::Kind::kInput) {
    i.input = inputs;
    return i;
  }
  if (i.kind == Instruction::Kind::kConstant) {
    i.constant = read_field<Constant>(in);
    return i;
  }
  i.opcode = read_opcode(in);
  for (kernels::array::Register& r : i.arguments) r = read_field<int32_t>(in);
  return i;
}

}  // namespace

void Field<Chunks>::write(Encoder& out, const Chunks& chunks) {
  out.count(chunks.ndim());
  for (const AxisPtr& axis : chunks.axes()) write_axis(out, axis->sizes);
}

Chunks Field<Chunks>::read(Decoder& in) {
  std::vector<AxisPtr> axes;
  __int128 blocks = 1, elements = 1;
  for (size_t d = in.length(); d > 0; --d) {
    axes.push_back(read_axis(in));
    blocks *= static_cast<int64_t>(axes.back()->sizes.size());
    if (axes.back()->known) elements *= std::max<int64_t>(axes.back()->total(), 1);
    if (blocks > kBlocksMax || elements > kElementsMax) throw Decoder::damaged();
  }
  return Chunks(std::move(axes));
}

void Field<Constant>::write(Encoder& out, const Constant& constant) {
  out.dtype(constant.dtype);
  out.raw(constant.bytes, static_cast<size_t>(constant.dtype.itemsize));
}

Constant Field<Constant>::read(Decoder& in) {
  Constant constant;
  constant.dtype = in.dtype();
  if (!constant.dtype.is_numeric() && !constant.dtype.is_time()) throw Decoder::damaged();
  std::string_view bytes = in.raw(static_cast<size_t>(constant.dtype.itemsize));
  std::copy_n(reinterpret_cast<const std::byte*>(bytes.data()), bytes.size(), constant.bytes);
  return constant;
}

void Field<Program>::write(Encoder& out, const Program& program) {
  out.count(program.instructions().size());
  for (const Instruction& i : program.instructions()) write_instruction(out, i);
  out.integer(program.result());
}

Program Field<Program>::read(Decoder& in) {
  std::vector<Instruction> instructions;
  int32_t inputs = 0;
  for (size_t left = in.length(); left > 0; --left) {
    instructions.push_back(read_instruction(in, inputs));
    inputs += instructions.back().kind == Instruction::Kind::kInput;
  }
  return Program::from_instructions(std::move(instructions), read_field<int32_t>(in));
}

}  // namespace dusk::graph

// What the encoder and the decoder agree on besides the fields of records.
//
// Header: magic; what the root is; then a count and the bytes of the tables of objects, operations
// and layers, and the root. Things are numbered in the order of their tables; records refer to
// smaller numbers only.
#pragma once

#include <cstdint>
#include <string_view>

namespace dusk::graph {

constexpr std::string_view kMagic = "dusk.graph.1";
constexpr int kOperationDepthMax = 200;

enum class Root : uint8_t { kOperation, kGraph };
enum class PartKind : uint8_t { kBuffer, kOperation, kObject };

inline uint64_t part_code(PartKind kind, uint64_t number) {
  return number * 4 + static_cast<uint64_t>(kind);
}

}  // namespace dusk::graph

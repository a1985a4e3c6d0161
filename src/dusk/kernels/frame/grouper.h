// Numbers distinct rows of key columns 0, 1, 2... in order of first appearance.
//
// Every key value becomes a small code (its distance from the least value seen; 0 is "missing");
// the codes of a row are packed into 64 bits, the first key highest. Packed rows index a dense
// table while they have few bits, otherwise a linear-probing table of (packed, group). When values
// leave the known ranges the packing changes and the table is rebuilt, each time at least twice as
// wide. Keys that cannot be packed are compared word by word.
//
// Missing equals missing, and is a group of its own.
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dusk/kernels/frame/key_column.h"

namespace dusk::kernels::frame {

constexpr uint32_t kNoGroup = 0xFFFFFFFF;
constexpr int64_t kWindow = 4096;  // rows numbered at a time, so that they stay in cache

struct KeyBatch {
  std::vector<PreparedKey> keys;
  int64_t length = 0;
};

class Grouper {
 public:
  explicit Grouper(const std::vector<std::shared_ptr<arrow::DataType>>& types);

  uint32_t num_groups() const { return num_groups_; }

  KeyBatch prepare(const std::vector<std::shared_ptr<arrow::Array>>& columns, int64_t length);
  // Groups of rows [start, start + count), count <= kWindow; new rows make new groups.
  void assign(const KeyBatch& batch, int64_t start, int64_t count, uint32_t* groups);

  // The same without new groups: kNoGroup for rows never seen. May run on many threads at once.
  KeyBatch prepare_find(const std::vector<std::shared_ptr<arrow::Array>>& columns,
                        int64_t length) const;
  void find(const KeyBatch& batch, int64_t start, int64_t count, uint32_t* groups) const;

  // Key columns of the given groups, in their order.
  std::vector<std::shared_ptr<arrow::Array>> keys(std::span<const uint32_t> groups) const;
  // Byte 1 for groups with a missing key.
  PoolVector<uint8_t> missing() const;
  // All groups by keys ascending, first key first, missing last.
  PoolVector<uint32_t> sorted() const;

 private:
  struct Range {
    uint64_t base = 0;   // the least word
    uint64_t count = 0;  // words base, base + 1... base + count - 1 have codes 1...count
    int shift = 0;
  };
  struct Slot {
    uint64_t packed;
    uint32_t group;
  };
  enum class Mode : uint8_t { kDense, kHashed, kWide };

  bool pack(size_t key, int64_t count, const uint64_t* words, const uint8_t* missing,
            uint64_t* packed) const;
  bool pack_rows(const KeyBatch& batch, int64_t start, int64_t count, uint64_t* packed);
  void widen(const KeyBatch& batch, int64_t start, size_t key);
  void arrange(std::vector<Range> ranges, int64_t rows);
  void fill_table(int bits, int64_t rows);
  void reserve_slots(uint32_t groups);
  void assign_dense(int64_t count, const uint64_t* packed, uint32_t* groups);
  void assign_hashed(int64_t count, const uint64_t* packed, uint32_t* groups);
  void assign_wide(const KeyBatch& batch, int64_t start, int64_t count, uint32_t* groups);
  void become_wide();
  void wide_words(const KeyBatch& batch, int64_t start, int64_t count, PoolVector<uint64_t>& rows,
                  bool finding) const;
  uint32_t new_group();
  void words_of(size_t key, std::span<const uint32_t> groups, PoolVector<uint64_t>& words,
                PoolVector<uint8_t>& missing) const;
  PoolVector<uint32_t> sorted_wide() const;

  std::vector<KeyColumn> columns_;
  std::vector<Range> ranges_;
  Mode mode_ = Mode::kDense;
  uint32_t num_groups_ = 0;
  PoolVector<uint64_t> packed_;  // one a group; unless wide
  PoolVector<uint64_t> wide_;    // width() a group; when wide: words, then bits of missing keys
  PoolVector<uint32_t> dense_;   // kDense: group of every packed value; kWide: open addressing
  PoolVector<Slot> slots_;       // kHashed
  int slot_shift_ = 64;
  size_t width() const { return columns_.size() + 1; }
};

}  // namespace dusk::kernels::frame

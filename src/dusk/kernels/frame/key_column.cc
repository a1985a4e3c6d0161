#include "dusk/kernels/frame/key_column.h"

#include <arrow/api.h>

#include <algorithm>
#include <bit>

#include "dusk/base/error.h"
#include "dusk/data/table.h"
#include "dusk/kernels/frame/arrow_call.h"
#include "dusk/kernels/frame/hash.h"
#include "dusk/kernels/frame/rows.h"

namespace dusk::kernels::frame {
namespace {

KeyKind kind_of(const arrow::DataType& type) {
  switch (storage_of(type)) {
    case Storage::kNull:
    case Storage::kBool:
    case Storage::kInt8:
    case Storage::kInt16:
    case Storage::kInt32:
    case Storage::kInt64: return KeyKind::kSigned;
    case Storage::kUInt8:
    case Storage::kUInt16:
    case Storage::kUInt32:
    case Storage::kUInt64: return KeyKind::kUnsigned;
    case Storage::kFloat32:
    case Storage::kFloat64: return KeyKind::kFloat;
    case Storage::kString:
    case Storage::kLargeString:
    case Storage::kFixed: return KeyKind::kText;
    case Storage::kDictionary: return KeyKind::kDictionary;
    default:
      throw base::type_error("[groupby] values of type " + type.ToString() + " cannot be keys");
  }
}

template <class T>
uint64_t number_word(T value) {
  if constexpr (std::is_same_v<T, double>) {
    auto bits = std::bit_cast<uint64_t>(value == 0 ? 0.0 : value);
    return bits >> 63 ? ~bits : bits | (uint64_t{1} << 63);
  } else if constexpr (std::is_same_v<T, float>) {
    auto bits = std::bit_cast<uint32_t>(value == 0 ? 0.0f : value);
    return bits >> 31 ? ~bits : bits | (uint32_t{1} << 31);
  } else {
    return static_cast<uint64_t>(static_cast<int64_t>(value));
  }
}

template <class T>
T number_of_word(uint64_t word) {
  if constexpr (std::is_same_v<T, double>) {
    return std::bit_cast<double>(word >> 63 ? word & ~(uint64_t{1} << 63) : ~word);
  } else if constexpr (std::is_same_v<T, float>) {
    auto bits = static_cast<uint32_t>(word);
    return std::bit_cast<float>(bits >> 31 ? bits & ~(uint32_t{1} << 31) : ~bits);
  } else {
    return static_cast<T>(word);
  }
}

bool has_numbers(KeyKind kind) {
  return kind == KeyKind::kSigned || kind == KeyKind::kUnsigned || kind == KeyKind::kFloat;
}

}  // namespace

KeyColumn::KeyColumn(std::shared_ptr<arrow::DataType> type)
    : type_(normalised_type(type)), kind_(kind_of(*type_)) {}

PreparedKey KeyColumn::prepared(const std::shared_ptr<arrow::Array>& array) const {
  PreparedKey key;
  key.array = normalised(array);
  bool coded = kind_ == KeyKind::kDictionary;
  bool arrives_coded = key.array->type_id() == arrow::Type::DICTIONARY;
  if (coded && !arrives_coded) {
    const auto& values = *static_cast<const arrow::DictionaryType&>(*type_).value_type();
    key.array = call_array("dictionary_encode", {cast_array(key.array, values.GetSharedPtr())});
  } else if (!coded) {
    if (arrives_coded) key.array = decoded(key.array);
    bool same = is_text(storage_of(*key.array->type())) && is_text(storage_of(*type_));
    if (!same) key.array = cast_array(key.array, type_, false, "groupby");
  }
  key.view = view_of(*key.array);
  key.may_miss = key.view.validity != nullptr || kind_ == KeyKind::kFloat ||
                 storage_of(*type_) == Storage::kNull;
  return key;
}

// Numbers the entries of a dictionary; a repeated dictionary is known by its address.
void KeyColumn::add_dictionary(const std::shared_ptr<arrow::Array>& dictionary, PreparedKey& key) {
  bool again = last_dictionary_ != nullptr && last_dictionary_->data() == dictionary->data();
  if (!again) {
    auto values = normalised(dictionary);
    ColumnView view = view_of(*values);
    last_words_.assign(static_cast<size_t>(view.length), 0);
    last_missing_.assign(static_cast<size_t>(view.length), 0);
    for (int64_t i = 0; i < view.length; ++i) {
      auto at = static_cast<size_t>(i);
      last_missing_[at] = !view.valid(i);
      if (last_missing_[at]) continue;
      last_words_[at] = interner_.intern(view.text(i));
      if (last_words_[at] == entries_.size()) entries_.emplace_back(dictionary, i);
    }
    last_dictionary_ = dictionary;
  }
  key.entry_words = last_words_;
  key.entry_missing = last_missing_;
}

PreparedKey KeyColumn::prepare(const std::shared_ptr<arrow::Array>& array) {
  PreparedKey key = prepared(array);
  if (kind_ == KeyKind::kDictionary) {
    add_dictionary(static_cast<const arrow::DictionaryArray&>(*key.array).dictionary(), key);
    key.may_miss |= std::count(key.entry_missing.begin(), key.entry_missing.end(), 1) > 0;
  }
  return key;
}

PreparedKey KeyColumn::prepare_find(const std::shared_ptr<arrow::Array>& array) const {
  PreparedKey key = prepared(array);
  if (kind_ != KeyKind::kDictionary) return key;
  auto values = normalised(static_cast<const arrow::DictionaryArray&>(*key.array).dictionary());
  ColumnView view = view_of(*values);
  for (int64_t i = 0; i < view.length; ++i) {
    uint32_t number = view.valid(i) ? interner_.find(view.text(i)) : 0;
    key.entry_words.push_back(number == Interner::kAbsent ? kAbsentWord : number);
    key.entry_missing.push_back(!view.valid(i));
    key.may_miss |= !view.valid(i);
  }
  return key;
}

void KeyColumn::encode_numbers(const PreparedKey& key, int64_t start, int64_t count,
                               uint64_t* words, uint8_t* missing) const {
  const ColumnView& view = key.view;
  if (view.storage == Storage::kNull) {
    std::fill_n(words, count, 0);
    std::fill_n(missing, count, 1);
    return;
  }
  if (view.storage == Storage::kBool) {
    for (int64_t i = 0; i < count; ++i) words[i] = view.bit(start + i);
  } else if (kind_ == KeyKind::kDictionary) {
    dispatch_number(view.storage, [&](auto zero) {
      const auto* in = view.as<decltype(zero)>() + start;
      const auto entries = key.entry_words.size();
      for (int64_t i = 0; i < count; ++i) {
        auto code = static_cast<size_t>(in[i]);
        words[i] = code < entries ? key.entry_words[code] : 0;  // under a null, anything
        if (key.may_miss) missing[i] = code < entries ? key.entry_missing[code] : 1;
      }
    });
  } else {
    dispatch_number(view.storage, [&](auto zero) {
      const auto* in = view.as<decltype(zero)>() + start;
      for (int64_t i = 0; i < count; ++i) words[i] = number_word(in[i]);
      if (kind_ != KeyKind::kFloat) return;
      for (int64_t i = 0; i < count; ++i) missing[i] = in[i] != in[i];
    });
  }
  if (!key.may_miss) return;
  if (kind_ != KeyKind::kFloat && kind_ != KeyKind::kDictionary) std::fill_n(missing, count, 0);
  if (view.validity == nullptr) return;
  for (int64_t i = 0; i < count; ++i) missing[i] |= !view.valid(start + i);
}

void KeyColumn::encode(const PreparedKey& key, int64_t start, int64_t count, uint64_t* words,
                       uint8_t* missing) {
  if (kind_ != KeyKind::kText) return encode_numbers(key, start, count, words, missing);
  const ColumnView& view = key.view;
  for (int64_t i = 0; i < count; ++i) words[i] = hash_bytes(view.text(start + i));
  constexpr int64_t kAhead = 8;
  for (int64_t i = 0; i < count; ++i) {
    if (i + 3 * kAhead < count) interner_.prefetch_slot(words[i + 3 * kAhead]);
    if (i + 2 * kAhead < count) interner_.prefetch_text(words[i + 2 * kAhead]);
    if (i + kAhead < count) interner_.prefetch_bytes(words[i + kAhead]);
    bool there = view.valid(start + i);
    if (key.may_miss) missing[i] = !there;
    words[i] = there ? interner_.intern(view.text(start + i), words[i]) : 0;
  }
}

void KeyColumn::find(const PreparedKey& key, int64_t start, int64_t count, uint64_t* words,
                     uint8_t* missing) const {
  if (kind_ != KeyKind::kText) return encode_numbers(key, start, count, words, missing);
  for (int64_t i = 0; i < count; ++i) {
    bool there = key.view.valid(start + i);
    if (key.may_miss) missing[i] = !there;
    uint32_t number = there ? interner_.find(key.view.text(start + i)) : 0;
    words[i] = number == Interner::kAbsent ? kAbsentWord : number;
  }
}

PoolVector<uint32_t> KeyColumn::ranks() const {
  if (kind_ != KeyKind::kText) return {};
  if (storage_of(*type_) != Storage::kFixed || !arrow::is_decimal(type_->id())) {
    return interner_.ranks();
  }
  PoolVector<uint64_t> words(interner_.size());
  for (size_t i = 0; i < words.size(); ++i) words[i] = i;
  auto order = call_array("array_sort_indices", {array_of(words, {})});
  const auto& indices = static_cast<const arrow::UInt64Array&>(*order);
  PoolVector<uint32_t> ranks(words.size());
  for (int64_t i = 0; i < indices.length(); ++i) ranks[indices.Value(i)] = static_cast<uint32_t>(i);
  return ranks;
}

uint64_t KeyColumn::order_word(uint64_t word, const PoolVector<uint32_t>& ranks) const {
  if (kind_ == KeyKind::kText) return ranks[word];
  return kind_ == KeyKind::kSigned ? word ^ (uint64_t{1} << 63) : word;
}

namespace {

std::shared_ptr<arrow::Buffer> validity_of(const PoolVector<uint8_t>& missing) {
  if (std::count(missing.begin(), missing.end(), 0) == static_cast<ptrdiff_t>(missing.size())) {
    return nullptr;
  }
  PoolVector<uint8_t> there(missing.size());
  for (size_t i = 0; i < missing.size(); ++i) there[i] = missing[i] ^ 1;
  return bits_of(there.data(), static_cast<int64_t>(there.size()));
}

template <class Offset>
std::shared_ptr<arrow::Array> text_array(const std::shared_ptr<arrow::DataType>& type,
                                         const Interner& texts, const PoolVector<uint64_t>& words,
                                         const PoolVector<uint8_t>& missing) {
  auto n = static_cast<int64_t>(words.size());
  auto offsets = allocate_bytes((n + 1) * static_cast<int64_t>(sizeof(Offset)));
  auto* at = reinterpret_cast<Offset*>(offsets->mutable_data());
  auto there = [&](size_t i) { return missing.empty() || missing[i] == 0; };
  int64_t total = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    at[i] = static_cast<Offset>(total);
    if (there(i)) total += static_cast<int64_t>(texts.text(static_cast<uint32_t>(words[i])).size());
  }
  if (total > std::numeric_limits<Offset>::max()) {
    throw base::not_implemented("[groupby] texts of more than 2 GiB need large_string keys");
  }
  at[n] = static_cast<Offset>(total);
  auto bytes = allocate_bytes(total);
  for (size_t i = 0; i < words.size(); ++i) {
    if (!there(i)) continue;
    std::string_view text = texts.text(static_cast<uint32_t>(words[i]));
    if (!text.empty()) std::memcpy(bytes->mutable_data() + at[i], text.data(), text.size());
  }
  return arrow::MakeArray(arrow::ArrayData::Make(type, n, {validity_of(missing), offsets, bytes}));
}

}  // namespace

std::shared_ptr<arrow::Array> KeyColumn::array_of(const PoolVector<uint64_t>& words,
                                                  const PoolVector<uint8_t>& missing) const {
  auto n = static_cast<int64_t>(words.size());
  Storage storage = storage_of(*type_);
  if (storage == Storage::kNull) return std::make_shared<arrow::NullArray>(n);
  if (storage == Storage::kString) return text_array<int32_t>(type_, interner_, words, missing);
  if (storage == Storage::kLargeString) {
    return text_array<int64_t>(type_, interner_, words, missing);
  }
  if (storage == Storage::kFixed) {
    int width = static_cast<const arrow::FixedWidthType&>(*type_).byte_width();
    auto values = allocate_bytes(n * width);
    for (size_t i = 0; i < words.size(); ++i) {
      uint8_t* to = values->mutable_data() + static_cast<int64_t>(i) * width;
      bool there = missing.empty() || missing[i] == 0;
      std::memset(to, 0, static_cast<size_t>(width));
      if (there) {
        std::memcpy(to, interner_.text(static_cast<uint32_t>(words[i])).data(),
                    static_cast<size_t>(width));
      }
    }
    return fixed_array(type_, n, values, validity_of(missing));
  }
  if (storage == Storage::kBool) {
    PoolVector<uint8_t> bytes(words.begin(), words.end());
    return fixed_array(type_, n, bits_of(bytes.data(), n), validity_of(missing));
  }
  if (has_numbers(kind_)) {
    return dispatch_number(storage, [&](auto zero) {
      using T = decltype(zero);
      auto values = allocate_bytes(n * static_cast<int64_t>(sizeof(T)));
      T* out = reinterpret_cast<T*>(values->mutable_data());
      for (size_t i = 0; i < words.size(); ++i) out[i] = number_of_word<T>(words[i]);
      return fixed_array(type_, n, values, validity_of(missing));
    });
  }
  // Dictionary: the entries seen, in order of their numbers.
  const auto& coded = static_cast<const arrow::DictionaryType&>(*type_);
  std::shared_ptr<arrow::Array> dictionary;
  bool first_only = !entries_.empty();
  for (size_t i = 0; i < entries_.size() && first_only; ++i) {
    first_only =
        entries_[i].first == entries_[0].first && entries_[i].second == static_cast<int64_t>(i);
  }
  if (entries_.empty()) {
    dictionary = last_dictionary_ != nullptr ? last_dictionary_->Slice(0, 0)
                                             : empty_array(coded.value_type());
  } else if (first_only && entries_[0].first->length() == static_cast<int64_t>(entries_.size())) {
    dictionary = entries_[0].first;
  } else {
    arrow::ArrayVector parts;
    for (const auto& [array, position] : entries_) parts.push_back(array->Slice(position, 1));
    dictionary = combined(arrow::ChunkedArray(parts, parts[0]->type()));
  }
  auto codes = allocate_bytes(n * 4);
  auto* out = reinterpret_cast<int32_t*>(codes->mutable_data());
  for (size_t i = 0; i < words.size(); ++i) out[i] = static_cast<int32_t>(words[i]);
  auto indices = fixed_array(arrow::int32(), n, codes, validity_of(missing));
  auto array = arrow::DictionaryArray::FromArrays(
      arrow::dictionary(coded.index_type(), dictionary->type(), coded.ordered()),
      cast_array(indices, coded.index_type()), dictionary);
  data::throw_if_failed(array.status(), "groupby");
  return *array;
}

}  // namespace dusk::kernels::frame

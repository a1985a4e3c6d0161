#include <emmintrin.h>

#include <cstring>

#include "dusk/kernels/array/kernel.h"

namespace dusk::kernels::array {

void stream_copy(const void* from, void* to, int64_t bytes) {
  const char* source = static_cast<const char*>(from);
  char* target = static_cast<char*>(to);
  int64_t head = static_cast<int64_t>(-reinterpret_cast<uintptr_t>(target) & 63);
  if (head > bytes) head = bytes;
  std::memcpy(target, source, static_cast<size_t>(head));
  int64_t i = head;
  for (; i + 64 <= bytes; i += 64) {
    for (int64_t k = 0; k < 64; k += 16) {
      __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(source + i + k));
      _mm_stream_si128(reinterpret_cast<__m128i*>(target + i + k), v);
    }
  }
  std::memcpy(target + i, source + i, static_cast<size_t>(bytes - i));
  _mm_sfence();
}

}  // namespace dusk::kernels::array

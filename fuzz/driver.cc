// Mutates the seeds: flipped bits, changed, removed, repeated and inserted bytes, extreme numbers,
// cuts, and splices of two inputs. The same runs and seed are the same inputs.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>

#include "dusk/base/error.h"
#include "dusk/data/ledger.h"
#include "fuzz.h"

namespace {

class Mutator {
 public:
  explicit Mutator(uint64_t seed) : random_(seed) {}

  std::string mutate(const std::vector<std::string>& corpus) {
    std::string bytes = corpus[below(corpus.size())];
    for (size_t n = 1 + below(6); n > 0; --n) change(bytes, corpus);
    return bytes;
  }

 private:
  size_t below(size_t n) { return n ? random_() % n : 0; }

  void change(std::string& bytes, const std::vector<std::string>& corpus) {
    static constexpr int64_t kExtremes[] = {
        0, 1, -1, 127, 128, 255, 65535, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, 1LL << 40};
    size_t at = below(bytes.size());
    size_t length = 1 + below(16);
    switch (below(7)) {
      case 0:
        if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
        break;
      case 1:
        if (!bytes.empty()) bytes[at] = static_cast<char>(below(256));
        break;
      case 2: bytes.erase(at, length); break;
      case 3: bytes.insert(at, bytes.substr(below(bytes.size()), length)); break;
      case 4: {
        int64_t number = kExtremes[below(std::size(kExtremes))];
        size_t width = size_t{1} << below(4);
        if (at + width <= bytes.size()) std::memcpy(bytes.data() + at, &number, width);
        break;
      }
      case 5: bytes.resize(at); break;
      default: {
        const std::string& other = corpus[below(corpus.size())];
        bytes = bytes.substr(0, at) + other.substr(below(other.size()));
      }
    }
  }

  std::mt19937_64 random_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    parse(data, size);
  } catch (const dusk::base::Error&) {  // the caller's to read
  }
  return 0;
}

int main(int argc, char** argv) {
  long runs = argc > 1 ? std::atol(argv[1]) : 1000;
  uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  std::vector<std::string> corpus = seeds();
  // What is well-formed must parse: else the mutated ones test nothing.
  for (const std::string& input : corpus) {
    parse(reinterpret_cast<const uint8_t*>(input.data()), input.size());
  }
  std::string last = "/tmp/dusk-fuzz-" + std::to_string(getpid()) + ".last";
  Mutator mutator(seed);
  for (long run = 0; run < runs; ++run) {
    std::string input = mutator.mutate(corpus);
    std::ofstream(last, std::ios::binary) << input;  // stays after a crash
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
    if (dusk::data::Ledger::process().live_bytes() != 0) {
      std::fprintf(stderr, "run %ld of seed %llu leaves %lld bytes behind\n", run,
                   static_cast<unsigned long long>(seed),
                   static_cast<long long>(dusk::data::Ledger::process().live_bytes()));
      return 1;
    }
  }
  unlink(last.c_str());
  std::printf("%ld runs from seed %llu\n", runs, static_cast<unsigned long long>(seed));
  return 0;
}

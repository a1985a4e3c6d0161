#include "dusk/cli/quantities.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <thread>

#include <sys/sysinfo.h>

#include "dusk/base/error.h"

namespace dusk::cli {
namespace {

struct Quantity {
  double number = 0;
  std::string unit;  // lower case, without spaces
};

bool split(const std::string& text, Quantity* quantity) {
  const char* begin = text.data();
  const char* end = begin + text.size();
  auto [rest, error] = std::from_chars(begin, end, quantity->number);
  if (error != std::errc() || !std::isfinite(quantity->number) || quantity->number < 0) {
    return false;
  }
  for (; rest != end; ++rest) {
    if (*rest != ' ') quantity->unit += static_cast<char>(std::tolower(*rest));
  }
  return true;
}

int64_t scaled(const char* what, const std::string& text,
               const std::map<std::string, double>& units, const char* example) {
  Quantity quantity;
  bool fine = split(text, &quantity);
  auto unit = units.find(quantity.unit);
  double value = fine && unit != units.end() ? quantity.number * unit->second : -1;
  if (value < 0 || value > 9e18) {
    throw base::value_error("[" + std::string(what) + "] '" + text + "' is not a " + what +
                            ": write it like " + example);
  }
  return static_cast<int64_t>(std::llround(value));
}

int64_t machine_memory() {
  struct sysinfo info {};
  int64_t bytes = 0;
  if (sysinfo(&info) == 0) bytes = static_cast<int64_t>(info.totalram) * info.mem_unit;
  for (const char* file :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    int64_t limit = 0;
    if (std::ifstream(file) >> limit && limit > 0) bytes = std::min(bytes, limit);
  }
  return bytes;
}

}  // namespace

int64_t parse_duration(const std::string& text) {
  static const std::map<std::string, double> kUnits{
      {"", 1e6},         {"us", 1},        {"ms", 1e3},      {"s", 1e6},        {"sec", 1e6},
      {"second", 1e6},   {"seconds", 1e6}, {"m", 60e6},      {"min", 60e6},     {"minute", 60e6},
      {"minutes", 60e6}, {"h", 3600e6},    {"hour", 3600e6}, {"hours", 3600e6}, {"d", 86400e6},
      {"day", 86400e6},  {"days", 86400e6}};
  return scaled("duration", text, kUnits, "30, 500ms or '5 minutes'");
}

int64_t parse_bytes(const std::string& text) {
  static const std::map<std::string, double> kUnits{{"", 1},
                                                    {"b", 1},
                                                    {"kb", 1e3},
                                                    {"mb", 1e6},
                                                    {"gb", 1e9},
                                                    {"tb", 1e12},
                                                    {"k", 1e3},
                                                    {"m", 1e6},
                                                    {"g", 1e9},
                                                    {"t", 1e12},
                                                    {"kib", 1024.0},
                                                    {"mib", 1048576.0},
                                                    {"gib", 1073741824.0},
                                                    {"tib", 1099511627776.0}};
  return scaled("size", text, kUnits, "4GiB, 512MB or 1e9");
}

int64_t parse_memory_limit(const std::string& text, int32_t threads) {
  if (text == "0" || text == "none" || text == "None") return 0;
  if (text == "auto") {
    double processors = std::max(1u, std::thread::hardware_concurrency());
    return static_cast<int64_t>(static_cast<double>(machine_memory()) *
                                std::min(1.0, threads / processors));
  }
  Quantity quantity;
  if (split(text, &quantity) && quantity.unit.empty() && quantity.number <= 1) {
    return static_cast<int64_t>(static_cast<double>(machine_memory()) * quantity.number);
  }
  return parse_bytes(text);
}

std::map<std::string, double> parse_resources(const std::string& text) {
  std::map<std::string, double> resources;
  size_t at = 0;
  while ((at = text.find_first_not_of(" ,", at)) != std::string::npos) {
    size_t end = std::min(text.find_first_of(" ,", at), text.size());
    std::string item = text.substr(at, end - at);
    size_t equals = item.find('=');
    Quantity amount;
    if (equals == std::string::npos || equals == 0 || !split(item.substr(equals + 1), &amount) ||
        !amount.unit.empty()) {
      throw base::value_error("[resources] '" + item + "' is not a resource: write GPU=2");
    }
    resources[item.substr(0, equals)] = amount.number;
    at = end;
  }
  return resources;
}

}  // namespace dusk::cli

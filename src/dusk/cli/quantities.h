// Quantities as users write them on a command line. All throw ValueError that says what would do.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace dusk::cli {

// "300", "2.5s", "500ms", "5 minutes": microseconds. A bare number is seconds.
int64_t parse_duration(const std::string& text);
// "4GiB", "512MB", "1e9": bytes.
int64_t parse_bytes(const std::string& text);
// Of one worker with `threads` threads: bytes; "auto": the share of the machine's (or its control
// group's) memory that its threads have of the processors; a number up to 1: that part of the
// memory; "0" and "none": no limit.
int64_t parse_memory_limit(const std::string& text, int32_t threads);
// "GPU=2 MEM=100e9", with spaces or commas between.
std::map<std::string, double> parse_resources(const std::string& text);

}  // namespace dusk::cli

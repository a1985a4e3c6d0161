// What a fuzz target gives to the driver.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// Well-formed inputs to start from.
std::vector<std::string> seeds();

// Parses the bytes, which is all that a target does: a value, or a base::Error.
void parse(const uint8_t* data, size_t size);

// Whatever the bytes are, parse() answers, and nothing is left behind.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

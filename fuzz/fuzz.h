// What a fuzz target gives to the driver.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// Well-formed inputs to start from.
std::vector<std::string> seeds();

// Parses the bytes; whatever they are, the answer is a value or a base::Error, and nothing is left
// behind.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

// Addresses as users write them.
#include "dusk/net/address.h"
#include "fuzz.h"

std::vector<std::string> seeds() {
  return {"tcp://127.0.0.1:8786", "tls://[::1]:0", "unix:///run/dusk.sock", "inproc://name"};
}

void parse(const uint8_t* bytes, size_t size) {
  auto address = dusk::net::Address::parse({reinterpret_cast<const char*>(bytes), size});
  if (dusk::net::Address::parse(address.text()) != address) __builtin_trap();
}

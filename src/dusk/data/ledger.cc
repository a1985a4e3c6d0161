#include "dusk/data/ledger.h"

namespace dusk::data {

Ledger& Ledger::process() {
  static Ledger* ledger = new Ledger;  // outlives every static that still holds a buffer
  return *ledger;
}

}  // namespace dusk::data

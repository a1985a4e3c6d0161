// A value that is one foreign object, as that object encoded itself.
#pragma once

#include <optional>

#include "dusk/data/value.h"

namespace dusk::data {

// The object's own frames: the buffers move there from `frames`. Nothing for other values. Throws
// ValueError as from_frames does.
std::optional<Frames> take_foreign(Frames& frames);

}  // namespace dusk::data

// What users attach to tasks (dusk.annotate), as the scheduler takes it.
#pragma once

#include "dusk/cluster/messages.h"
#include "dusk/graph/layer.h"

namespace dusk::node {

struct TaskWishes {
  double priority = 0;
  cluster::RequirementsPtr requirements;  // null: none
};

// Reads "priority" (a number), "retries" (a number), "resources" (numbers by name), "workers" (a
// name, or several), "allow_other_workers" (yes or no; a list that is not empty is yes). Others are
// the user's own and mean nothing here. Throws ValueError for a value of another form.
TaskWishes read_wishes(const graph::Annotations& annotations);

}  // namespace dusk::node

// Moving tasks that have not started from busy workers to idle ones.
//
// A move is a question: the worker gives the task back unless it has started. The task counts for
// the worker that has it until the answer comes.
#include <algorithm>

#include "dusk/cluster/scheduler_step.h"

namespace dusk::cluster {

void Step::retract(Task& task, WorkerRecord& victim, WorkerId thief) {
  Processing& run = task.as<Processing>();
  run.thief = thief;
  ++victim.retracting;
  update_load(victim);
  if (thief != victim.info.id) {
    WorkerRecord& to = *find(thief);
    ++to.incoming;
    update_load(to);
  }
  out_.orders.to(victim.info.id).push_back(RetractTask{task.id, task.attempt});
}

// The question is answered or does not matter any more.
void Step::end_retraction(Task& task) {
  Processing& run = task.as<Processing>();
  if (!run.thief.valid()) return;
  if (WorkerRecord* victim = find(run.worker)) {
    --victim->retracting;
    update_load(*victim);
  }
  if (run.thief != run.worker) {
    if (WorkerRecord* thief = find(run.thief)) {
      --thief->incoming;
      update_load(*thief);
    }
  }
  run.thief = {};
}

// Everything that has not started comes back to be placed anew.
void Step::retract_all(WorkerRecord& worker) {
  for (TaskId id : worker.processing) {
    Task& task = *find(id);
    const Processing& run = task.as<Processing>();
    if (!run.started && !run.thief.valid()) retract(task, worker, worker.info.id);
  }
}

// One idle worker takes up to half of what the busiest one has not begun.
void Step::balance() {
  if (!s_.queue.empty() || s_.load.size() < 2) return;
  for (size_t rounds = s_.load.size(); rounds > 0; --rounds) {
    WorkerRecord& thief = *find(s_.load.least());
    auto busy = static_cast<int64_t>(thief.processing.size()) + thief.incoming - thief.long_running;
    if (busy >= thief.info.threads) return;
    WorkerRecord* victim = nullptr;
    double most = 0;
    for (WorkerId id : s_.overfull) {
      WorkerRecord& worker = *find(id);
      double wait = worker.occupancy_s / worker.info.threads;
      if ((!victim || wait > most) && id != thief.info.id) {
        victim = &worker;
        most = wait;
      }
    }
    if (!victim) return;
    std::vector<TaskId> candidates;
    for (TaskId id : victim->processing) {
      const Task& task = *find(id);
      const Processing& run = task.as<Processing>();
      if (run.started || run.thief.valid()) continue;
      if (choosy(task) && !may_run(task, thief, false)) continue;
      candidates.push_back(id);
    }
    std::sort(candidates.begin(), candidates.end(), [&](TaskId a, TaskId b) {
      return find(b)->priority < find(a)->priority;  // what would run last goes first
    });
    double gap = (most - thief.occupancy_s / thief.info.threads) / 2;
    double moved = 0;
    int64_t spare = static_cast<int64_t>(candidates.size()) - victim->info.threads + 1;
    int64_t left = std::max<int64_t>(1, spare / 2);
    bool any = false;
    for (TaskId id : candidates) {
      if (left <= 0 || (any && moved > gap * thief.info.threads)) break;
      Task& task = *find(id);
      // Bringing the inputs over must cost less than waiting.
      if (cost(task, thief) - thief.occupancy_s / thief.info.threads >= most) continue;
      moved += task.as<Processing>().estimate_s;
      retract(task, *victim, thief.info.id);
      --left;
      any = true;
    }
    if (!any) return;
  }
}

}  // namespace dusk::cluster

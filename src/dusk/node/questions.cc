#include "dusk/node/questions.h"

#include <array>
#include <cstdio>

#include "dusk/base/error.h"

namespace dusk::node {
namespace {

using cluster::SchedulerState;
using cluster::Task;
using cluster::TaskState;
using cluster::WorkerRecord;
using Words = std::vector<std::string>;

// Writes commas where they belong.
class Json {
 public:
  Json& open(char bracket) {
    comma();
    text_ += bracket;
    first_ = true;
    return *this;
  }
  Json& close(char bracket) {
    text_ += bracket;
    first_ = false;
    return *this;
  }
  Json& key(std::string_view name) {
    comma();
    text_ += json_text(name) + ":";
    first_ = true;
    return *this;
  }
  Json& value(std::string_view text) { return raw(json_text(text)); }
  Json& value(int64_t number) { return raw(std::to_string(number)); }
  Json& value(double number) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.9g", number);
    return raw(buffer);
  }
  Json& raw(std::string_view text) {
    comma();
    text_ += text;
    first_ = false;
    return *this;
  }
  std::string take() { return std::move(text_); }

 private:
  void comma() {
    if (!first_) text_ += ',';
    first_ = false;
  }
  std::string text_;
  bool first_ = true;
};

std::string_view status_of(const WorkerRecord& worker) {
  if (worker.closing) return "closing";
  switch (worker.status) {
    case cluster::WorkerStatus::kRunning: return "running";
    case cluster::WorkerStatus::kFull:
    case cluster::WorkerStatus::kPaused: return "paused";
    default: return "closing_gracefully";
  }
}

void add_worker(Json& json, const WorkerRecord& worker) {
  json.key(worker.info.address).open('{');
  json.key("id").value(int64_t{worker.info.id.value});
  json.key("name").value(worker.info.name);
  json.key("host").value(worker.info.host);
  json.key("nthreads").value(int64_t{worker.info.threads});
  json.key("memory_limit").value(worker.info.memory_limit);
  json.key("status").value(status_of(worker));
  json.key("memory").value(worker.memory);
  json.key("nbytes").value(worker.nbytes);
  json.key("in_memory").value(static_cast<int64_t>(worker.held));
  json.key("processing").value(static_cast<int64_t>(worker.processing.size()));
  json.key("occupancy").value(worker.occupancy_s);
  json.key("resources").open('{');
  for (const auto& [name, amount] : worker.info.resources) json.key(name).value(amount);
  json.close('}').close('}');
}

std::string scheduler_info(const SchedulerState& state, const Words&) {
  Json json;
  json.open('{').key("type").value("Scheduler");
  json.key("workers").open('{');
  for (const auto& [id, worker] : state.workers) add_worker(json, worker);
  json.close('}');
  json.key("n_workers").value(static_cast<int64_t>(state.workers.size()));
  json.key("total_threads").value(state.threads);
  json.key("clients").value(static_cast<int64_t>(state.clients.size()));
  json.key("tasks").value(static_cast<int64_t>(state.tasks.size()));
  return json.close('}').take();
}

const Task* task_of(const SchedulerState& state, const std::string& key) {
  return state.tasks.find(key);
}

void add_holders(Json& json, const SchedulerState& state, const Task* task) {
  json.open('[');
  if (task && task->kind() == TaskState::kMemory) {
    for (cluster::WorkerId id : task->as<cluster::InMemory>().holders) {
      json.value(state.workers.at(id).info.address);
    }
  }
  json.close(']');
}

std::string who_has(const SchedulerState& state, const Words& keys) {
  Json json;
  json.open('{');
  for (const std::string& key : keys) {
    json.key(key);
    add_holders(json, state, task_of(state, key));
  }
  if (keys.empty()) {
    state.tasks.for_each([&](const Task& task) {
      if (task.kind() != TaskState::kMemory) return;
      json.key(task.key);
      add_holders(json, state, &task);
    });
  }
  return json.close('}').take();
}

template <class Add>
std::string by_worker(const SchedulerState& state, const Words& addresses, Add add) {
  Json json;
  json.open('{');
  for (const auto& [id, worker] : state.workers) {
    bool asked = addresses.empty();
    for (const std::string& address : addresses) asked |= address == worker.info.address;
    if (!asked) continue;
    json.key(worker.info.address);
    add(json, worker);
  }
  return json.close('}').take();
}

std::string has_what(const SchedulerState& state, const Words& addresses) {
  return by_worker(state, addresses, [&](Json& json, const WorkerRecord& worker) {
    json.open('[');
    for (cluster::TaskId id : worker.holds) {
      const Task* task = state.tasks.find(id);
      if (!task || task->kind() != TaskState::kMemory) continue;
      for (cluster::WorkerId holder : task->as<cluster::InMemory>().holders) {
        if (holder == worker.info.id) json.value(task->key);
      }
    }
    json.close(']');
  });
}

std::string processing(const SchedulerState& state, const Words& addresses) {
  return by_worker(state, addresses, [&](Json& json, const WorkerRecord& worker) {
    json.open('[');
    for (cluster::TaskId id : worker.processing) json.value(state.tasks.find(id)->key);
    json.close(']');
  });
}

std::string ncores(const SchedulerState& state, const Words& addresses) {
  return by_worker(state, addresses, [](Json& json, const WorkerRecord& worker) {
    json.value(int64_t{worker.info.threads});
  });
}

std::string story(const SchedulerState& state, const Words& keys) {
  Json json;
  json.open('[');
  for (const std::string& key : keys) {
    const Task* task = task_of(state, key);
    if (!task) continue;
    for (const cluster::StoryLine& line : state.story.of(task->id)) {
      json.open('[').value(key).value(to_string(line.from)).value(to_string(line.to));
      const WorkerRecord* worker = state.workers.find(line.worker);
      json.value(worker ? worker->info.address : "");
      json.value(static_cast<double>(line.when) * 1e-6).close(']');
    }
  }
  return json.close(']').take();
}

std::string explain(const SchedulerState& state, const Words& keys) {
  Json json;
  json.open('{');
  for (const std::string& key : keys) {
    const Task* task = task_of(state, key);
    json.key(key).value(task ? explain_task(state, *task) : "the scheduler does not know it");
  }
  return json.close('}').take();
}

std::string counts(const SchedulerState& state, const Words&) {
  std::array<int64_t, cluster::kTaskStates> numbers{};
  state.tasks.for_each([&](const Task& task) { ++numbers[static_cast<size_t>(task.kind())]; });
  Json json;
  json.open('{');
  for (size_t kind = 0; kind + 1 < numbers.size(); ++kind) {
    json.key(to_string(static_cast<TaskState>(kind))).value(numbers[kind]);
  }
  return json.close('}').take();
}

}  // namespace

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", byte);
      out += escaped;
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string answer(const SchedulerState& state, const std::string& question,
                   const Words& arguments) {
  using Teller = std::string (*)(const SchedulerState&, const Words&);
  static const std::map<std::string, Teller> tellers = {{"scheduler_info", &scheduler_info},
                                                        {"who_has", &who_has},
                                                        {"has_what", &has_what},
                                                        {"processing", &processing},
                                                        {"ncores", &ncores},
                                                        {"story", &story},
                                                        {"explain", &explain},
                                                        {"counts", &counts}};
  auto found = tellers.find(question);
  if (found == tellers.end()) {
    throw base::value_error("[ask] the scheduler does not answer '" + question + "'");
  }
  return found->second(state, arguments);
}

}  // namespace dusk::node

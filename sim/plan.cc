#include "sim/plan.h"

#include <array>
#include <charconv>
#include <map>

#include "dusk/base/error.h"
#include "sim/random.h"

namespace dusk::sim {
namespace {

constexpr std::array<std::string_view, kOpKinds> kNames = {
    "start",     "kill",   "cut",     "cut-peers", "freeze",  "pause",   "partition",
    "fill-disk", "full",   "damage",  "slow",      "skew",    "connect", "submit",
    "release",   "cancel", "retry",   "gather",    "scatter", "whole",   "replicate",
    "rebalance", "retire", "restart", "leave"};

template <class Struct>
struct Field {
  std::string_view name;
  int64_t Struct::*member;
};

constexpr Field<TaskSpec> kTaskFields[] = {{"nbytes", &TaskSpec::nbytes},
                                           {"duration", &TaskSpec::duration},
                                           {"priority", &TaskSpec::priority},
                                           {"retries", &TaskSpec::retries},
                                           {"failures", &TaskSpec::failures},
                                           {"kills", &TaskSpec::kills},
                                           {"reschedules", &TaskSpec::reschedules},
                                           {"secedes", &TaskSpec::secedes},
                                           {"unsendable", &TaskSpec::unsendable},
                                           {"gpus", &TaskSpec::gpus},
                                           {"only", &TaskSpec::only},
                                           {"others", &TaskSpec::others},
                                           {"foreign", &TaskSpec::foreign}};

constexpr Field<Config> kConfigFields[] = {{"delay", &Config::delay},
                                           {"spike", &Config::spike},
                                           {"nanny", &Config::nanny},
                                           {"allowed_failures", &Config::allowed_failures},
                                           {"worker_ttl", &Config::worker_ttl},
                                           {"prefill_max", &Config::prefill_max},
                                           {"saturation", &Config::saturation},
                                           {"inline_max", &Config::inline_max},
                                           {"fetch_batch", &Config::fetch_batch},
                                           {"fetches_max", &Config::fetches_max},
                                           {"memory_limit", &Config::memory_limit},
                                           {"validate_every", &Config::validate_every}};

template <class Struct, size_t N>
std::string fields_text(const Struct& given, const Field<Struct> (&fields)[N]) {
  std::string text;
  Struct usual;
  for (const auto& field : fields) {
    if (given.*field.member == usual.*field.member) continue;
    text += " " + std::string(field.name) + "=" + std::to_string(given.*field.member);
  }
  return text;
}

[[noreturn]] void refuse(std::string_view what) {
  throw base::value_error("[plan] cannot read '" + std::string(what) + "'");
}

template <class Integer>
Integer integer(std::string_view text) {
  Integer number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) refuse(text);
  return number;
}

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    size_t end = std::min(text.find(by), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

template <class Struct, size_t N>
bool set_field(Struct& into, const Field<Struct> (&fields)[N], std::string_view name,
               std::string_view value) {
  for (const auto& field : fields) {
    if (field.name != name) continue;
    into.*field.member = integer<int64_t>(value);
    return true;
  }
  return false;
}

void parse_config(Config& config, const std::vector<std::string_view>& words) {
  for (size_t i = 1; i < words.size(); ++i) {
    size_t equals = std::min(words[i].find('='), words[i].size() - 1);
    std::string_view name = words[i].substr(0, equals), value = words[i].substr(equals + 1);
    if (name == "seed") {
      config.seed = integer<uint64_t>(value);
    } else if (!set_field(config, kConfigFields, name, value)) {
      refuse(words[i]);
    }
  }
}

TaskSpec parse_task(const std::vector<std::string_view>& words) {
  TaskSpec task;
  for (size_t i = 2; i < words.size(); ++i) {
    size_t equals = std::min(words[i].find('='), words[i].size() - 1);
    std::string_view name = words[i].substr(0, equals), value = words[i].substr(equals + 1);
    if (name == "inputs") {
      for (std::string_view input : split(value, ',')) {
        task.inputs.push_back(integer<uint32_t>(input));
      }
    } else if (!set_field(task, kTaskFields, name, value)) {
      refuse(words[i]);
    }
  }
  return task;
}

Op parse_op(const std::vector<std::string_view>& words) {
  if (words.size() != 5) refuse(words.front());
  Op op;
  op.at = integer<Time>(words[0]);
  size_t kind = 0;
  while (kind < kOpKinds && kNames[kind] != words[1]) ++kind;
  if (kind == kOpKinds) refuse(words[1]);
  op.kind = static_cast<OpKind>(kind);
  op.who = integer<uint32_t>(words[2]);
  op.what = integer<uint32_t>(words[3]);
  op.amount = integer<int64_t>(words[4]);
  return op;
}

}  // namespace

std::string_view to_string(OpKind kind) { return kNames[static_cast<size_t>(kind)]; }

std::string to_text(const Plan& plan) {
  std::string text = "config seed=" + std::to_string(plan.config.seed) +
                     fields_text(plan.config, kConfigFields) + "\n";
  for (size_t i = 0; i < plan.tasks.size(); ++i) {
    std::string fields = fields_text(plan.tasks[i], kTaskFields);
    bool plain = fields.empty() && plan.tasks[i].inputs.empty();
    if (plain && i + 1 < plan.tasks.size()) continue;
    text += "task " + std::to_string(i) + fields;
    for (size_t n = 0; n < plan.tasks[i].inputs.size(); ++n) {
      text += (n == 0 ? " inputs=" : ",") + std::to_string(plan.tasks[i].inputs[n]);
    }
    text += "\n";
  }
  for (const Op& op : plan.ops) {
    text += std::to_string(op.at) + " " + std::string(to_string(op.kind)) + " " +
            std::to_string(op.who) + " " + std::to_string(op.what) + " " +
            std::to_string(op.amount) + "\n";
  }
  return text;
}

Plan parse_plan(std::string_view text) {
  Plan plan;
  for (std::string_view line : split(text, '\n')) {
    std::vector<std::string_view> words = split(line, ' ');
    if (words.empty()) continue;
    if (words[0] == "config") {
      parse_config(plan.config, words);
    } else if (words[0] == "task") {
      if (words.size() < 2) refuse(line);
      plan.tasks.resize(integer<uint32_t>(words[1]));
      plan.tasks.push_back(parse_task(words));
      for (uint32_t input : plan.tasks.back().inputs) {
        if (input + 1 >= plan.tasks.size()) refuse(line);
      }
    } else {
      plan.ops.push_back(parse_op(words));
    }
  }
  return plan;
}

std::string key_of(uint32_t task) { return "k" + std::to_string(task); }

uint32_t task_of_key(std::string_view key) { return integer<uint32_t>(key.substr(1)); }

uint64_t combine(uint32_t task, const std::vector<uint64_t>& inputs) {
  uint64_t value = mix(task, inputs.size());
  for (uint64_t input : inputs) value = mix(value, input);
  return value;
}

std::vector<uint64_t> values_of(const Plan& plan) {
  std::vector<uint64_t> values;
  for (uint32_t i = 0; i < plan.tasks.size(); ++i) {
    std::vector<uint64_t> inputs;
    for (uint32_t input : plan.tasks[i].inputs) inputs.push_back(values[input]);
    values.push_back(combine(i, inputs));
  }
  return values;
}

std::vector<std::vector<bool>> makings_of(const Plan& plan) {
  std::vector<std::vector<bool>> makings;
  for (uint32_t i = 0; i < plan.tasks.size(); ++i) {
    std::vector<bool> here(plan.tasks.size());
    here[i] = true;
    for (uint32_t input : plan.tasks[i].inputs) {
      for (uint32_t other = 0; other <= input; ++other) {
        if (makings[input][other]) here[other] = true;
      }
    }
    makings.push_back(std::move(here));
  }
  return makings;
}

}  // namespace dusk::sim

#include "dusk/node/task_wishes.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace dusk::node {
namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::string& name, const std::string& text, const char* wanted) {
  throw base::value_error("[annotate] " + name + " is " + text + ": it must be " + wanted);
}

std::vector<std::string> names_of(const json& value, const std::string& text) {
  std::vector<std::string> names;
  if (value.is_string()) return {value.get<std::string>()};
  if (!value.is_array()) refuse("workers", text, "a worker's name or address, or a list of them");
  for (const json& item : value) {
    // Workers of a local cluster are called by numbers.
    if (!item.is_string() && !item.is_number_integer()) {
      refuse("workers", text, "a worker's name or address, or a list of them");
    }
    names.push_back(item.is_string() ? item.get<std::string>() : item.dump());
  }
  return names;
}

std::map<std::string, double> resources_of(const json& value, const std::string& text) {
  if (!value.is_object()) refuse("resources", text, "amounts by name");
  std::map<std::string, double> resources;
  for (const auto& [name, amount] : value.items()) {
    if (!amount.is_number() || amount.get<double>() < 0) {
      refuse("resources", text, "amounts by name");
    }
    resources[name] = amount.get<double>();
  }
  return resources;
}

}  // namespace

TaskWishes read_wishes(const graph::Annotations& annotations) {
  TaskWishes wishes;
  cluster::Requirements needs;
  bool any = false;
  for (const auto& [name, text] : annotations) {
    json value = json::parse(text, nullptr, false);
    if (value.is_null()) continue;
    if (name == "priority") {
      if (!value.is_number()) refuse(name, text, "a number");
      wishes.priority = value.get<double>();
      continue;
    }
    if (name == "retries") {
      if (!value.is_number_integer() || value.get<int64_t>() < 0 ||
          value.get<int64_t>() > INT32_MAX) {
        refuse(name, text, "a number of times");
      }
      needs.retries = value.get<int32_t>();
    } else if (name == "resources") {
      needs.resources = resources_of(value, text);
    } else if (name == "workers") {
      needs.workers = names_of(value, text);
    } else if (name == "allow_other_workers") {
      if (value.is_object() || value.is_number()) refuse(name, text, "true or false");
      needs.allow_other_workers = value.is_boolean() ? value.get<bool>() : !value.empty();
    } else {
      continue;
    }
    any = true;
  }
  if (any) wishes.requirements = std::make_shared<const cluster::Requirements>(std::move(needs));
  return wishes;
}

}  // namespace dusk::node

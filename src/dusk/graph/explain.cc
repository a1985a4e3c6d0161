#include "dusk/graph/explain.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>

namespace dusk::graph {
namespace {

// Reading through forwarding layers, as the tasks do.
void add_input_names(const Layer& layer, std::vector<std::string>& names) {
  for (const LayerPtr& input : layer.inputs()) {
    if (input->forwards()) {
      add_input_names(*input, names);
    } else if (std::find(names.begin(), names.end(), input->name()) == names.end()) {
      names.push_back(input->name());
    }
  }
}

std::string count_of(int64_t n, const char* what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

std::string bytes_of(const LayerSummary& layer) {
  if (layer.unbounded == layer.tasks) return "bytes unknown";
  return (layer.unbounded ? "at least " : "up to ") + format_bytes(layer.bytes);
}

std::string where(const LayerSummary& layer) {
  if (layer.python_tasks == 0) return "native";
  if (layer.python_tasks == layer.tasks) return "Python";
  return "Python in " + std::to_string(layer.python_tasks);
}

std::string padded(std::string text, size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

// With the first digits of its token.
std::string short_name(const std::string& name) {
  size_t prefix = name_without_token(name).size();
  return prefix == name.size() ? name : name.substr(0, prefix + 9);
}

std::string line_of(const LayerSummary& layer, size_t width) {
  std::string line = "  " + padded(short_name(layer.name), width) + "  " + padded(layer.kind, 11) +
                     "  " + padded(count_of(layer.tasks, "task"), 12) + "  " +
                     padded(bytes_of(layer), 16) + "  " + where(layer);
  if (!layer.detail.empty()) line += ": " + layer.detail;
  if (!layer.inputs.empty()) {
    line += "  <-";
    for (const std::string& input : layer.inputs) line += " " + short_name(input);
  }
  for (const auto& [name, value] : layer.annotations) line += "  " + name + "=" + value;
  return line + "\n";
}

}  // namespace

std::string name_without_token(const std::string& name) {
  constexpr size_t kToken = 33;  // "-" and the digits
  bool has_token = name.size() > kToken && name[name.size() - kToken] == '-';
  return has_token ? name.substr(0, name.size() - kToken) : name;
}

std::vector<LayerSummary> summarize(const TaskGraph& graph) {
  std::vector<LayerSummary> all(graph.layers.size());
  for (TaskId t = 0; t < graph.size(); ++t) {
    LayerSummary& s = all[graph.layer[t]];
    const Operation& operation = graph.operation(t);
    if (s.tasks++ == 0) s.detail = operation.detail();
    int64_t bound = operation.bound(graph.index[t]);
    bound < 0 ? ++s.unbounded : s.bytes += bound;
    if (!operation.native()) ++s.python_tasks;
  }
  std::vector<LayerSummary> used;
  for (size_t l = 0; l < all.size(); ++l) {
    if (all[l].tasks == 0) continue;
    all[l].name = graph.layers[l]->name();
    all[l].kind = graph.layers[l]->kind();
    add_input_names(*graph.layers[l], all[l].inputs);
    all[l].annotations = graph.layers[l]->annotations();
    used.push_back(std::move(all[l]));
  }
  return used;
}

std::string explain(const TaskGraph& graph, const std::string& heading) {
  std::vector<LayerSummary> layers = summarize(graph);
  LayerSummary total;
  size_t width = 0;
  for (const LayerSummary& layer : layers) {
    total.tasks += layer.tasks;
    total.bytes += layer.bytes;
    total.unbounded += layer.unbounded;
    total.python_tasks += layer.python_tasks;
    width = std::max(width, short_name(layer.name).size());
  }
  std::string text = heading + ": " + count_of(static_cast<int64_t>(layers.size()), "layer") +
                     ", " + count_of(total.tasks, "task") + ", " + bytes_of(total) +
                     " made in all\n";
  for (const LayerSummary& layer : layers) text += line_of(layer, width);
  return text;
}

std::string format_bytes(int64_t bytes) {
  constexpr std::array<const char*, 6> kUnits = {"B", "kiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1024) return std::to_string(bytes) + " B";
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  char text[32];
  std::snprintf(text, sizeof text, "%.2f %s", value, kUnits[unit]);
  return text;
}

}  // namespace dusk::graph

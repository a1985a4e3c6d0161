#include "dusk/graph/svg.h"

#include <algorithm>
#include <numeric>

namespace dusk::graph {
namespace {

constexpr int kLetter = 7;
constexpr int kHeight = 26;
constexpr int kGap = 18;
constexpr int kRankGap = 46;
constexpr int kMargin = 12;
constexpr int kSweeps = 6;

std::string escaped(const std::string& text) {
  std::string safe;
  for (char c : text) {
    switch (c) {
      case '&': safe += "&amp;"; break;
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      case '"': safe += "&quot;"; break;
      case '\'': safe += "&#39;"; break;
      default: safe += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return safe;
}

// Letters, not bytes: continuation bytes of UTF-8 take no room.
int width_of(const std::string& label) {
  auto letters = std::count_if(label.begin(), label.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  });
  return static_cast<int>(letters) * kLetter + 16;
}

class Layout {
 public:
  explicit Layout(const Drawing& drawing) : drawing_(drawing), boxes_(drawing.boxes.size()) {
    for (auto [from, to] : drawing.arrows) {
      boxes_[from].above.push_back(to);
      boxes_[to].below.push_back(from);
    }
    for (uint32_t b = 0; b < boxes_.size(); ++b) boxes_[b].width = width_of(drawing.boxes[b].label);
    rank();
    for (int sweep = 0; sweep < kSweeps; ++sweep) order(sweep % 2 == 0);
    place();
  }

  std::string svg() const {
    std::string text = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + number(width_) +
                       "\" height=\"" + number(height_) + "\" viewBox=\"0 0 " + number(width_) +
                       " " + number(height_) + "\" font-family=\"sans-serif\" font-size=\"12\">\n";
    text +=
        "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" "
        "markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#555\"/></marker>"
        "</defs>\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
    for (auto [from, to] : drawing_.arrows) text += arrow(boxes_[from], boxes_[to]);
    for (uint32_t b = 0; b < boxes_.size(); ++b) text += box(b);
    return text + "</svg>\n";
  }

 private:
  struct Box {
    std::vector<uint32_t> below, above;
    int rank = 0;
    int width = 0;
    int x = 0;  // left edge
    int y = 0;  // top edge
    double place = 0;
  };

  static std::string number(int n) { return std::to_string(n); }

  void rank() {
    std::vector<size_t> left;
    std::vector<uint32_t> ready;
    for (uint32_t b = 0; b < boxes_.size(); ++b) {
      left.push_back(boxes_[b].below.size());
      if (left.back() == 0) ready.push_back(b);
    }
    for (size_t i = 0; i < ready.size(); ++i) {
      const Box& own = boxes_[ready[i]];
      for (uint32_t up : own.above) {
        boxes_[up].rank = std::max(boxes_[up].rank, own.rank + 1);
        if (--left[up] == 0) ready.push_back(up);
      }
    }
    for (uint32_t b : ready) {
      auto r = static_cast<size_t>(boxes_[b].rank);
      if (ranks_.size() <= r) ranks_.resize(r + 1);
      ranks_[r].push_back(b);
    }
    for (auto& row : ranks_) std::sort(row.begin(), row.end());
    renumber();
  }

  void renumber() {
    for (auto& row : ranks_) {
      for (size_t i = 0; i < row.size(); ++i) {
        boxes_[row[i]].place = (static_cast<double>(i) + 0.5) / static_cast<double>(row.size());
      }
    }
  }

  void order(bool upwards) {
    for (auto& row : ranks_) {
      std::vector<std::pair<double, uint32_t>> wanted;
      for (uint32_t b : row) {
        const auto& near = upwards ? boxes_[b].below : boxes_[b].above;
        double sum = std::accumulate(near.begin(), near.end(), 0.0,
                                     [&](double s, uint32_t n) { return s + boxes_[n].place; });
        wanted.emplace_back(near.empty() ? boxes_[b].place : sum / static_cast<double>(near.size()),
                            b);
      }
      std::stable_sort(wanted.begin(), wanted.end(),
                       [](const auto& a, const auto& b) { return a.first < b.first; });
      for (size_t i = 0; i < row.size(); ++i) row[i] = wanted[i].second;
      renumber();
    }
  }

  void place() {
    std::vector<int> widths;
    for (auto& row : ranks_) {
      int width = -kGap;
      for (uint32_t b : row) width += boxes_[b].width + kGap;
      widths.push_back(width);
      width_ = std::max(width_, width);
    }
    width_ += 2 * kMargin;
    auto rows = static_cast<int>(ranks_.size());
    height_ = 2 * kMargin + rows * kHeight + std::max(0, rows - 1) * kRankGap;
    for (int r = 0; r < rows; ++r) {
      int x = (width_ - widths[static_cast<size_t>(r)]) / 2;
      for (uint32_t b : ranks_[static_cast<size_t>(r)]) {
        boxes_[b].x = x;
        boxes_[b].y = kMargin + (rows - 1 - r) * (kHeight + kRankGap);
        x += boxes_[b].width + kGap;
      }
    }
  }

  std::string arrow(const Box& from, const Box& to) const {
    int x1 = from.x + from.width / 2;
    int x2 = to.x + to.width / 2;
    int y1 = from.y;
    int y2 = to.y + kHeight;
    int half = (y1 + y2) / 2;
    return "<path d=\"M" + number(x1) + " " + number(y1) + "C" + number(x1) + " " + number(half) +
           " " + number(x2) + " " + number(half) + " " + number(x2) + " " + number(y2) +
           "\" fill=\"none\" stroke=\"#555\" marker-end=\"url(#tip)\"/>\n";
  }

  std::string box(uint32_t b) const {
    const Box& own = boxes_[b];
    const Drawing::Box& drawn = drawing_.boxes[b];
    int corner = drawn.round ? kHeight / 2 : 3;
    const char* fill = drawn.python ? "#fdebc8" : "#dcebf7";
    return "<g><title>" + escaped(drawn.title) + "</title><rect x=\"" + number(own.x) + "\" y=\"" +
           number(own.y) + "\" width=\"" + number(own.width) + "\" height=\"" + number(kHeight) +
           "\" rx=\"" + number(corner) + "\" fill=\"" + fill + "\" stroke=\"#334\"/><text x=\"" +
           number(own.x + own.width / 2) + "\" y=\"" + number(own.y + 17) +
           "\" text-anchor=\"middle\">" + escaped(drawn.label) + "</text></g>\n";
  }

  const Drawing& drawing_;
  std::vector<Box> boxes_;
  std::vector<std::vector<uint32_t>> ranks_;
  int width_ = 0;
  int height_ = 0;
};

}  // namespace

std::string to_svg(const Drawing& drawing) { return Layout(drawing).svg(); }

}  // namespace dusk::graph

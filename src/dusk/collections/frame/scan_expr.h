// What scans have in common. Internal to this folder.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "dusk/collections/frame/scans.h"

namespace dusk::collections::frame {

// A scan's columns: those of the file, and the row number when somebody needs it.
struct Selection {
  Names columns;  // in the table's order, without the row number
  bool row_number = false;
};

inline Selection selection_of(const Names& names) {
  Selection s;
  for (const std::string& name : names) {
    if (name == kRowNumber) {
      s.row_number = true;
    } else {
      s.columns.push_back(name);
    }
  }
  return s;
}

// Every scan narrows itself to what is wanted.
class Scan : public FrameExpr {
 public:
  using FrameExpr::FrameExpr;
  graph::ExprPtr with_inputs(std::vector<graph::ExprPtr>) const override { return narrow(names()); }
  graph::ExprPtr narrowed(std::vector<graph::ExprPtr>, const NameSet& wanted) const override {
    Names kept;
    for (const std::string& name : names()) {
      if (wanted.contains(name)) kept.push_back(name);
    }
    if (kept.size() == names().size()) return std::const_pointer_cast<Expr>(shared_from_this());
    return narrow(kept);
  }

 protected:
  virtual graph::ExprPtr narrow(const Names& names) const = 0;
  Names kept_index(const Names& names) const {
    Names kept;
    for (const std::string& name : index()) {
      if (std::find(names.begin(), names.end(), name) != names.end()) kept.push_back(name);
    }
    return kept;
  }
};

}  // namespace dusk::collections::frame

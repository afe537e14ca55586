// SPDX-License-Identifier: Apache-2.0
#include "converter/nodes/queries.h"

#include <algorithm>

#include "converter/nodes/node_type.h"
#include "converter/quantise/lowering.h"
#include "converter/quantise/units.h"

namespace vitro::converter {

std::vector<float> query_units(const Lowering& l, const FusedNode& f) {
  std::vector<float> unit = head_units(l.statistics(f.node), f.heads);
  const Node& reader = l.node(*l.reader(f));
  const NodeType& type = type_of(reader);
  if (!type.least_score_unit) return unit;
  const size_t keys = reader.inputs[type.heads(reader).compared[1]];
  const std::vector<float> key_unit = head_units(l.statistics(keys), f.heads);
  for (size_t c = 0; c < unit.size(); ++c)
    unit[c] =
        std::max(unit[c], type.least_score_unit(reader, c / (unit.size() / f.heads)) / key_unit[c]);
  return unit;
}

}  // namespace vitro::converter

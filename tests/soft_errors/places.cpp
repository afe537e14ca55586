// SPDX-License-Identifier: Apache-2.0
#include "tests/soft_errors/places.h"

#include <set>

#include "runtime/core/layout.h"
#include "runtime/core/session.h"
#include "runtime/ops/ops.h"

namespace vitro::soft_errors {

namespace {

// Collects the places of one region; each stretch of memory is taken once for each step.
class Collector {
 public:
  Collector(Region region, const vitro_program& program, const vitro_session& session)
      : region_(region),
        program_(*schema::GetProgram(program.data)),
        constants_(static_cast<uint64_t>(program_.constants()->Data() -
                                         static_cast<const uint8_t*>(program.data))),
        file_bytes_(program.size),
        planned_(
            static_cast<uint64_t>(session.planned - reinterpret_cast<const uint8_t*>(&session))) {}

  std::vector<Place> run(size_t arena_bytes) {
    const uint32_t steps = program_.steps()->size();
    if (region_ == Region::structure) {
      add(region_, {0, constants_, 8, 1, 0});
      const uint64_t end = constants_ + program_.constants()->size();
      add(region_, {end, file_bytes_ - end, 8, 1, 0});
    }
    if (region_ == Region::session) add(region_, {0, planned_, 8, 1, 0});
    for (uint32_t s = 0; s < steps; ++s) {
      add(Region::arena, {planned_, arena_bytes - planned_, 8, 1, s});
      for (const schema::Op* op : *program_.steps()->Get(s)->ops()) {
        constants_of(*op);
        written_by(*op, s + 1);
      }
    }
    for (const schema::Tensor* t : *program_.tensors()) {
      if (t->storage() != schema::Storage::Constant) continue;
      const uint64_t count = uint64_t{t->rows()} * t->cols(), at = constants_ + t->offset();
      if (t->format() == schema::Format::S16) add(Region::constant_rows, {at, count, 16, 2, 0});
      if (t->format() == schema::Format::F32) add(Region::channel_floats, {at, count, 32, 4, 0});
    }
    return places_;
  }

 private:
  void add(Region region, const Place& place) {
    if (region == region_ && place.count > 0 && seen_.insert({place.offset, place.step}).second)
      places_.push_back(place);
  }

  void floats(uint64_t offset, uint64_t count) {
    add(Region::channel_floats, {constants_ + offset, count, 32, 4, 0});
  }

  void constants_of(const schema::Op& op) {
    const auto& tensors = *program_.tensors();
    if (const schema::Linear* a = op.args_as_Linear()) {
      const uint64_t k = tensors.Get(a->src())->cols(), n = tensors.Get(a->dst())->cols(),
                     channels = channel_count(n);
      add(Region::weights, {constants_ + a->weights(), packed_weight_bytes(n, k), 8, 1, 0});
      floats(a->channels(), 2 * channels);
      add(Region::weight_sums, {constants_ + a->channels() + 8 * channels, channels, 32, 4, 0});
    }
    if (const schema::Norm* a = op.args_as_Norm())
      floats(a->channels(), 2 * uint64_t{tensors.Get(a->src())->cols()});
    if (const schema::Affine* a = op.args_as_Affine())
      floats(a->channels(), 2 * uint64_t{tensors.Get(a->src())->cols()});
    if (const schema::Lookup* a = op.args_as_Lookup())
      add(Region::tables, {constants_ + a->table(), 256, 8, 1, 0});
  }

  void written_by(const schema::Op& op, size_t step) {
    const int64_t destination = operands_of(op, program_).destination;
    const schema::Tensor& t = *program_.tensors()->Get(static_cast<uint32_t>(destination));
    if (t.storage() != schema::Storage::Arena) return;
    const uint64_t at = planned_ + t.offset(), elements = uint64_t{t.rows()} * t.cols();
    switch (t.format()) {
      case schema::Format::S16: add(Region::int16_rows, {at, elements, 16, 2, step}); break;
      case schema::Format::F32: add(Region::outputs, {at, elements, 32, 4, step}); break;
      case schema::Format::RowS8: {
        const uint64_t params = at + row_params_offset(t.rows(), t.cols());
        add(Region::int8_rows, {at, elements, 8, 1, step});
        add(Region::row_scales, {params, t.rows(), 32, 8, step});
        add(Region::row_zero_points, {params + 4, t.rows(), 32, 8, step});
        break;
      }
      default: add(Region::int8_rows, {at, tensor_bytes(t), 8, 1, step});
    }
  }

  const Region region_;
  const schema::Program& program_;
  const uint64_t constants_, file_bytes_, planned_;  // the first in the file, the last in the arena
  std::set<std::pair<uint64_t, size_t>> seen_;
  std::vector<Place> places_;
};

}  // namespace

const char* name_of(Region region) {
  switch (region) {
    case Region::weights: return "weights";
    case Region::channel_floats: return "channel floats";
    case Region::weight_sums: return "weight sums";
    case Region::constant_rows: return "constant rows";
    case Region::tables: return "tables";
    case Region::structure: return "structure";
    case Region::session: return "session";
    case Region::int16_rows: return "int16 rows";
    case Region::int8_rows: return "int8 rows";
    case Region::row_scales: return "row scales";
    case Region::row_zero_points: return "row zero points";
    case Region::outputs: return "outputs";
    case Region::arena: return "arena";
  }
  return "";
}

bool stays(Region region) { return region <= Region::session; }

std::vector<Place> places_of(Region region, const vitro_program& program,
                             const vitro_session& session) {
  return Collector(region, program, session).run(vitro_arena_bytes(&program, 1));
}

}  // namespace vitro::soft_errors

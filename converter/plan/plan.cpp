// SPDX-License-Identifier: Apache-2.0
#include "converter/plan/plan.h"

#include <algorithm>
#include <cstddef>

#include "runtime/core/bounds.h"
#include "runtime/core/layout.h"

namespace vitro::converter {

namespace {

using schema::Storage;

// A stretch of memory that is needed from one moment to another, both included.
struct Block {
  uint32_t tensor;
  uint64_t bytes;
  size_t from, until;
  uint64_t offset;
};

uint64_t bytes_of(const schema::TensorT& t, uint64_t rows) {
  return align_up(t.groups * tensor_bytes(t.format, rows / t.groups, t.cols, t.heads), 64);
}

enum class Order { by_size, by_duration };

// Greedy: the largest (or longest-lived) first, each at the lowest offset that no block alive at
// the same time covers.
uint64_t place(std::vector<Block>& blocks, Order by) {
  std::vector<size_t> order(blocks.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const size_t a_duration = blocks[a].until - blocks[a].from,
                 b_duration = blocks[b].until - blocks[b].from;
    if (by == Order::by_duration && a_duration != b_duration) return a_duration > b_duration;
    return blocks[a].bytes > blocks[b].bytes;
  });
  std::vector<const Block*> placed;
  uint64_t end = 0;
  for (const size_t index : order) {
    Block& block = blocks[index];
    block.offset = 0;
    // `placed` is sorted by offset, so one walk finds the first gap.
    for (const Block* other : placed) {
      const bool together = block.from <= other->until && other->from <= block.until;
      if (together && block.offset < other->offset + other->bytes &&
          other->offset < block.offset + block.bytes)
        block.offset = other->offset + other->bytes;
    }
    placed.insert(
        std::upper_bound(placed.begin(), placed.end(), &block,
                         [](const Block* a, const Block* b) { return a->offset < b->offset; }),
        &block);
    end = std::max(end, block.offset + block.bytes);
  }
  return end;
}

class Planner {
 public:
  Planner(Draft& draft, const PlanOptions& options)
      : draft_(draft), program_(draft.program), options_(options) {}

  void run() {
    const bool by_size = place_all(Order::by_size) <= place_all(Order::by_duration);
    const uint64_t needed = place_all(by_size ? Order::by_size : Order::by_duration);
    for (size_t s = 0; s < program_.steps.size(); ++s) grow_tile(s, budget_of(s, needed));
  }

 private:
  // With the smallest tiles; returns the bytes of the planned region for one thread.
  uint64_t place_all(Order order) {
    place_arena(order);
    uint64_t end = 0;
    for (size_t s = 0; s < program_.steps.size(); ++s) {
      schema::StepT& step = *program_.steps[s];
      step.tile_rows = std::min(step.rows, kRowGrain);
      place_scratch(s);
      end = std::max(end, step.scratch_offset + step.scratch_bytes);
    }
    return end;
  }

  bool is_output(uint32_t tensor) const {
    for (const auto& output : program_.outputs)
      if (base_of(output->tensor) == tensor) return true;
    return base_of(program_.output) == tensor;
  }

  uint32_t base_of(uint32_t tensor) const {
    for (const View& view : draft_.views)
      if (view.tensor == tensor) return view.base;
    return tensor;
  }

  void touch(std::vector<Block>& blocks, uint32_t tensor, size_t moment, Storage storage,
             uint64_t rows) const {
    const schema::TensorT& t = draft_.tensor(tensor);
    if (t.storage != storage) return;
    for (Block& block : blocks)
      if (block.tensor == tensor) {
        block.until = std::max(block.until, moment);
        return;
      }
    blocks.push_back({tensor, bytes_of(t, rows ? rows : t.rows), moment, moment, 0});
  }

  void place_arena(Order order) {
    std::vector<Block> blocks;
    touch(blocks, program_.input, 0, Storage::Arena, 0);
    for (size_t s = 0; s < program_.steps.size(); ++s)
      for (const OpMemory& op : draft_.memory[s])
        for (const auto* list : {&op.reads, &op.writes})
          for (const uint32_t tensor : *list) touch(blocks, base_of(tensor), s, Storage::Arena, 0);
    for (Block& block : blocks)
      if (is_output(block.tensor)) block.until = program_.steps.size();
    place(blocks, order);
    for (const Block& block : blocks) draft_.tensor(block.tensor).offset = block.offset;
    for (const View& view : draft_.views) {
      const schema::TensorT& base = draft_.tensor(view.base);
      draft_.tensor(view.tensor).offset =
          base.offset + view.first_row * row_bytes(base.format, base.cols);
    }
    live_end_.assign(program_.steps.size(), 0);
    for (size_t s = 0; s < program_.steps.size(); ++s)
      for (const Block& block : blocks)
        if (block.from <= s && s <= block.until)
          live_end_[s] = std::max(live_end_[s], block.offset + block.bytes);
  }

  void place_scratch(size_t s) {
    schema::StepT& step = *program_.steps[s];
    const std::vector<OpMemory>& ops = draft_.memory[s];
    std::vector<Block> blocks;
    constexpr uint32_t kWorkspace = UINT32_MAX;
    for (size_t i = 0; i < ops.size(); ++i) {
      for (const auto* list : {&ops[i].reads, &ops[i].writes})
        for (const uint32_t tensor : *list)
          touch(blocks, tensor, i, Storage::Scratch, step.tile_rows);
      if (ops[i].workspace_bytes > 0)
        blocks.push_back({kWorkspace, ops[i].workspace_bytes, i, i, 0});
    }
    step.scratch_bytes = place(blocks, Order::by_size);
    step.scratch_offset = live_end_[s];
    for (const Block& block : blocks) {
      if (block.tensor == kWorkspace) {
        *ops[block.from].workspace_offset = block.offset;
        continue;
      }
      draft_.tensor(block.tensor).offset = block.offset;
      draft_.tensor(block.tensor).rows = step.tile_rows;
    }
  }

  // Each tile reads all weights of its step. Where those are more than a board's L2 holds, they
  // come from memory each time, and larger tiles are worth a little of what the weights themselves
  // take.
  uint64_t budget_of(size_t s, uint64_t needed) const {
    constexpr uint64_t kWeightsInL2 = uint64_t{512} * 1024, kShareOfConstants = 32;
    if (options_.arena_budget > 0) return std::max(needed, options_.arena_budget);
    uint64_t weights = 0;
    for (const auto& op : program_.steps[s]->ops)
      if (const schema::LinearT* linear = op->args.AsLinear())
        weights +=
            packed_weight_bytes(draft_.tensor(linear->dst).cols, draft_.tensor(linear->src).cols);
    return weights > kWeightsInL2 ? needed + program_.constants.size() / kShareOfConstants : needed;
  }

  // The largest tile that fits the budget, so that weights are read from memory as seldom as
  // possible.
  void grow_tile(size_t s, uint64_t budget) {
    schema::StepT& step = *program_.steps[s];
    const uint32_t smallest = step.tile_rows;
    for (uint32_t rows = kLargestTile; rows > smallest; rows -= kRowGrain) {
      if (rows > (step.rows + kRowGrain - 1) / kRowGrain * kRowGrain) continue;
      step.tile_rows = std::min(rows, step.rows);
      place_scratch(s);
      if (step.scratch_offset + step.scratch_bytes <= budget) return;
    }
    step.tile_rows = smallest;
    place_scratch(s);
  }

  Draft& draft_;
  schema::ProgramT& program_;
  PlanOptions options_;
  std::vector<uint64_t> live_end_;  // by step: the end of what lives in the arena during it
};

}  // namespace

void plan_memory(Draft& draft, const PlanOptions& options) { Planner(draft, options).run(); }

}  // namespace vitro::converter

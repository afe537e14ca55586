# SPDX-License-Identifier: Apache-2.0
"""Mutations of the planner: where tensors lie, and how many rows a tile has.

name: (file, text, mutated text, targets of the tests, filter of its cases[, preset: host-release unless given])
"""

MUTATIONS = {
    "tensors that live to the end are given up early": (
        "converter/plan/plan.cpp", "block.until = program_.steps.size();", "block.until = block.from;", "plan_test", "*"),
    "scratch beneath what lives": (
        "converter/plan/plan.cpp", "step.scratch_offset = live_end_[s];", "step.scratch_offset = live_end_[s] / 2 / 64 * 64;", "plan_test", "*"),
    "tiles larger than their budget": (
        "converter/plan/plan.cpp", "if (step.scratch_offset + step.scratch_bytes <= budget) return;", "if (budget > 0) return;", "plan_test", "*"),
    "blocks alive at once in one place": (
        "converter/plan/plan.cpp", "block.from <= other->until && other->from <= block.until", "block.from < other->until && other->from < block.until",
        "plan_test", "*"),
    "a sum over rows that its step still reads": (
        "converter/passes/fused_memory.cpp", "if (f.step == fused.nodes[i].step &&", "if (false &&", "passes_test", "Fuse.*"),
    "tensors that are read again are given up": (
        "converter/plan/plan.cpp", "block.until = std::max(block.until, moment);", "block.until = block.from;", "plan_test", "*"),
    "views at the first row": (
        "converter/plan/plan.cpp", "base.offset + view.first_row * row_bytes(base.format, base.cols);", "base.offset;", "plan_test", "*"),
    "every workspace at the start of the scratch": (
        "converter/plan/plan.cpp", "*ops[block.from].workspace_offset = block.offset;", "*ops[block.from].workspace_offset = 0;", "plan_test", "*"),
    "blocks a multiple of four bytes long": (
        "converter/plan/plan.cpp", "t.cols, t.heads), 64);", "t.cols, t.heads), 4);", "plan_test", "*"),
    "a tile that does not fit stays": (
        "converter/plan/plan.cpp", "    step.tile_rows = smallest;\n    place_scratch(s);", "    place_scratch(s);", "plan_test", "*"),
    "the scratch of a whole step for each tile": (
        "converter/plan/plan.cpp", "touch(blocks, tensor, i, Storage::Scratch, step.tile_rows);", "touch(blocks, tensor, i, Storage::Scratch, step.rows);",
        "plan_test", "*"),
    "an output's memory is given up": (
        "converter/plan/plan.cpp", "if (base_of(output->tensor) == tensor) return true;", "if (base_of(output->tensor) == tensor) return false;", "plan_test", "*"),
}

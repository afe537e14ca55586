// SPDX-License-Identifier: Apache-2.0
// The ops of the schema: how each is verified, bound and run. ops.def lists them.
#pragma once

#include <string.h>

#include "runtime/core/bounds.h"
#include "runtime/core/checker.h"
#include "runtime/core/session.h"

namespace vitro {

// What binding an op needs to turn operands into addresses.
struct Binder {
  const schema::Program& program;
  const KernelTable& kernels;
  uint8_t* planned;  // start of the planned region of the arena
  const schema::Step& step;

  const schema::Tensor& tensor(uint32_t index) const;
  uint8_t* arena(const schema::Tensor& tensor) const { return planned + tensor.offset(); }
  const uint8_t* constant(uint64_t offset) const { return program.constants()->Data() + offset; }
  Operand operand(uint32_t index) const;
};

// What an op costs beside reading and writing its rows.
struct OpCost {
  uint64_t row_macs = 0;      // multiply-accumulates for each row
  uint64_t tile_bytes = 0;    // of constants, which each tile reads
  uint64_t packed_bytes = 0;  // of keys and values
};

// The step of an op, as its cost depends on it.
struct StepShape {
  uint32_t rows, tile_rows, tiles;
};

inline uint32_t rows_of_a_tile(const StepShape& step) {
  return step.tile_rows < step.rows ? step.tile_rows : step.rows;
}

// What the stages ask of an op; `args` is the member of schema::OpArgs.
struct OpType {
  bool (*verify)(Checker& checker, const void* args);
  void (*bind)(const Binder& binder, const void* args, BoundOp& op);
  OpOperands (*operands)(const void* args, const schema::Program& program);
  OpCost (*cost)(const void* args, const schema::Program& program,
                 const StepShape& step);  // or null
};

// Null for an op that this runtime does not know.
const OpType* op_type(schema::OpArgs type);

OpOperands operands_of(const schema::Op& op, const schema::Program& program);

// Of an op that is verified, in each step of that shape.
vitro_work_info work_of(const schema::Op& op, const schema::Step& step,
                        const schema::Program& program);

#define VITRO_OP(Name, file) extern const OpType k##Name;
#include "runtime/ops/ops.def"
#undef VITRO_OP

template <class A, class B>
inline constexpr bool kSame = false;
template <class A>
inline constexpr bool kSame<A, A> = true;
template <class Type, Type function>
struct Function;

// An OpType of an op's functions, typed: Args is its table of the schema, Bound what a run needs of
// it. Cost: null of ops that read no constants and multiply nothing.
template <class Args, class Bound, OpOperands (*Operands)(const Args&, const schema::Program&),
          bool (*Verify)(Checker&, const Args&), Bound (*Bind)(const Binder&, const Args&),
          void (*Run)(const Bound&, const RowTile&),
          OpCost (*Cost)(const Args&, const schema::Program&, const StepShape&) = nullptr>
struct TypedOp {
  static_assert(sizeof(Bound) <= sizeof(BoundOp::bytes) && alignof(Bound) <= alignof(BoundOp),
                "make BoundOp::bytes larger: every op of every program pays for it");
  static_assert(__is_trivially_copyable(Bound));

  // Told by type: to GCC's sanitizers the address of a template's function is no constant.
  static constexpr bool kHasCost =
      !kSame<Function<decltype(Cost), Cost>, Function<decltype(Cost), nullptr>>;

  static OpOperands operands(const void* args, const schema::Program& program) {
    return Operands(*static_cast<const Args*>(args), program);
  }
  static bool verify(Checker& checker, const void* args) {
    return Verify(checker, *static_cast<const Args*>(args));
  }
  static void bind(const Binder& binder, const void* args, BoundOp& op) {
    op.run = run;
    const Bound bound = Bind(binder, *static_cast<const Args*>(args));
    memcpy(op.bytes, &bound, sizeof bound);
  }
  static void run(const BoundOp& op, const RowTile& tile) {
    Run(*__builtin_launder(reinterpret_cast<const Bound*>(op.bytes)), tile);
  }
  static OpCost cost(const void* args, const schema::Program& program, const StepShape& step) {
    if constexpr (kHasCost) return Cost(*static_cast<const Args*>(args), program, step);
    return {};
  }
  static constexpr OpType type = {verify, bind, operands, kHasCost ? cost : nullptr};
};

// The operands of an op from rows of src to rows of dst; in_place: dst may be src.
template <class Args, InPlace in_place = InPlace::no, Reads reads = Reads::rows>
OpOperands row_wise(const Args& args, const schema::Program&) {
  OpOperands operands;
  operands.sources[0] = {args.src(), in_place, reads};
  operands.destination = args.dst();
  return operands;
}

// The cost of two floats for each column, which each tile reads.
template <class Args>
OpCost of_columns(const Args& args, const schema::Program& program, const StepShape&) {
  return {0, 2 * sizeof(float) * uint64_t{program.tensors()->Get(args.src())->cols()}};
}

// The operands of an op that writes rows of dst of a whole src.
template <class Args>
OpOperands whole_to_rows(const Args& args, const schema::Program& program) {
  return row_wise<Args, InPlace::no, Reads::parts>(args, program);
}

}  // namespace vitro

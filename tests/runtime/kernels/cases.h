// SPDX-License-Identifier: Apache-2.0
// The calls with which kernels are tested and measured, by kernels_test.cpp, the images for
// Cortex-M and tests/bench/kernels_bench.cpp. Needs neither a heap nor an operating system.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "runtime/kernels/kernels.h"
#include "tests/runtime/kernels/inputs.h"

namespace vitro {

/// Bytes before and after a kernel's output that it must not change.
constexpr size_t kGuard = 64;

/// A call of a kernel with all arguments except its destination.
struct Case {
  enum class Kernel : uint8_t {
    linear,
    layer_norm,
    quantise_rows,
    attention,
    silu,
    affine,
    multiply,
    rotate_pairs,
    norm,
    head_norm,
    static_norm,
    static_quantise,
    static_add,
    lookup,
    add_softmax
  };
  Kernel kernel;
  const char* name;  // of a model's layer, or null
  Values values;     // of the inputs
  uint32_t seed;
  union {
    LinearArgs linear;
    LayerNormArgs layer_norm;
    QuantiseRowsArgs quantise_rows;
    AttentionArgs attention;
    SiluArgs silu;  // values: copied to the destination, where the kernel works
    AffineArgs affine;
    MultiplyArgs multiply;
    RotatePairsArgs rotate_pairs;
    NormArgs norm;
    HeadNormArgs head_norm;
    StaticNormArgs static_norm;
    StaticQuantiseArgs static_quantise;
    StaticAddArgs static_add;
    LookupArgs lookup;
    AddSoftmaxArgs add_softmax;
  };
  /// Of affine, multiply, norm, static_add and lookup: which source is copied to the destination,
  /// where the kernel reads it.
  enum class InPlace : uint8_t { none, first, second };
  InPlace in_place;
  /// Of add_softmax: what is copied to where the kernel works.
  const float* scores;
  /// Bytes of attention's workspace or add_softmax's scores, without the kGuard bytes after them.
  size_t workspace_bytes;
  /// Bytes that the kernel writes. layer_norm and quantise_rows write the rows and, at `params_at`,
  /// their RowParams.
  size_t bytes, params_at;
};

/// Calls the kernel of `table`. `dst` is aligned for the elements that it writes.
void run(const Case& c, const KernelTable& table, uint8_t* dst);

/// The multiplications that the result of the call needs.
size_t macs(const Case& c);

enum class List : uint8_t {
  frozen,  // do not edit: the CRC of what the reference writes may not change (compare.h)
  large,   // shapes that need more memory
  models,  // the layers of DeiT-Ti, which are also measured
  terms,   // attention with a bias, regions, shared keys and values, values of another width
};

/// Parts of a list that can be run alone, in the order of the frozen CRC. Not every list has all.
enum class Group : uint8_t {
  linear,
  gelu,
  rows,
  attention,
  leaders,
  silu,
  elementwise,
  rotation,
  norms,
  statics,
  rollout
};
constexpr Group kAllGroups[] = {Group::linear,      Group::gelu,     Group::rows,
                                Group::attention,   Group::leaders,  Group::silu,
                                Group::elementwise, Group::rotation, Group::norms,
                                Group::statics,     Group::rollout};

/// The bytes of memory that the cases of a list need, with the outputs of two kernels.
constexpr size_t memory_bytes(List list) {
  return (list == List::frozen || list == List::terms ? 480 : 2048) * 1024;
}

/// A reference to a function object that takes a case. The case lives until the next call.
/// std::function would need a heap.
class CaseVisitor {
 public:
  template <class Function>
  CaseVisitor(const Function& function)  // NOLINT: implicit, so that a lambda can be passed
      : function_(&function), call_([](const void* called, const Case& c) {
          (*static_cast<const Function*>(called))(c);
        }) {}
  void operator()(const Case& c) const { call_(function_, c); }

 private:
  const void* function_;
  void (*call_)(const void*, const Case&);
};

constexpr size_t round_up(size_t value, size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

/// The offset of the weight for output n and input k in packed weights with `inputs` inputs. Keys
/// and values are packed in the same way.
inline size_t packed(size_t inputs, size_t n, size_t k) {
  return n / 16 * inputs * 16 + k / 4 * 64 + n % 16 * 4 + k % 4;
}

/// Its sizes. A program gives a kernel a few dozen rows at once.
namespace deit_tiny {
constexpr size_t kRows = 48, kTokens = 197, kHeads = 3, kHeadDim = 64, kDim = kHeads * kHeadDim;
}

/// The list `terms`.
void visit_terms(CaseMemory& memory, CaseVisitor visit);

/// The group `linear`.
void visit_linears(List list, CaseMemory& memory, CaseVisitor visit);
/// The groups gelu, silu and elementwise.
void visit_gelu(List list, CaseMemory& memory, CaseVisitor visit);
void visit_silu(CaseMemory& memory, CaseVisitor visit);
void visit_elementwise(List list, CaseMemory& memory, CaseVisitor visit);
/// The group `rotation`.
void visit_rotation(List list, CaseMemory& memory, CaseVisitor visit);
/// The group `norms`.
void visit_norms(List list, CaseMemory& memory, CaseVisitor visit);
/// The group `statics`.
void visit_statics(List list, CaseMemory& memory, CaseVisitor visit);
/// The group `rollout`.
void visit_rollout(List list, CaseMemory& memory, CaseVisitor visit);

/// Makes one case after the other in `memory`.
void visit_cases(List list, Group group, CaseMemory& memory, CaseVisitor visit);

}  // namespace vitro

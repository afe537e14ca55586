// SPDX-License-Identifier: Apache-2.0
// Reads PyTorch's pickles without running them: nothing is imported, nothing is called. The result
// is plain values.
//
// Opcodes (protocols 2 to 5, as torch.save writes them):
//   PROTO FRAME STOP MARK POP POP_MARK DUP NONE NEWTRUE NEWFALSE BININT BININT1 BININT2 LONG1 LONG4
//   BINFLOAT BINSTRING SHORT_BINSTRING BINUNICODE SHORT_BINUNICODE BINUNICODE8 BINBYTES
//   SHORT_BINBYTES BINBYTES8 BYTEARRAY8 EMPTY_LIST APPEND APPENDS LIST EMPTY_TUPLE TUPLE TUPLE1
//   TUPLE2 TUPLE3 EMPTY_DICT DICT SETITEM SETITEMS EMPTY_SET ADDITEMS FROZENSET BINGET LONG_BINGET
//   BINPUT LONG_BINPUT MEMOIZE GLOBAL STACK_GLOBAL REDUCE NEWOBJ BUILD BINPERSID
// All others are refused by name.
//
// Globals:
//   torch._utils: _rebuild_tensor, _rebuild_tensor_v2, _rebuild_tensor_v3, _rebuild_parameter,
//   _rebuild_parameter_with_state; torch._tensor: _rebuild_from_type_v2 -> a tensor torch,
//   torch.storage, torch.cuda: *Storage; torch: float32 and the other dtypes torch.Size -> its
//   tuple collections: OrderedDict, defaultdict, Counter                       -> a dictionary
//   argparse.Namespace and the others of kInert (pickle_globals.cpp)     -> an opaque value,
//   whatever it was made of, that nobody looks into
// All others are refused by name. So a pickle can make memory fill up to the limits below and
// nothing else.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "converter/checkpoint/numbers.h"

namespace vitro::converter {

enum class PickleKind : uint8_t {
  None,
  Bool,
  Int,
  Float,
  Text,
  Bytes,
  List,
  Tuple,
  Dict,
  Set,
  Global,
  Storage,
  Tensor,
  Opaque
};

struct PickleValue {
  PickleKind kind = PickleKind::None;
  int64_t number = 0;           // of Bool and Int; of Storage and Tensor: its index in Pickle
  std::string text;             // of Text, Bytes; of Global and Opaque "module.name"
  std::vector<uint32_t> items;  // values by index; of Dict key, value, key, value ...
};

struct PickleStorage {
  std::string key;
  Dtype dtype = Dtype::Foreign;
  size_t width = 0;  // bytes of one number; 0 where dtype is Foreign
  std::string type;  // as PyTorch calls it
  uint64_t elements = 0;
  uint64_t offset = 0;  // of its first number within the stored one, of files of before 0.4
};

struct PickleTensor {
  uint32_t storage = 0;
  Dtype dtype = Dtype::Foreign;
  std::string type;
  uint64_t offset = 0;  // numbers
  std::vector<size_t> shape, strides;
};

struct Pickle {
  std::vector<PickleValue> values;
  std::vector<PickleStorage> storages;
  std::vector<PickleTensor> tensors;
  uint32_t root = 0;
  size_t bytes = 0;  // how many of `bytes` the pickle was

  const PickleValue& at(uint32_t value) const { return values[value]; }
};

/// Why a pickle is refused, and what to do about it.
using PickleRefusal = std::function<void(const std::string& fault, const std::string& remedy)>;

/// Reads the pickle at the beginning of `bytes`, of at most 4 million values. `refuse` must throw.
Pickle read_pickle(const char* bytes, size_t size, const PickleRefusal& refuse);

}  // namespace vitro::converter

// Made by toolchains/generate.py of runtime/schema/program.fbs; schema/README.md says how.

#pragma once

#include "runtime/schema/flat.h"

namespace vitro {
namespace schema {

struct Tensor;

struct PatchRows;

struct Copy;

struct LayerNorm;

struct QuantiseRows;

struct Linear;

struct Attention;

struct MeanRows;

struct StaticNorm;

struct StaticQuantise;

struct Lookup;

struct StaticAdd;

struct Norm;

struct Transpose;

struct Affine;

struct Multiply;

struct BiasedAttention;

struct GatherRows;

struct HeadNorm;

struct RotatePairs;

struct StridedPatches;

struct Rollout;

struct ArgMax;

struct PickRows;

struct Op;

struct Step;

struct Preprocessing;

struct Setting;

struct Provenance;

struct Golden;

struct Output;

struct Digest;

struct Program;

enum class Format : uint8_t {
  U8 = 0,
  S8 = 1,
  RowS8 = 2,
  S16 = 3,
  F32 = 4,
  Keys = 5,
  Values = 6,
  MIN = U8,
  MAX = Values
};

inline const char * const *EnumNamesFormat() {
  static const char * const names[8] = {
    "U8",
    "S8",
    "RowS8",
    "S16",
    "F32",
    "Keys",
    "Values",
    nullptr
  };
  return names;
}

inline const char *EnumNameFormat(Format e) {
  if (flat::IsOutRange(e, Format::U8, Format::Values)) return "";
  const size_t index = static_cast<size_t>(e);
  return EnumNamesFormat()[index];
}

enum class Storage : uint8_t {
  Arena = 0,
  Scratch = 1,
  Constant = 2,
  MIN = Arena,
  MAX = Constant
};

inline const char * const *EnumNamesStorage() {
  static const char * const names[4] = {
    "Arena",
    "Scratch",
    "Constant",
    nullptr
  };
  return names;
}

inline const char *EnumNameStorage(Storage e) {
  if (flat::IsOutRange(e, Storage::Arena, Storage::Constant)) return "";
  const size_t index = static_cast<size_t>(e);
  return EnumNamesStorage()[index];
}

enum class Activation : uint8_t {
  None = 0,
  Gelu = 1,
  Silu = 2,
  MIN = None,
  MAX = Silu
};

inline const char * const *EnumNamesActivation() {
  static const char * const names[4] = {
    "None",
    "Gelu",
    "Silu",
    nullptr
  };
  return names;
}

inline const char *EnumNameActivation(Activation e) {
  if (flat::IsOutRange(e, Activation::None, Activation::Silu)) return "";
  const size_t index = static_cast<size_t>(e);
  return EnumNamesActivation()[index];
}

enum class OpArgs : uint8_t {
  NONE = 0,
  PatchRows = 1,
  Copy = 2,
  LayerNorm = 3,
  QuantiseRows = 4,
  Linear = 5,
  Attention = 6,
  MeanRows = 7,
  StaticNorm = 8,
  StaticQuantise = 9,
  Lookup = 10,
  StaticAdd = 11,
  Norm = 12,
  Transpose = 13,
  Affine = 14,
  Multiply = 15,
  BiasedAttention = 16,
  GatherRows = 17,
  HeadNorm = 18,
  RotatePairs = 19,
  StridedPatches = 20,
  Rollout = 21,
  ArgMax = 22,
  PickRows = 23,
  MIN = NONE,
  MAX = PickRows
};

inline const char * const *EnumNamesOpArgs() {
  static const char * const names[25] = {
    "NONE",
    "PatchRows",
    "Copy",
    "LayerNorm",
    "QuantiseRows",
    "Linear",
    "Attention",
    "MeanRows",
    "StaticNorm",
    "StaticQuantise",
    "Lookup",
    "StaticAdd",
    "Norm",
    "Transpose",
    "Affine",
    "Multiply",
    "BiasedAttention",
    "GatherRows",
    "HeadNorm",
    "RotatePairs",
    "StridedPatches",
    "Rollout",
    "ArgMax",
    "PickRows",
    nullptr
  };
  return names;
}

inline const char *EnumNameOpArgs(OpArgs e) {
  if (flat::IsOutRange(e, OpArgs::NONE, OpArgs::PickRows)) return "";
  const size_t index = static_cast<size_t>(e);
  return EnumNamesOpArgs()[index];
}

bool VerifyOpArgs(flat::Verifier &verifier, const void *obj, OpArgs type);

enum class Filter : uint8_t {
  Bilinear = 0,
  Bicubic = 1,
  Nearest = 2,
  Box = 3,
  Hamming = 4,
  Lanczos = 5,
  MIN = Bilinear,
  MAX = Lanczos
};

inline const char * const *EnumNamesFilter() {
  static const char * const names[7] = {
    "Bilinear",
    "Bicubic",
    "Nearest",
    "Box",
    "Hamming",
    "Lanczos",
    nullptr
  };
  return names;
}

inline const char *EnumNameFilter(Filter e) {
  if (flat::IsOutRange(e, Filter::Bilinear, Filter::Lanczos)) return "";
  const size_t index = static_cast<size_t>(e);
  return EnumNamesFilter()[index];
}

enum class ResizeMode : uint8_t {
  ShorterSide = 0,
  LongerSide = 1,
  Exact = 2,
  None = 3,
  Cover = 4,
  MIN = ShorterSide,
  MAX = Cover
};

inline const char * const *EnumNamesResizeMode() {
  static const char * const names[6] = {
    "ShorterSide",
    "LongerSide",
    "Exact",
    "None",
    "Cover",
    nullptr
  };
  return names;
}

inline const char *EnumNameResizeMode(ResizeMode e) {
  if (flat::IsOutRange(e, ResizeMode::ShorterSide, ResizeMode::Cover)) return "";
  const size_t index = static_cast<size_t>(e);
  return EnumNamesResizeMode()[index];
}

enum class Centring : uint8_t {
  HalfEven = 0,
  Floor = 1,
  MIN = HalfEven,
  MAX = Floor
};

inline const char * const *EnumNamesCentring() {
  static const char * const names[3] = {
    "HalfEven",
    "Floor",
    nullptr
  };
  return names;
}

inline const char *EnumNameCentring(Centring e) {
  if (flat::IsOutRange(e, Centring::HalfEven, Centring::Floor)) return "";
  const size_t index = static_cast<size_t>(e);
  return EnumNamesCentring()[index];
}

enum class Orientation : uint8_t {
  Ignore = 0,
  Apply = 1,
  MIN = Ignore,
  MAX = Apply
};

inline const char * const *EnumNamesOrientation() {
  static const char * const names[3] = {
    "Ignore",
    "Apply",
    nullptr
  };
  return names;
}

inline const char *EnumNameOrientation(Orientation e) {
  if (flat::IsOutRange(e, Orientation::Ignore, Orientation::Apply)) return "";
  const size_t index = static_cast<size_t>(e);
  return EnumNamesOrientation()[index];
}

enum class PassOrder : uint8_t {
  RowsFirst = 0,
  Pillow13 = 1,
  MIN = RowsFirst,
  MAX = Pillow13
};

inline const char * const *EnumNamesPassOrder() {
  static const char * const names[3] = {
    "RowsFirst",
    "Pillow13",
    nullptr
  };
  return names;
}

inline const char *EnumNamePassOrder(PassOrder e) {
  if (flat::IsOutRange(e, PassOrder::RowsFirst, PassOrder::Pillow13)) return "";
  const size_t index = static_cast<size_t>(e);
  return EnumNamesPassOrder()[index];
}

enum class OutputKind : uint8_t {
  Logits = 0,
  Features = 1,
  Map = 2,
  Labels = 3,
  Boxes = 4,
  MIN = Logits,
  MAX = Boxes
};

inline const char * const *EnumNamesOutputKind() {
  static const char * const names[6] = {
    "Logits",
    "Features",
    "Map",
    "Labels",
    "Boxes",
    nullptr
  };
  return names;
}

inline const char *EnumNameOutputKind(OutputKind e) {
  if (flat::IsOutRange(e, OutputKind::Logits, OutputKind::Boxes)) return "";
  const size_t index = static_cast<size_t>(e);
  return EnumNamesOutputKind()[index];
}

struct alignas(1) Digest final {
 private:
  flat::Array<uint8_t, 32> bytes_;

 public:
  const flat::Array<uint8_t, 32> *bytes() const {
    return &bytes_;
  }
};

static_assert(sizeof(Digest) == 32);

struct Tensor final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_NAME = 4,
    VT_FORMAT = 6,
    VT_STORAGE = 8,
    VT_ROWS = 10,
    VT_COLS = 12,
    VT_HEADS = 14,
    VT_OFFSET = 16,
    VT_GROUPS = 18,
    VT_SCALE = 20
  };
  const flat::String *name() const {
    return GetPointer<const flat::String *>(VT_NAME);
  }
  vitro::schema::Format format() const {
    return static_cast<vitro::schema::Format>(GetField<uint8_t>(VT_FORMAT, 0));
  }
  vitro::schema::Storage storage() const {
    return static_cast<vitro::schema::Storage>(GetField<uint8_t>(VT_STORAGE, 0));
  }
  uint32_t rows() const {
    return GetField<uint32_t>(VT_ROWS, 0);
  }
  uint32_t cols() const {
    return GetField<uint32_t>(VT_COLS, 0);
  }
  uint32_t heads() const {
    return GetField<uint32_t>(VT_HEADS, 1);
  }
  uint64_t offset() const {
    return GetField<uint64_t>(VT_OFFSET, 0);
  }
  uint32_t groups() const {
    return GetField<uint32_t>(VT_GROUPS, 1);
  }
  float scale() const {
    return GetField<float>(VT_SCALE, 0.0f);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyOffset(verifier, VT_NAME) &&
           verifier.VerifyString(name()) &&
           VerifyField<uint8_t>(verifier, VT_FORMAT, 1) &&
           VerifyField<uint8_t>(verifier, VT_STORAGE, 1) &&
           VerifyField<uint32_t>(verifier, VT_ROWS, 4) &&
           VerifyField<uint32_t>(verifier, VT_COLS, 4) &&
           VerifyField<uint32_t>(verifier, VT_HEADS, 4) &&
           VerifyField<uint64_t>(verifier, VT_OFFSET, 8) &&
           VerifyField<uint32_t>(verifier, VT_GROUPS, 4) &&
           VerifyField<float>(verifier, VT_SCALE, 4) &&
           verifier.EndTable();
  }
};

struct PatchRows final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_SRC = 4,
    VT_DST = 6,
    VT_PATCH = 8
  };
  uint32_t src() const {
    return GetField<uint32_t>(VT_SRC, 0);
  }
  uint32_t dst() const {
    return GetField<uint32_t>(VT_DST, 0);
  }
  uint32_t patch() const {
    return GetField<uint32_t>(VT_PATCH, 0);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyField<uint32_t>(verifier, VT_SRC, 4) &&
           VerifyField<uint32_t>(verifier, VT_DST, 4) &&
           VerifyField<uint32_t>(verifier, VT_PATCH, 4) &&
           verifier.EndTable();
  }
};

struct Copy final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_SRC = 4,
    VT_DST = 6
  };
  uint32_t src() const {
    return GetField<uint32_t>(VT_SRC, 0);
  }
  uint32_t dst() const {
    return GetField<uint32_t>(VT_DST, 0);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyField<uint32_t>(verifier, VT_SRC, 4) &&
           VerifyField<uint32_t>(verifier, VT_DST, 4) &&
           verifier.EndTable();
  }
};

struct LayerNorm final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_SRC = 4,
    VT_DST = 6,
    VT_EPSILON = 8
  };
  uint32_t src() const {
    return GetField<uint32_t>(VT_SRC, 0);
  }
  uint32_t dst() const {
    return GetField<uint32_t>(VT_DST, 0);
  }
  float epsilon() const {
    return GetField<float>(VT_EPSILON, 0.0f);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyField<uint32_t>(verifier, VT_SRC, 4) &&
           VerifyField<uint32_t>(verifier, VT_DST, 4) &&
           VerifyField<float>(verifier, VT_EPSILON, 4) &&
           verifier.EndTable();
  }
};

struct QuantiseRows final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_SRC = 4,
    VT_DST = 6,
    VT_UNIT = 8
  };
  uint32_t src() const {
    return GetField<uint32_t>(VT_SRC, 0);
  }
  uint32_t dst() const {
    return GetField<uint32_t>(VT_DST, 0);
  }
  float unit() const {
    return GetField<float>(VT_UNIT, 0.0f);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyField<uint32_t>(verifier, VT_SRC, 4) &&
           VerifyField<uint32_t>(verifier, VT_DST, 4) &&
           VerifyField<float>(verifier, VT_UNIT, 4) &&
           verifier.EndTable();
  }
};

struct Linear final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_SRC = 4,
    VT_DST = 6,
    VT_ADDEND = 8,
    VT_WEIGHTS = 10,
    VT_CHANNELS = 12,
    VT_ACTIVATION = 14,
    VT_FRACTION_BITS = 16,
    VT_ZERO_POINT = 18
  };
  uint32_t src() const {
    return GetField<uint32_t>(VT_SRC, 0);
  }
  uint32_t dst() const {
    return GetField<uint32_t>(VT_DST, 0);
  }
  int32_t addend() const {
    return GetField<int32_t>(VT_ADDEND, -1);
  }
  uint64_t weights() const {
    return GetField<uint64_t>(VT_WEIGHTS, 0);
  }
  uint64_t channels() const {
    return GetField<uint64_t>(VT_CHANNELS, 0);
  }
  vitro::schema::Activation activation() const {
    return static_cast<vitro::schema::Activation>(GetField<uint8_t>(VT_ACTIVATION, 0));
  }
  uint8_t fraction_bits() const {
    return GetField<uint8_t>(VT_FRACTION_BITS, 0);
  }
  int8_t zero_point() const {
    return GetField<int8_t>(VT_ZERO_POINT, 0);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyField<uint32_t>(verifier, VT_SRC, 4) &&
           VerifyField<uint32_t>(verifier, VT_DST, 4) &&
           VerifyField<int32_t>(verifier, VT_ADDEND, 4) &&
           VerifyField<uint64_t>(verifier, VT_WEIGHTS, 8) &&
           VerifyField<uint64_t>(verifier, VT_CHANNELS, 8) &&
           VerifyField<uint8_t>(verifier, VT_ACTIVATION, 1) &&
           VerifyField<uint8_t>(verifier, VT_FRACTION_BITS, 1) &&
           VerifyField<int8_t>(verifier, VT_ZERO_POINT, 1) &&
           verifier.EndTable();
  }
};

struct Attention final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_Q = 4,
    VT_K = 6,
    VT_V = 8,
    VT_DST = 10,
    VT_SCORE_SCALE = 12,
    VT_WORKSPACE = 14
  };
  uint32_t q() const {
    return GetField<uint32_t>(VT_Q, 0);
  }
  uint32_t k() const {
    return GetField<uint32_t>(VT_K, 0);
  }
  uint32_t v() const {
    return GetField<uint32_t>(VT_V, 0);
  }
  uint32_t dst() const {
    return GetField<uint32_t>(VT_DST, 0);
  }
  const flat::Vector<float> *score_scale() const {
    return GetPointer<const flat::Vector<float> *>(VT_SCORE_SCALE);
  }
  uint64_t workspace() const {
    return GetField<uint64_t>(VT_WORKSPACE, 0);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyField<uint32_t>(verifier, VT_Q, 4) &&
           VerifyField<uint32_t>(verifier, VT_K, 4) &&
           VerifyField<uint32_t>(verifier, VT_V, 4) &&
           VerifyField<uint32_t>(verifier, VT_DST, 4) &&
           VerifyOffset(verifier, VT_SCORE_SCALE) &&
           verifier.VerifyVector(score_scale()) &&
           VerifyField<uint64_t>(verifier, VT_WORKSPACE, 8) &&
           verifier.EndTable();
  }
};

struct MeanRows final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_SRC = 4,
    VT_DST = 6,
    VT_RECIPROCAL = 8
  };
  uint32_t src() const {
    return GetField<uint32_t>(VT_SRC, 0);
  }
  uint32_t dst() const {
    return GetField<uint32_t>(VT_DST, 0);
  }
  float reciprocal() const {
    return GetField<float>(VT_RECIPROCAL, 0.0f);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyField<uint32_t>(verifier, VT_SRC, 4) &&
           VerifyField<uint32_t>(verifier, VT_DST, 4) &&
           VerifyField<float>(verifier, VT_RECIPROCAL, 4) &&
           verifier.EndTable();
  }
};

struct StaticNorm final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_SRC = 4,
    VT_DST = 6,
    VT_EPSILON = 8,
    VT_SCALE = 10,
    VT_ZERO_POINT = 12
  };
  uint32_t src() const {
    return GetField<uint32_t>(VT_SRC, 0);
  }
  uint32_t dst() const {
    return GetField<uint32_t>(VT_DST, 0);
  }
  float epsilon() const {
    return GetField<float>(VT_EPSILON, 0.0f);
  }
  float scale() const {
    return GetField<float>(VT_SCALE, 0.0f);
  }
  int8_t zero_point() const {
    return GetField<int8_t>(VT_ZERO_POINT, 0);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyField<uint32_t>(verifier, VT_SRC, 4) &&
           VerifyField<uint32_t>(verifier, VT_DST, 4) &&
           VerifyField<float>(verifier, VT_EPSILON, 4) &&
           VerifyField<float>(verifier, VT_SCALE, 4) &&
           VerifyField<int8_t>(verifier, VT_ZERO_POINT, 1) &&
           verifier.EndTable();
  }
};

struct StaticQuantise final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_SRC = 4,
    VT_DST = 6,
    VT_SCALE = 8,
    VT_ZERO_POINT = 10
  };
  uint32_t src() const {
    return GetField<uint32_t>(VT_SRC, 0);
  }
  uint32_t dst() const {
    return GetField<uint32_t>(VT_DST, 0);
  }
  float scale() const {
    return GetField<float>(VT_SCALE, 0.0f);
  }
  int8_t zero_point() const {
    return GetField<int8_t>(VT_ZERO_POINT, 0);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyField<uint32_t>(verifier, VT_SRC, 4) &&
           VerifyField<uint32_t>(verifier, VT_DST, 4) &&
           VerifyField<float>(verifier, VT_SCALE, 4) &&
           VerifyField<int8_t>(verifier, VT_ZERO_POINT, 1) &&
           verifier.EndTable();
  }
};

struct Lookup final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_SRC = 4,
    VT_DST = 6,
    VT_TABLE = 8
  };
  uint32_t src() const {
    return GetField<uint32_t>(VT_SRC, 0);
  }
  uint32_t dst() const {
    return GetField<uint32_t>(VT_DST, 0);
  }
  uint64_t table() const {
    return GetField<uint64_t>(VT_TABLE, 0);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyField<uint32_t>(verifier, VT_SRC, 4) &&
           VerifyField<uint32_t>(verifier, VT_DST, 4) &&
           VerifyField<uint64_t>(verifier, VT_TABLE, 8) &&
           verifier.EndTable();
  }
};

struct StaticAdd final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_SRC = 4,
    VT_ADDEND = 6,
    VT_DST = 8,
    VT_SCALE = 10
  };
  uint32_t src() const {
    return GetField<uint32_t>(VT_SRC, 0);
  }
  uint32_t addend() const {
    return GetField<uint32_t>(VT_ADDEND, 0);
  }
  uint32_t dst() const {
    return GetField<uint32_t>(VT_DST, 0);
  }
  float scale() const {
    return GetField<float>(VT_SCALE, 0.0f);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyField<uint32_t>(verifier, VT_SRC, 4) &&
           VerifyField<uint32_t>(verifier, VT_ADDEND, 4) &&
           VerifyField<uint32_t>(verifier, VT_DST, 4) &&
           VerifyField<float>(verifier, VT_SCALE, 4) &&
           verifier.EndTable();
  }
};

struct Norm final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_SRC = 4,
    VT_DST = 6,
    VT_EPSILON = 8,
    VT_CHANNELS = 10
  };
  uint32_t src() const {
    return GetField<uint32_t>(VT_SRC, 0);
  }
  uint32_t dst() const {
    return GetField<uint32_t>(VT_DST, 0);
  }
  float epsilon() const {
    return GetField<float>(VT_EPSILON, 0.0f);
  }
  uint64_t channels() const {
    return GetField<uint64_t>(VT_CHANNELS, 0);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyField<uint32_t>(verifier, VT_SRC, 4) &&
           VerifyField<uint32_t>(verifier, VT_DST, 4) &&
           VerifyField<float>(verifier, VT_EPSILON, 4) &&
           VerifyField<uint64_t>(verifier, VT_CHANNELS, 8) &&
           verifier.EndTable();
  }
};

struct Transpose final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_SRC = 4,
    VT_DST = 6
  };
  uint32_t src() const {
    return GetField<uint32_t>(VT_SRC, 0);
  }
  uint32_t dst() const {
    return GetField<uint32_t>(VT_DST, 0);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyField<uint32_t>(verifier, VT_SRC, 4) &&
           VerifyField<uint32_t>(verifier, VT_DST, 4) &&
           verifier.EndTable();
  }
};

struct Affine final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_SRC = 4,
    VT_DST = 6,
    VT_ADDEND = 8,
    VT_CHANNELS = 10
  };
  uint32_t src() const {
    return GetField<uint32_t>(VT_SRC, 0);
  }
  uint32_t dst() const {
    return GetField<uint32_t>(VT_DST, 0);
  }
  int32_t addend() const {
    return GetField<int32_t>(VT_ADDEND, -1);
  }
  uint64_t channels() const {
    return GetField<uint64_t>(VT_CHANNELS, 0);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyField<uint32_t>(verifier, VT_SRC, 4) &&
           VerifyField<uint32_t>(verifier, VT_DST, 4) &&
           VerifyField<int32_t>(verifier, VT_ADDEND, 4) &&
           VerifyField<uint64_t>(verifier, VT_CHANNELS, 8) &&
           verifier.EndTable();
  }
};

struct Multiply final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_A = 4,
    VT_B = 6,
    VT_DST = 8,
    VT_SCALE = 10
  };
  uint32_t a() const {
    return GetField<uint32_t>(VT_A, 0);
  }
  uint32_t b() const {
    return GetField<uint32_t>(VT_B, 0);
  }
  uint32_t dst() const {
    return GetField<uint32_t>(VT_DST, 0);
  }
  float scale() const {
    return GetField<float>(VT_SCALE, 0.0f);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyField<uint32_t>(verifier, VT_A, 4) &&
           VerifyField<uint32_t>(verifier, VT_B, 4) &&
           VerifyField<uint32_t>(verifier, VT_DST, 4) &&
           VerifyField<float>(verifier, VT_SCALE, 4) &&
           verifier.EndTable();
  }
};

struct BiasedAttention final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_ATTENTION = 4,
    VT_BIAS = 6,
    VT_BIAS_SHIFT = 8,
    VT_HAS_REGIONS = 10,
    VT_REGIONS = 12
  };
  const vitro::schema::Attention *attention() const {
    return GetPointer<const vitro::schema::Attention *>(VT_ATTENTION);
  }
  uint64_t bias() const {
    return GetField<uint64_t>(VT_BIAS, 0);
  }
  const flat::Vector<uint8_t> *bias_shift() const {
    return GetPointer<const flat::Vector<uint8_t> *>(VT_BIAS_SHIFT);
  }
  bool has_regions() const {
    return GetField<uint8_t>(VT_HAS_REGIONS, 0) != 0;
  }
  uint64_t regions() const {
    return GetField<uint64_t>(VT_REGIONS, 0);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyOffsetRequired(verifier, VT_ATTENTION) &&
           verifier.VerifyTable(attention()) &&
           VerifyField<uint64_t>(verifier, VT_BIAS, 8) &&
           VerifyOffset(verifier, VT_BIAS_SHIFT) &&
           verifier.VerifyVector(bias_shift()) &&
           VerifyField<uint8_t>(verifier, VT_HAS_REGIONS, 1) &&
           VerifyField<uint64_t>(verifier, VT_REGIONS, 8) &&
           verifier.EndTable();
  }
};

struct GatherRows final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_SRC = 4,
    VT_DST = 6,
    VT_INDEX = 8
  };
  uint32_t src() const {
    return GetField<uint32_t>(VT_SRC, 0);
  }
  uint32_t dst() const {
    return GetField<uint32_t>(VT_DST, 0);
  }
  uint64_t index() const {
    return GetField<uint64_t>(VT_INDEX, 0);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyField<uint32_t>(verifier, VT_SRC, 4) &&
           VerifyField<uint32_t>(verifier, VT_DST, 4) &&
           VerifyField<uint64_t>(verifier, VT_INDEX, 8) &&
           verifier.EndTable();
  }
};

struct HeadNorm final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_SRC = 4,
    VT_DST = 6,
    VT_HEAD_DIM = 8,
    VT_EPSILON = 10,
    VT_CHANNELS = 12
  };
  uint32_t src() const {
    return GetField<uint32_t>(VT_SRC, 0);
  }
  uint32_t dst() const {
    return GetField<uint32_t>(VT_DST, 0);
  }
  uint32_t head_dim() const {
    return GetField<uint32_t>(VT_HEAD_DIM, 0);
  }
  float epsilon() const {
    return GetField<float>(VT_EPSILON, 0.0f);
  }
  uint64_t channels() const {
    return GetField<uint64_t>(VT_CHANNELS, 0);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyField<uint32_t>(verifier, VT_SRC, 4) &&
           VerifyField<uint32_t>(verifier, VT_DST, 4) &&
           VerifyField<uint32_t>(verifier, VT_HEAD_DIM, 4) &&
           VerifyField<float>(verifier, VT_EPSILON, 4) &&
           VerifyField<uint64_t>(verifier, VT_CHANNELS, 8) &&
           verifier.EndTable();
  }
};

struct RotatePairs final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_SRC = 4,
    VT_DST = 6,
    VT_SCALE = 8,
    VT_TURNS = 10
  };
  uint32_t src() const {
    return GetField<uint32_t>(VT_SRC, 0);
  }
  uint32_t dst() const {
    return GetField<uint32_t>(VT_DST, 0);
  }
  const flat::Vector<float> *scale() const {
    return GetPointer<const flat::Vector<float> *>(VT_SCALE);
  }
  uint64_t turns() const {
    return GetField<uint64_t>(VT_TURNS, 0);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyField<uint32_t>(verifier, VT_SRC, 4) &&
           VerifyField<uint32_t>(verifier, VT_DST, 4) &&
           VerifyOffset(verifier, VT_SCALE) &&
           verifier.VerifyVector(scale()) &&
           VerifyField<uint64_t>(verifier, VT_TURNS, 8) &&
           verifier.EndTable();
  }
};

struct StridedPatches final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_SRC = 4,
    VT_DST = 6,
    VT_PATCH = 8,
    VT_STRIDE = 10
  };
  uint32_t src() const {
    return GetField<uint32_t>(VT_SRC, 0);
  }
  uint32_t dst() const {
    return GetField<uint32_t>(VT_DST, 0);
  }
  uint32_t patch() const {
    return GetField<uint32_t>(VT_PATCH, 0);
  }
  uint32_t stride() const {
    return GetField<uint32_t>(VT_STRIDE, 0);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyField<uint32_t>(verifier, VT_SRC, 4) &&
           VerifyField<uint32_t>(verifier, VT_DST, 4) &&
           VerifyField<uint32_t>(verifier, VT_PATCH, 4) &&
           VerifyField<uint32_t>(verifier, VT_STRIDE, 4) &&
           verifier.EndTable();
  }
};

struct Rollout final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_V = 4,
    VT_Q = 6,
    VT_K = 8,
    VT_DST = 10,
    VT_SCORE_SCALE = 12,
    VT_WORKSPACE = 14
  };
  int32_t v() const {
    return GetField<int32_t>(VT_V, -1);
  }
  uint32_t q() const {
    return GetField<uint32_t>(VT_Q, 0);
  }
  uint32_t k() const {
    return GetField<uint32_t>(VT_K, 0);
  }
  uint32_t dst() const {
    return GetField<uint32_t>(VT_DST, 0);
  }
  const flat::Vector<float> *score_scale() const {
    return GetPointer<const flat::Vector<float> *>(VT_SCORE_SCALE);
  }
  uint64_t workspace() const {
    return GetField<uint64_t>(VT_WORKSPACE, 0);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyField<int32_t>(verifier, VT_V, 4) &&
           VerifyField<uint32_t>(verifier, VT_Q, 4) &&
           VerifyField<uint32_t>(verifier, VT_K, 4) &&
           VerifyField<uint32_t>(verifier, VT_DST, 4) &&
           VerifyOffset(verifier, VT_SCORE_SCALE) &&
           verifier.VerifyVector(score_scale()) &&
           VerifyField<uint64_t>(verifier, VT_WORKSPACE, 8) &&
           verifier.EndTable();
  }
};

struct ArgMax final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_SRC = 4,
    VT_DST = 6,
    VT_FIRST = 8
  };
  uint32_t src() const {
    return GetField<uint32_t>(VT_SRC, 0);
  }
  uint32_t dst() const {
    return GetField<uint32_t>(VT_DST, 0);
  }
  uint32_t first() const {
    return GetField<uint32_t>(VT_FIRST, 0);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyField<uint32_t>(verifier, VT_SRC, 4) &&
           VerifyField<uint32_t>(verifier, VT_DST, 4) &&
           VerifyField<uint32_t>(verifier, VT_FIRST, 4) &&
           verifier.EndTable();
  }
};

struct PickRows final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_SRC = 4,
    VT_INDEX = 6,
    VT_DST = 8,
    VT_LEADING = 10
  };
  uint32_t src() const {
    return GetField<uint32_t>(VT_SRC, 0);
  }
  uint32_t index() const {
    return GetField<uint32_t>(VT_INDEX, 0);
  }
  uint32_t dst() const {
    return GetField<uint32_t>(VT_DST, 0);
  }
  uint32_t leading() const {
    return GetField<uint32_t>(VT_LEADING, 0);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyField<uint32_t>(verifier, VT_SRC, 4) &&
           VerifyField<uint32_t>(verifier, VT_INDEX, 4) &&
           VerifyField<uint32_t>(verifier, VT_DST, 4) &&
           VerifyField<uint32_t>(verifier, VT_LEADING, 4) &&
           verifier.EndTable();
  }
};

struct Op final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_NAME = 4,
    VT_ARGS_TYPE = 6,
    VT_ARGS = 8
  };
  const flat::String *name() const {
    return GetPointer<const flat::String *>(VT_NAME);
  }
  vitro::schema::OpArgs args_type() const {
    return static_cast<vitro::schema::OpArgs>(GetField<uint8_t>(VT_ARGS_TYPE, 0));
  }
  const void *args() const {
    return GetPointer<const void *>(VT_ARGS);
  }
  template<typename T> const T *args_as() const;
  const vitro::schema::PatchRows *args_as_PatchRows() const {
    return args_type() == vitro::schema::OpArgs::PatchRows ? static_cast<const vitro::schema::PatchRows *>(args()) : nullptr;
  }
  const vitro::schema::Copy *args_as_Copy() const {
    return args_type() == vitro::schema::OpArgs::Copy ? static_cast<const vitro::schema::Copy *>(args()) : nullptr;
  }
  const vitro::schema::LayerNorm *args_as_LayerNorm() const {
    return args_type() == vitro::schema::OpArgs::LayerNorm ? static_cast<const vitro::schema::LayerNorm *>(args()) : nullptr;
  }
  const vitro::schema::QuantiseRows *args_as_QuantiseRows() const {
    return args_type() == vitro::schema::OpArgs::QuantiseRows ? static_cast<const vitro::schema::QuantiseRows *>(args()) : nullptr;
  }
  const vitro::schema::Linear *args_as_Linear() const {
    return args_type() == vitro::schema::OpArgs::Linear ? static_cast<const vitro::schema::Linear *>(args()) : nullptr;
  }
  const vitro::schema::Attention *args_as_Attention() const {
    return args_type() == vitro::schema::OpArgs::Attention ? static_cast<const vitro::schema::Attention *>(args()) : nullptr;
  }
  const vitro::schema::MeanRows *args_as_MeanRows() const {
    return args_type() == vitro::schema::OpArgs::MeanRows ? static_cast<const vitro::schema::MeanRows *>(args()) : nullptr;
  }
  const vitro::schema::StaticNorm *args_as_StaticNorm() const {
    return args_type() == vitro::schema::OpArgs::StaticNorm ? static_cast<const vitro::schema::StaticNorm *>(args()) : nullptr;
  }
  const vitro::schema::StaticQuantise *args_as_StaticQuantise() const {
    return args_type() == vitro::schema::OpArgs::StaticQuantise ? static_cast<const vitro::schema::StaticQuantise *>(args()) : nullptr;
  }
  const vitro::schema::Lookup *args_as_Lookup() const {
    return args_type() == vitro::schema::OpArgs::Lookup ? static_cast<const vitro::schema::Lookup *>(args()) : nullptr;
  }
  const vitro::schema::StaticAdd *args_as_StaticAdd() const {
    return args_type() == vitro::schema::OpArgs::StaticAdd ? static_cast<const vitro::schema::StaticAdd *>(args()) : nullptr;
  }
  const vitro::schema::Norm *args_as_Norm() const {
    return args_type() == vitro::schema::OpArgs::Norm ? static_cast<const vitro::schema::Norm *>(args()) : nullptr;
  }
  const vitro::schema::Transpose *args_as_Transpose() const {
    return args_type() == vitro::schema::OpArgs::Transpose ? static_cast<const vitro::schema::Transpose *>(args()) : nullptr;
  }
  const vitro::schema::Affine *args_as_Affine() const {
    return args_type() == vitro::schema::OpArgs::Affine ? static_cast<const vitro::schema::Affine *>(args()) : nullptr;
  }
  const vitro::schema::Multiply *args_as_Multiply() const {
    return args_type() == vitro::schema::OpArgs::Multiply ? static_cast<const vitro::schema::Multiply *>(args()) : nullptr;
  }
  const vitro::schema::BiasedAttention *args_as_BiasedAttention() const {
    return args_type() == vitro::schema::OpArgs::BiasedAttention ? static_cast<const vitro::schema::BiasedAttention *>(args()) : nullptr;
  }
  const vitro::schema::GatherRows *args_as_GatherRows() const {
    return args_type() == vitro::schema::OpArgs::GatherRows ? static_cast<const vitro::schema::GatherRows *>(args()) : nullptr;
  }
  const vitro::schema::HeadNorm *args_as_HeadNorm() const {
    return args_type() == vitro::schema::OpArgs::HeadNorm ? static_cast<const vitro::schema::HeadNorm *>(args()) : nullptr;
  }
  const vitro::schema::RotatePairs *args_as_RotatePairs() const {
    return args_type() == vitro::schema::OpArgs::RotatePairs ? static_cast<const vitro::schema::RotatePairs *>(args()) : nullptr;
  }
  const vitro::schema::StridedPatches *args_as_StridedPatches() const {
    return args_type() == vitro::schema::OpArgs::StridedPatches ? static_cast<const vitro::schema::StridedPatches *>(args()) : nullptr;
  }
  const vitro::schema::Rollout *args_as_Rollout() const {
    return args_type() == vitro::schema::OpArgs::Rollout ? static_cast<const vitro::schema::Rollout *>(args()) : nullptr;
  }
  const vitro::schema::ArgMax *args_as_ArgMax() const {
    return args_type() == vitro::schema::OpArgs::ArgMax ? static_cast<const vitro::schema::ArgMax *>(args()) : nullptr;
  }
  const vitro::schema::PickRows *args_as_PickRows() const {
    return args_type() == vitro::schema::OpArgs::PickRows ? static_cast<const vitro::schema::PickRows *>(args()) : nullptr;
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyOffset(verifier, VT_NAME) &&
           verifier.VerifyString(name()) &&
           VerifyField<uint8_t>(verifier, VT_ARGS_TYPE, 1) &&
           VerifyOffsetRequired(verifier, VT_ARGS) &&
           VerifyOpArgs(verifier, args(), args_type()) &&
           verifier.EndTable();
  }
};

template<> inline const vitro::schema::PatchRows *Op::args_as<vitro::schema::PatchRows>() const {
  return args_as_PatchRows();
}

template<> inline const vitro::schema::Copy *Op::args_as<vitro::schema::Copy>() const {
  return args_as_Copy();
}

template<> inline const vitro::schema::LayerNorm *Op::args_as<vitro::schema::LayerNorm>() const {
  return args_as_LayerNorm();
}

template<> inline const vitro::schema::QuantiseRows *Op::args_as<vitro::schema::QuantiseRows>() const {
  return args_as_QuantiseRows();
}

template<> inline const vitro::schema::Linear *Op::args_as<vitro::schema::Linear>() const {
  return args_as_Linear();
}

template<> inline const vitro::schema::Attention *Op::args_as<vitro::schema::Attention>() const {
  return args_as_Attention();
}

template<> inline const vitro::schema::MeanRows *Op::args_as<vitro::schema::MeanRows>() const {
  return args_as_MeanRows();
}

template<> inline const vitro::schema::StaticNorm *Op::args_as<vitro::schema::StaticNorm>() const {
  return args_as_StaticNorm();
}

template<> inline const vitro::schema::StaticQuantise *Op::args_as<vitro::schema::StaticQuantise>() const {
  return args_as_StaticQuantise();
}

template<> inline const vitro::schema::Lookup *Op::args_as<vitro::schema::Lookup>() const {
  return args_as_Lookup();
}

template<> inline const vitro::schema::StaticAdd *Op::args_as<vitro::schema::StaticAdd>() const {
  return args_as_StaticAdd();
}

template<> inline const vitro::schema::Norm *Op::args_as<vitro::schema::Norm>() const {
  return args_as_Norm();
}

template<> inline const vitro::schema::Transpose *Op::args_as<vitro::schema::Transpose>() const {
  return args_as_Transpose();
}

template<> inline const vitro::schema::Affine *Op::args_as<vitro::schema::Affine>() const {
  return args_as_Affine();
}

template<> inline const vitro::schema::Multiply *Op::args_as<vitro::schema::Multiply>() const {
  return args_as_Multiply();
}

template<> inline const vitro::schema::BiasedAttention *Op::args_as<vitro::schema::BiasedAttention>() const {
  return args_as_BiasedAttention();
}

template<> inline const vitro::schema::GatherRows *Op::args_as<vitro::schema::GatherRows>() const {
  return args_as_GatherRows();
}

template<> inline const vitro::schema::HeadNorm *Op::args_as<vitro::schema::HeadNorm>() const {
  return args_as_HeadNorm();
}

template<> inline const vitro::schema::RotatePairs *Op::args_as<vitro::schema::RotatePairs>() const {
  return args_as_RotatePairs();
}

template<> inline const vitro::schema::StridedPatches *Op::args_as<vitro::schema::StridedPatches>() const {
  return args_as_StridedPatches();
}

template<> inline const vitro::schema::Rollout *Op::args_as<vitro::schema::Rollout>() const {
  return args_as_Rollout();
}

template<> inline const vitro::schema::ArgMax *Op::args_as<vitro::schema::ArgMax>() const {
  return args_as_ArgMax();
}

template<> inline const vitro::schema::PickRows *Op::args_as<vitro::schema::PickRows>() const {
  return args_as_PickRows();
}

struct Step final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_NAME = 4,
    VT_ROWS = 6,
    VT_TILE_ROWS = 8,
    VT_SCRATCH_OFFSET = 10,
    VT_SCRATCH_BYTES = 12,
    VT_OPS = 14
  };
  const flat::String *name() const {
    return GetPointer<const flat::String *>(VT_NAME);
  }
  uint32_t rows() const {
    return GetField<uint32_t>(VT_ROWS, 0);
  }
  uint32_t tile_rows() const {
    return GetField<uint32_t>(VT_TILE_ROWS, 0);
  }
  uint64_t scratch_offset() const {
    return GetField<uint64_t>(VT_SCRATCH_OFFSET, 0);
  }
  uint64_t scratch_bytes() const {
    return GetField<uint64_t>(VT_SCRATCH_BYTES, 0);
  }
  const flat::Vector<flat::Offset<vitro::schema::Op>> *ops() const {
    return GetPointer<const flat::Vector<flat::Offset<vitro::schema::Op>> *>(VT_OPS);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyOffset(verifier, VT_NAME) &&
           verifier.VerifyString(name()) &&
           VerifyField<uint32_t>(verifier, VT_ROWS, 4) &&
           VerifyField<uint32_t>(verifier, VT_TILE_ROWS, 4) &&
           VerifyField<uint64_t>(verifier, VT_SCRATCH_OFFSET, 8) &&
           VerifyField<uint64_t>(verifier, VT_SCRATCH_BYTES, 8) &&
           VerifyOffsetRequired(verifier, VT_OPS) &&
           verifier.VerifyVector(ops()) &&
           verifier.VerifyVectorOfTables(ops()) &&
           verifier.EndTable();
  }
};

struct Preprocessing final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_IMAGE_SIZE = 4,
    VT_RESIZE = 6,
    VT_FILTER = 8,
    VT_MEAN = 10,
    VT_STD = 12,
    VT_MODE = 14,
    VT_RESIZE_WIDTH = 16,
    VT_RESIZE_HEIGHT = 18,
    VT_CENTRING = 20,
    VT_FILL = 22,
    VT_ORIENTATION = 24,
    VT_RESCALE = 26,
    VT_PASSES = 28,
    VT_IMAGE_WIDTH = 30,
    VT_IMAGE_HEIGHT = 32
  };
  uint32_t image_size() const {
    return GetField<uint32_t>(VT_IMAGE_SIZE, 0);
  }
  uint32_t resize() const {
    return GetField<uint32_t>(VT_RESIZE, 0);
  }
  vitro::schema::Filter filter() const {
    return static_cast<vitro::schema::Filter>(GetField<uint8_t>(VT_FILTER, 0));
  }
  const flat::Vector<float> *mean() const {
    return GetPointer<const flat::Vector<float> *>(VT_MEAN);
  }
  const flat::Vector<float> *std() const {
    return GetPointer<const flat::Vector<float> *>(VT_STD);
  }
  vitro::schema::ResizeMode mode() const {
    return static_cast<vitro::schema::ResizeMode>(GetField<uint8_t>(VT_MODE, 0));
  }
  uint32_t resize_width() const {
    return GetField<uint32_t>(VT_RESIZE_WIDTH, 0);
  }
  uint32_t resize_height() const {
    return GetField<uint32_t>(VT_RESIZE_HEIGHT, 0);
  }
  vitro::schema::Centring centring() const {
    return static_cast<vitro::schema::Centring>(GetField<uint8_t>(VT_CENTRING, 0));
  }
  const flat::Vector<uint8_t> *fill() const {
    return GetPointer<const flat::Vector<uint8_t> *>(VT_FILL);
  }
  vitro::schema::Orientation orientation() const {
    return static_cast<vitro::schema::Orientation>(GetField<uint8_t>(VT_ORIENTATION, 0));
  }
  float rescale() const {
    return GetField<float>(VT_RESCALE, 0.0f);
  }
  vitro::schema::PassOrder passes() const {
    return static_cast<vitro::schema::PassOrder>(GetField<uint8_t>(VT_PASSES, 0));
  }
  uint32_t image_width() const {
    return GetField<uint32_t>(VT_IMAGE_WIDTH, 0);
  }
  uint32_t image_height() const {
    return GetField<uint32_t>(VT_IMAGE_HEIGHT, 0);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyField<uint32_t>(verifier, VT_IMAGE_SIZE, 4) &&
           VerifyField<uint32_t>(verifier, VT_RESIZE, 4) &&
           VerifyField<uint8_t>(verifier, VT_FILTER, 1) &&
           VerifyOffset(verifier, VT_MEAN) &&
           verifier.VerifyVector(mean()) &&
           VerifyOffset(verifier, VT_STD) &&
           verifier.VerifyVector(std()) &&
           VerifyField<uint8_t>(verifier, VT_MODE, 1) &&
           VerifyField<uint32_t>(verifier, VT_RESIZE_WIDTH, 4) &&
           VerifyField<uint32_t>(verifier, VT_RESIZE_HEIGHT, 4) &&
           VerifyField<uint8_t>(verifier, VT_CENTRING, 1) &&
           VerifyOffset(verifier, VT_FILL) &&
           verifier.VerifyVector(fill()) &&
           VerifyField<uint8_t>(verifier, VT_ORIENTATION, 1) &&
           VerifyField<float>(verifier, VT_RESCALE, 4) &&
           VerifyField<uint8_t>(verifier, VT_PASSES, 1) &&
           VerifyField<uint32_t>(verifier, VT_IMAGE_WIDTH, 4) &&
           VerifyField<uint32_t>(verifier, VT_IMAGE_HEIGHT, 4) &&
           verifier.EndTable();
  }
};

struct Setting final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_NAME = 4,
    VT_VALUE = 6,
    VT_SOURCE = 8
  };
  const flat::String *name() const {
    return GetPointer<const flat::String *>(VT_NAME);
  }
  const flat::String *value() const {
    return GetPointer<const flat::String *>(VT_VALUE);
  }
  const flat::String *source() const {
    return GetPointer<const flat::String *>(VT_SOURCE);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyOffsetRequired(verifier, VT_NAME) &&
           verifier.VerifyString(name()) &&
           VerifyOffsetRequired(verifier, VT_VALUE) &&
           verifier.VerifyString(value()) &&
           VerifyOffsetRequired(verifier, VT_SOURCE) &&
           verifier.VerifyString(source()) &&
           verifier.EndTable();
  }
};

struct Provenance final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_CHECKPOINT = 4,
    VT_CHECKPOINT_SHA256 = 6,
    VT_CONVERTER = 8,
    VT_OPTIONS = 10,
    VT_QUANTISATION = 12,
    VT_SETTINGS = 14,
    VT_DIGEST = 16
  };
  const flat::String *checkpoint() const {
    return GetPointer<const flat::String *>(VT_CHECKPOINT);
  }
  const flat::String *checkpoint_sha256() const {
    return GetPointer<const flat::String *>(VT_CHECKPOINT_SHA256);
  }
  const flat::String *converter() const {
    return GetPointer<const flat::String *>(VT_CONVERTER);
  }
  const flat::String *options() const {
    return GetPointer<const flat::String *>(VT_OPTIONS);
  }
  const flat::String *quantisation() const {
    return GetPointer<const flat::String *>(VT_QUANTISATION);
  }
  const flat::Vector<flat::Offset<vitro::schema::Setting>> *settings() const {
    return GetPointer<const flat::Vector<flat::Offset<vitro::schema::Setting>> *>(VT_SETTINGS);
  }
  bool digest() const {
    return GetField<uint8_t>(VT_DIGEST, 0) != 0;
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyOffset(verifier, VT_CHECKPOINT) &&
           verifier.VerifyString(checkpoint()) &&
           VerifyOffset(verifier, VT_CHECKPOINT_SHA256) &&
           verifier.VerifyString(checkpoint_sha256()) &&
           VerifyOffset(verifier, VT_CONVERTER) &&
           verifier.VerifyString(converter()) &&
           VerifyOffset(verifier, VT_OPTIONS) &&
           verifier.VerifyString(options()) &&
           VerifyOffset(verifier, VT_QUANTISATION) &&
           verifier.VerifyString(quantisation()) &&
           VerifyOffset(verifier, VT_SETTINGS) &&
           verifier.VerifyVector(settings()) &&
           verifier.VerifyVectorOfTables(settings()) &&
           VerifyField<uint8_t>(verifier, VT_DIGEST, 1) &&
           verifier.EndTable();
  }
};

struct Golden final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_SEED = 4,
    VT_LOGITS = 6,
    VT_DIGESTS = 8
  };
  uint32_t seed() const {
    return GetField<uint32_t>(VT_SEED, 0);
  }
  const flat::Vector<float> *logits() const {
    return GetPointer<const flat::Vector<float> *>(VT_LOGITS);
  }
  const flat::Vector<uint64_t> *digests() const {
    return GetPointer<const flat::Vector<uint64_t> *>(VT_DIGESTS);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyField<uint32_t>(verifier, VT_SEED, 4) &&
           VerifyOffsetRequired(verifier, VT_LOGITS) &&
           verifier.VerifyVector(logits()) &&
           VerifyOffset(verifier, VT_DIGESTS) &&
           verifier.VerifyVector(digests()) &&
           verifier.EndTable();
  }
};

struct Output final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_NAME = 4,
    VT_KIND = 6,
    VT_TENSOR = 8
  };
  const flat::String *name() const {
    return GetPointer<const flat::String *>(VT_NAME);
  }
  vitro::schema::OutputKind kind() const {
    return static_cast<vitro::schema::OutputKind>(GetField<uint8_t>(VT_KIND, 0));
  }
  uint32_t tensor() const {
    return GetField<uint32_t>(VT_TENSOR, 0);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyOffsetRequired(verifier, VT_NAME) &&
           verifier.VerifyString(name()) &&
           VerifyField<uint8_t>(verifier, VT_KIND, 1) &&
           VerifyField<uint32_t>(verifier, VT_TENSOR, 4) &&
           verifier.EndTable();
  }
};

struct Program final : private flat::Table {
  enum FlatBuffersVTableOffset : flat::voffset_t {
    VT_VERSION = 4,
    VT_TENSORS = 6,
    VT_STEPS = 8,
    VT_INPUT = 10,
    VT_OUTPUT = 12,
    VT_RESIDUAL_SCALE = 14,
    VT_PREPROCESSING = 16,
    VT_LABELS = 18,
    VT_GOLDEN = 20,
    VT_PROVENANCE = 22,
    VT_CONSTANTS = 24,
    VT_OUTPUTS = 26,
    VT_DIGEST = 28
  };
  uint32_t version() const {
    return GetField<uint32_t>(VT_VERSION, 0);
  }
  const flat::Vector<flat::Offset<vitro::schema::Tensor>> *tensors() const {
    return GetPointer<const flat::Vector<flat::Offset<vitro::schema::Tensor>> *>(VT_TENSORS);
  }
  const flat::Vector<flat::Offset<vitro::schema::Step>> *steps() const {
    return GetPointer<const flat::Vector<flat::Offset<vitro::schema::Step>> *>(VT_STEPS);
  }
  uint32_t input() const {
    return GetField<uint32_t>(VT_INPUT, 0);
  }
  uint32_t output() const {
    return GetField<uint32_t>(VT_OUTPUT, 0);
  }
  float residual_scale() const {
    return GetField<float>(VT_RESIDUAL_SCALE, 0.0f);
  }
  const vitro::schema::Preprocessing *preprocessing() const {
    return GetPointer<const vitro::schema::Preprocessing *>(VT_PREPROCESSING);
  }
  const flat::Vector<flat::Offset<flat::String>> *labels() const {
    return GetPointer<const flat::Vector<flat::Offset<flat::String>> *>(VT_LABELS);
  }
  const flat::Vector<flat::Offset<vitro::schema::Golden>> *golden() const {
    return GetPointer<const flat::Vector<flat::Offset<vitro::schema::Golden>> *>(VT_GOLDEN);
  }
  const vitro::schema::Provenance *provenance() const {
    return GetPointer<const vitro::schema::Provenance *>(VT_PROVENANCE);
  }
  const flat::Vector<uint8_t> *constants() const {
    return GetPointer<const flat::Vector<uint8_t> *>(VT_CONSTANTS);
  }
  const flat::Vector<flat::Offset<vitro::schema::Output>> *outputs() const {
    return GetPointer<const flat::Vector<flat::Offset<vitro::schema::Output>> *>(VT_OUTPUTS);
  }
  const vitro::schema::Digest *digest() const {
    return GetStruct<const vitro::schema::Digest *>(VT_DIGEST);
  }
  bool Verify(flat::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           VerifyField<uint32_t>(verifier, VT_VERSION, 4) &&
           VerifyOffsetRequired(verifier, VT_TENSORS) &&
           verifier.VerifyVector(tensors()) &&
           verifier.VerifyVectorOfTables(tensors()) &&
           VerifyOffsetRequired(verifier, VT_STEPS) &&
           verifier.VerifyVector(steps()) &&
           verifier.VerifyVectorOfTables(steps()) &&
           VerifyField<uint32_t>(verifier, VT_INPUT, 4) &&
           VerifyField<uint32_t>(verifier, VT_OUTPUT, 4) &&
           VerifyField<float>(verifier, VT_RESIDUAL_SCALE, 4) &&
           VerifyOffsetRequired(verifier, VT_PREPROCESSING) &&
           verifier.VerifyTable(preprocessing()) &&
           VerifyOffset(verifier, VT_LABELS) &&
           verifier.VerifyVector(labels()) &&
           verifier.VerifyVectorOfStrings(labels()) &&
           VerifyOffsetRequired(verifier, VT_GOLDEN) &&
           verifier.VerifyVector(golden()) &&
           verifier.VerifyVectorOfTables(golden()) &&
           VerifyOffset(verifier, VT_PROVENANCE) &&
           verifier.VerifyTable(provenance()) &&
           VerifyOffsetRequired(verifier, VT_CONSTANTS) &&
           verifier.VerifyVector(constants()) &&
           VerifyOffset(verifier, VT_OUTPUTS) &&
           verifier.VerifyVector(outputs()) &&
           verifier.VerifyVectorOfTables(outputs()) &&
           VerifyField<vitro::schema::Digest>(verifier, VT_DIGEST, 1) &&
           verifier.EndTable();
  }
};

inline bool VerifyOpArgs(flat::Verifier &verifier, const void *obj, OpArgs type) {
  switch (type) {
    case OpArgs::NONE: {
      return true;
    }
    case OpArgs::PatchRows: {
      auto ptr = reinterpret_cast<const vitro::schema::PatchRows *>(obj);
      return verifier.VerifyTable(ptr);
    }
    case OpArgs::Copy: {
      auto ptr = reinterpret_cast<const vitro::schema::Copy *>(obj);
      return verifier.VerifyTable(ptr);
    }
    case OpArgs::LayerNorm: {
      auto ptr = reinterpret_cast<const vitro::schema::LayerNorm *>(obj);
      return verifier.VerifyTable(ptr);
    }
    case OpArgs::QuantiseRows: {
      auto ptr = reinterpret_cast<const vitro::schema::QuantiseRows *>(obj);
      return verifier.VerifyTable(ptr);
    }
    case OpArgs::Linear: {
      auto ptr = reinterpret_cast<const vitro::schema::Linear *>(obj);
      return verifier.VerifyTable(ptr);
    }
    case OpArgs::Attention: {
      auto ptr = reinterpret_cast<const vitro::schema::Attention *>(obj);
      return verifier.VerifyTable(ptr);
    }
    case OpArgs::MeanRows: {
      auto ptr = reinterpret_cast<const vitro::schema::MeanRows *>(obj);
      return verifier.VerifyTable(ptr);
    }
    case OpArgs::StaticNorm: {
      auto ptr = reinterpret_cast<const vitro::schema::StaticNorm *>(obj);
      return verifier.VerifyTable(ptr);
    }
    case OpArgs::StaticQuantise: {
      auto ptr = reinterpret_cast<const vitro::schema::StaticQuantise *>(obj);
      return verifier.VerifyTable(ptr);
    }
    case OpArgs::Lookup: {
      auto ptr = reinterpret_cast<const vitro::schema::Lookup *>(obj);
      return verifier.VerifyTable(ptr);
    }
    case OpArgs::StaticAdd: {
      auto ptr = reinterpret_cast<const vitro::schema::StaticAdd *>(obj);
      return verifier.VerifyTable(ptr);
    }
    case OpArgs::Norm: {
      auto ptr = reinterpret_cast<const vitro::schema::Norm *>(obj);
      return verifier.VerifyTable(ptr);
    }
    case OpArgs::Transpose: {
      auto ptr = reinterpret_cast<const vitro::schema::Transpose *>(obj);
      return verifier.VerifyTable(ptr);
    }
    case OpArgs::Affine: {
      auto ptr = reinterpret_cast<const vitro::schema::Affine *>(obj);
      return verifier.VerifyTable(ptr);
    }
    case OpArgs::Multiply: {
      auto ptr = reinterpret_cast<const vitro::schema::Multiply *>(obj);
      return verifier.VerifyTable(ptr);
    }
    case OpArgs::BiasedAttention: {
      auto ptr = reinterpret_cast<const vitro::schema::BiasedAttention *>(obj);
      return verifier.VerifyTable(ptr);
    }
    case OpArgs::GatherRows: {
      auto ptr = reinterpret_cast<const vitro::schema::GatherRows *>(obj);
      return verifier.VerifyTable(ptr);
    }
    case OpArgs::HeadNorm: {
      auto ptr = reinterpret_cast<const vitro::schema::HeadNorm *>(obj);
      return verifier.VerifyTable(ptr);
    }
    case OpArgs::RotatePairs: {
      auto ptr = reinterpret_cast<const vitro::schema::RotatePairs *>(obj);
      return verifier.VerifyTable(ptr);
    }
    case OpArgs::StridedPatches: {
      auto ptr = reinterpret_cast<const vitro::schema::StridedPatches *>(obj);
      return verifier.VerifyTable(ptr);
    }
    case OpArgs::Rollout: {
      auto ptr = reinterpret_cast<const vitro::schema::Rollout *>(obj);
      return verifier.VerifyTable(ptr);
    }
    case OpArgs::ArgMax: {
      auto ptr = reinterpret_cast<const vitro::schema::ArgMax *>(obj);
      return verifier.VerifyTable(ptr);
    }
    case OpArgs::PickRows: {
      auto ptr = reinterpret_cast<const vitro::schema::PickRows *>(obj);
      return verifier.VerifyTable(ptr);
    }
    default: return true;
  }
}

inline const vitro::schema::Program *GetProgram(const void *buf) {
  return flat::GetRoot<vitro::schema::Program>(buf);
}

inline const char *ProgramIdentifier() {
  return "VTRO";
}

inline bool ProgramBufferHasIdentifier(const void *buf) {
  return flat::BufferHasIdentifier(
      buf, ProgramIdentifier());
}

inline bool VerifyProgramBuffer(
    flat::Verifier &verifier) {
  return verifier.VerifyBuffer<vitro::schema::Program>(ProgramIdentifier());
}

inline const char *ProgramExtension() {
  return "vitro";
}

}  // namespace schema
}  // namespace vitro

// Made by toolchains/generate.py. Builders and object API of runtime/schema/program.fbs; schema/README.md says why they stand apart.

#pragma once

#include "flatbuffers/flatbuffers.h"
#include "runtime/schema/program_generated.h"

namespace vitro {
namespace schema {

struct TensorBuilder;

struct PatchRowsBuilder;

struct CopyBuilder;

struct LayerNormBuilder;

struct QuantiseRowsBuilder;

struct LinearBuilder;

struct AttentionBuilder;

struct MeanRowsBuilder;

struct StaticNormBuilder;

struct StaticQuantiseBuilder;

struct LookupBuilder;

struct StaticAddBuilder;

struct NormBuilder;

struct TransposeBuilder;

struct AffineBuilder;

struct MultiplyBuilder;

struct BiasedAttentionBuilder;

struct GatherRowsBuilder;

struct HeadNormBuilder;

struct RotatePairsBuilder;

struct StridedPatchesBuilder;

struct RolloutBuilder;

struct ArgMaxBuilder;

struct PickRowsBuilder;

struct OpBuilder;

struct StepBuilder;

struct PreprocessingBuilder;

struct SettingBuilder;

struct ProvenanceBuilder;

struct GoldenBuilder;

struct OutputBuilder;

struct ProgramBuilder;

struct TensorBuilder {
  typedef Tensor Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_name(flatbuffers::Offset<flatbuffers::String> name) {
    fbb_.AddOffset(Tensor::VT_NAME, name);
  }
  void add_format(vitro::schema::Format format) {
    fbb_.AddElement<uint8_t>(Tensor::VT_FORMAT, static_cast<uint8_t>(format), 0);
  }
  void add_storage(vitro::schema::Storage storage) {
    fbb_.AddElement<uint8_t>(Tensor::VT_STORAGE, static_cast<uint8_t>(storage), 0);
  }
  void add_rows(uint32_t rows) {
    fbb_.AddElement<uint32_t>(Tensor::VT_ROWS, rows, 0);
  }
  void add_cols(uint32_t cols) {
    fbb_.AddElement<uint32_t>(Tensor::VT_COLS, cols, 0);
  }
  void add_heads(uint32_t heads) {
    fbb_.AddElement<uint32_t>(Tensor::VT_HEADS, heads, 1);
  }
  void add_offset(uint64_t offset) {
    fbb_.AddElement<uint64_t>(Tensor::VT_OFFSET, offset, 0);
  }
  void add_groups(uint32_t groups) {
    fbb_.AddElement<uint32_t>(Tensor::VT_GROUPS, groups, 1);
  }
  void add_scale(float scale) {
    fbb_.AddElement<float>(Tensor::VT_SCALE, scale, 0.0f);
  }
  explicit TensorBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<Tensor> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<Tensor>(end);
    return o;
  }
};

inline flatbuffers::Offset<Tensor> CreateTensor(
    flatbuffers::FlatBufferBuilder &_fbb,
    flatbuffers::Offset<flatbuffers::String> name = 0,
    vitro::schema::Format format = vitro::schema::Format::U8,
    vitro::schema::Storage storage = vitro::schema::Storage::Arena,
    uint32_t rows = 0,
    uint32_t cols = 0,
    uint32_t heads = 1,
    uint64_t offset = 0,
    uint32_t groups = 1,
    float scale = 0.0f) {
  TensorBuilder builder_(_fbb);
  builder_.add_offset(offset);
  builder_.add_scale(scale);
  builder_.add_groups(groups);
  builder_.add_heads(heads);
  builder_.add_cols(cols);
  builder_.add_rows(rows);
  builder_.add_name(name);
  builder_.add_storage(storage);
  builder_.add_format(format);
  return builder_.Finish();
}

inline flatbuffers::Offset<Tensor> CreateTensorDirect(
    flatbuffers::FlatBufferBuilder &_fbb,
    const char *name = nullptr,
    vitro::schema::Format format = vitro::schema::Format::U8,
    vitro::schema::Storage storage = vitro::schema::Storage::Arena,
    uint32_t rows = 0,
    uint32_t cols = 0,
    uint32_t heads = 1,
    uint64_t offset = 0,
    uint32_t groups = 1,
    float scale = 0.0f) {
  auto name__ = name ? _fbb.CreateString(name) : 0;
  return vitro::schema::CreateTensor(
      _fbb,
      name__,
      format,
      storage,
      rows,
      cols,
      heads,
      offset,
      groups,
      scale);
}

struct PatchRowsBuilder {
  typedef PatchRows Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_src(uint32_t src) {
    fbb_.AddElement<uint32_t>(PatchRows::VT_SRC, src, 0);
  }
  void add_dst(uint32_t dst) {
    fbb_.AddElement<uint32_t>(PatchRows::VT_DST, dst, 0);
  }
  void add_patch(uint32_t patch) {
    fbb_.AddElement<uint32_t>(PatchRows::VT_PATCH, patch, 0);
  }
  explicit PatchRowsBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<PatchRows> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<PatchRows>(end);
    return o;
  }
};

inline flatbuffers::Offset<PatchRows> CreatePatchRows(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t src = 0,
    uint32_t dst = 0,
    uint32_t patch = 0) {
  PatchRowsBuilder builder_(_fbb);
  builder_.add_patch(patch);
  builder_.add_dst(dst);
  builder_.add_src(src);
  return builder_.Finish();
}

struct CopyBuilder {
  typedef Copy Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_src(uint32_t src) {
    fbb_.AddElement<uint32_t>(Copy::VT_SRC, src, 0);
  }
  void add_dst(uint32_t dst) {
    fbb_.AddElement<uint32_t>(Copy::VT_DST, dst, 0);
  }
  explicit CopyBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<Copy> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<Copy>(end);
    return o;
  }
};

inline flatbuffers::Offset<Copy> CreateCopy(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t src = 0,
    uint32_t dst = 0) {
  CopyBuilder builder_(_fbb);
  builder_.add_dst(dst);
  builder_.add_src(src);
  return builder_.Finish();
}

struct LayerNormBuilder {
  typedef LayerNorm Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_src(uint32_t src) {
    fbb_.AddElement<uint32_t>(LayerNorm::VT_SRC, src, 0);
  }
  void add_dst(uint32_t dst) {
    fbb_.AddElement<uint32_t>(LayerNorm::VT_DST, dst, 0);
  }
  void add_epsilon(float epsilon) {
    fbb_.AddElement<float>(LayerNorm::VT_EPSILON, epsilon, 0.0f);
  }
  explicit LayerNormBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<LayerNorm> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<LayerNorm>(end);
    return o;
  }
};

inline flatbuffers::Offset<LayerNorm> CreateLayerNorm(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t src = 0,
    uint32_t dst = 0,
    float epsilon = 0.0f) {
  LayerNormBuilder builder_(_fbb);
  builder_.add_epsilon(epsilon);
  builder_.add_dst(dst);
  builder_.add_src(src);
  return builder_.Finish();
}

struct QuantiseRowsBuilder {
  typedef QuantiseRows Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_src(uint32_t src) {
    fbb_.AddElement<uint32_t>(QuantiseRows::VT_SRC, src, 0);
  }
  void add_dst(uint32_t dst) {
    fbb_.AddElement<uint32_t>(QuantiseRows::VT_DST, dst, 0);
  }
  void add_unit(float unit) {
    fbb_.AddElement<float>(QuantiseRows::VT_UNIT, unit, 0.0f);
  }
  explicit QuantiseRowsBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<QuantiseRows> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<QuantiseRows>(end);
    return o;
  }
};

inline flatbuffers::Offset<QuantiseRows> CreateQuantiseRows(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t src = 0,
    uint32_t dst = 0,
    float unit = 0.0f) {
  QuantiseRowsBuilder builder_(_fbb);
  builder_.add_unit(unit);
  builder_.add_dst(dst);
  builder_.add_src(src);
  return builder_.Finish();
}

struct LinearBuilder {
  typedef Linear Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_src(uint32_t src) {
    fbb_.AddElement<uint32_t>(Linear::VT_SRC, src, 0);
  }
  void add_dst(uint32_t dst) {
    fbb_.AddElement<uint32_t>(Linear::VT_DST, dst, 0);
  }
  void add_addend(int32_t addend) {
    fbb_.AddElement<int32_t>(Linear::VT_ADDEND, addend, -1);
  }
  void add_weights(uint64_t weights) {
    fbb_.AddElement<uint64_t>(Linear::VT_WEIGHTS, weights, 0);
  }
  void add_channels(uint64_t channels) {
    fbb_.AddElement<uint64_t>(Linear::VT_CHANNELS, channels, 0);
  }
  void add_activation(vitro::schema::Activation activation) {
    fbb_.AddElement<uint8_t>(Linear::VT_ACTIVATION, static_cast<uint8_t>(activation), 0);
  }
  void add_fraction_bits(uint8_t fraction_bits) {
    fbb_.AddElement<uint8_t>(Linear::VT_FRACTION_BITS, fraction_bits, 0);
  }
  void add_zero_point(int8_t zero_point) {
    fbb_.AddElement<int8_t>(Linear::VT_ZERO_POINT, zero_point, 0);
  }
  explicit LinearBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<Linear> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<Linear>(end);
    return o;
  }
};

inline flatbuffers::Offset<Linear> CreateLinear(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t src = 0,
    uint32_t dst = 0,
    int32_t addend = -1,
    uint64_t weights = 0,
    uint64_t channels = 0,
    vitro::schema::Activation activation = vitro::schema::Activation::None,
    uint8_t fraction_bits = 0,
    int8_t zero_point = 0) {
  LinearBuilder builder_(_fbb);
  builder_.add_channels(channels);
  builder_.add_weights(weights);
  builder_.add_addend(addend);
  builder_.add_dst(dst);
  builder_.add_src(src);
  builder_.add_zero_point(zero_point);
  builder_.add_fraction_bits(fraction_bits);
  builder_.add_activation(activation);
  return builder_.Finish();
}

struct AttentionBuilder {
  typedef Attention Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_q(uint32_t q) {
    fbb_.AddElement<uint32_t>(Attention::VT_Q, q, 0);
  }
  void add_k(uint32_t k) {
    fbb_.AddElement<uint32_t>(Attention::VT_K, k, 0);
  }
  void add_v(uint32_t v) {
    fbb_.AddElement<uint32_t>(Attention::VT_V, v, 0);
  }
  void add_dst(uint32_t dst) {
    fbb_.AddElement<uint32_t>(Attention::VT_DST, dst, 0);
  }
  void add_score_scale(flatbuffers::Offset<flatbuffers::Vector<float>> score_scale) {
    fbb_.AddOffset(Attention::VT_SCORE_SCALE, score_scale);
  }
  void add_workspace(uint64_t workspace) {
    fbb_.AddElement<uint64_t>(Attention::VT_WORKSPACE, workspace, 0);
  }
  explicit AttentionBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<Attention> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<Attention>(end);
    return o;
  }
};

inline flatbuffers::Offset<Attention> CreateAttention(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t q = 0,
    uint32_t k = 0,
    uint32_t v = 0,
    uint32_t dst = 0,
    flatbuffers::Offset<flatbuffers::Vector<float>> score_scale = 0,
    uint64_t workspace = 0) {
  AttentionBuilder builder_(_fbb);
  builder_.add_workspace(workspace);
  builder_.add_score_scale(score_scale);
  builder_.add_dst(dst);
  builder_.add_v(v);
  builder_.add_k(k);
  builder_.add_q(q);
  return builder_.Finish();
}

inline flatbuffers::Offset<Attention> CreateAttentionDirect(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t q = 0,
    uint32_t k = 0,
    uint32_t v = 0,
    uint32_t dst = 0,
    const std::vector<float> *score_scale = nullptr,
    uint64_t workspace = 0) {
  auto score_scale__ = score_scale ? _fbb.CreateVector<float>(*score_scale) : 0;
  return vitro::schema::CreateAttention(
      _fbb,
      q,
      k,
      v,
      dst,
      score_scale__,
      workspace);
}

struct MeanRowsBuilder {
  typedef MeanRows Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_src(uint32_t src) {
    fbb_.AddElement<uint32_t>(MeanRows::VT_SRC, src, 0);
  }
  void add_dst(uint32_t dst) {
    fbb_.AddElement<uint32_t>(MeanRows::VT_DST, dst, 0);
  }
  void add_reciprocal(float reciprocal) {
    fbb_.AddElement<float>(MeanRows::VT_RECIPROCAL, reciprocal, 0.0f);
  }
  explicit MeanRowsBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<MeanRows> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<MeanRows>(end);
    return o;
  }
};

inline flatbuffers::Offset<MeanRows> CreateMeanRows(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t src = 0,
    uint32_t dst = 0,
    float reciprocal = 0.0f) {
  MeanRowsBuilder builder_(_fbb);
  builder_.add_reciprocal(reciprocal);
  builder_.add_dst(dst);
  builder_.add_src(src);
  return builder_.Finish();
}

struct StaticNormBuilder {
  typedef StaticNorm Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_src(uint32_t src) {
    fbb_.AddElement<uint32_t>(StaticNorm::VT_SRC, src, 0);
  }
  void add_dst(uint32_t dst) {
    fbb_.AddElement<uint32_t>(StaticNorm::VT_DST, dst, 0);
  }
  void add_epsilon(float epsilon) {
    fbb_.AddElement<float>(StaticNorm::VT_EPSILON, epsilon, 0.0f);
  }
  void add_scale(float scale) {
    fbb_.AddElement<float>(StaticNorm::VT_SCALE, scale, 0.0f);
  }
  void add_zero_point(int8_t zero_point) {
    fbb_.AddElement<int8_t>(StaticNorm::VT_ZERO_POINT, zero_point, 0);
  }
  explicit StaticNormBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<StaticNorm> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<StaticNorm>(end);
    return o;
  }
};

inline flatbuffers::Offset<StaticNorm> CreateStaticNorm(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t src = 0,
    uint32_t dst = 0,
    float epsilon = 0.0f,
    float scale = 0.0f,
    int8_t zero_point = 0) {
  StaticNormBuilder builder_(_fbb);
  builder_.add_scale(scale);
  builder_.add_epsilon(epsilon);
  builder_.add_dst(dst);
  builder_.add_src(src);
  builder_.add_zero_point(zero_point);
  return builder_.Finish();
}

struct StaticQuantiseBuilder {
  typedef StaticQuantise Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_src(uint32_t src) {
    fbb_.AddElement<uint32_t>(StaticQuantise::VT_SRC, src, 0);
  }
  void add_dst(uint32_t dst) {
    fbb_.AddElement<uint32_t>(StaticQuantise::VT_DST, dst, 0);
  }
  void add_scale(float scale) {
    fbb_.AddElement<float>(StaticQuantise::VT_SCALE, scale, 0.0f);
  }
  void add_zero_point(int8_t zero_point) {
    fbb_.AddElement<int8_t>(StaticQuantise::VT_ZERO_POINT, zero_point, 0);
  }
  explicit StaticQuantiseBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<StaticQuantise> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<StaticQuantise>(end);
    return o;
  }
};

inline flatbuffers::Offset<StaticQuantise> CreateStaticQuantise(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t src = 0,
    uint32_t dst = 0,
    float scale = 0.0f,
    int8_t zero_point = 0) {
  StaticQuantiseBuilder builder_(_fbb);
  builder_.add_scale(scale);
  builder_.add_dst(dst);
  builder_.add_src(src);
  builder_.add_zero_point(zero_point);
  return builder_.Finish();
}

struct LookupBuilder {
  typedef Lookup Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_src(uint32_t src) {
    fbb_.AddElement<uint32_t>(Lookup::VT_SRC, src, 0);
  }
  void add_dst(uint32_t dst) {
    fbb_.AddElement<uint32_t>(Lookup::VT_DST, dst, 0);
  }
  void add_table(uint64_t table) {
    fbb_.AddElement<uint64_t>(Lookup::VT_TABLE, table, 0);
  }
  explicit LookupBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<Lookup> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<Lookup>(end);
    return o;
  }
};

inline flatbuffers::Offset<Lookup> CreateLookup(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t src = 0,
    uint32_t dst = 0,
    uint64_t table = 0) {
  LookupBuilder builder_(_fbb);
  builder_.add_table(table);
  builder_.add_dst(dst);
  builder_.add_src(src);
  return builder_.Finish();
}

struct StaticAddBuilder {
  typedef StaticAdd Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_src(uint32_t src) {
    fbb_.AddElement<uint32_t>(StaticAdd::VT_SRC, src, 0);
  }
  void add_addend(uint32_t addend) {
    fbb_.AddElement<uint32_t>(StaticAdd::VT_ADDEND, addend, 0);
  }
  void add_dst(uint32_t dst) {
    fbb_.AddElement<uint32_t>(StaticAdd::VT_DST, dst, 0);
  }
  void add_scale(float scale) {
    fbb_.AddElement<float>(StaticAdd::VT_SCALE, scale, 0.0f);
  }
  explicit StaticAddBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<StaticAdd> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<StaticAdd>(end);
    return o;
  }
};

inline flatbuffers::Offset<StaticAdd> CreateStaticAdd(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t src = 0,
    uint32_t addend = 0,
    uint32_t dst = 0,
    float scale = 0.0f) {
  StaticAddBuilder builder_(_fbb);
  builder_.add_scale(scale);
  builder_.add_dst(dst);
  builder_.add_addend(addend);
  builder_.add_src(src);
  return builder_.Finish();
}

struct NormBuilder {
  typedef Norm Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_src(uint32_t src) {
    fbb_.AddElement<uint32_t>(Norm::VT_SRC, src, 0);
  }
  void add_dst(uint32_t dst) {
    fbb_.AddElement<uint32_t>(Norm::VT_DST, dst, 0);
  }
  void add_epsilon(float epsilon) {
    fbb_.AddElement<float>(Norm::VT_EPSILON, epsilon, 0.0f);
  }
  void add_channels(uint64_t channels) {
    fbb_.AddElement<uint64_t>(Norm::VT_CHANNELS, channels, 0);
  }
  explicit NormBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<Norm> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<Norm>(end);
    return o;
  }
};

inline flatbuffers::Offset<Norm> CreateNorm(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t src = 0,
    uint32_t dst = 0,
    float epsilon = 0.0f,
    uint64_t channels = 0) {
  NormBuilder builder_(_fbb);
  builder_.add_channels(channels);
  builder_.add_epsilon(epsilon);
  builder_.add_dst(dst);
  builder_.add_src(src);
  return builder_.Finish();
}

struct TransposeBuilder {
  typedef Transpose Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_src(uint32_t src) {
    fbb_.AddElement<uint32_t>(Transpose::VT_SRC, src, 0);
  }
  void add_dst(uint32_t dst) {
    fbb_.AddElement<uint32_t>(Transpose::VT_DST, dst, 0);
  }
  explicit TransposeBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<Transpose> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<Transpose>(end);
    return o;
  }
};

inline flatbuffers::Offset<Transpose> CreateTranspose(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t src = 0,
    uint32_t dst = 0) {
  TransposeBuilder builder_(_fbb);
  builder_.add_dst(dst);
  builder_.add_src(src);
  return builder_.Finish();
}

struct AffineBuilder {
  typedef Affine Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_src(uint32_t src) {
    fbb_.AddElement<uint32_t>(Affine::VT_SRC, src, 0);
  }
  void add_dst(uint32_t dst) {
    fbb_.AddElement<uint32_t>(Affine::VT_DST, dst, 0);
  }
  void add_addend(int32_t addend) {
    fbb_.AddElement<int32_t>(Affine::VT_ADDEND, addend, -1);
  }
  void add_channels(uint64_t channels) {
    fbb_.AddElement<uint64_t>(Affine::VT_CHANNELS, channels, 0);
  }
  explicit AffineBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<Affine> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<Affine>(end);
    return o;
  }
};

inline flatbuffers::Offset<Affine> CreateAffine(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t src = 0,
    uint32_t dst = 0,
    int32_t addend = -1,
    uint64_t channels = 0) {
  AffineBuilder builder_(_fbb);
  builder_.add_channels(channels);
  builder_.add_addend(addend);
  builder_.add_dst(dst);
  builder_.add_src(src);
  return builder_.Finish();
}

struct MultiplyBuilder {
  typedef Multiply Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_a(uint32_t a) {
    fbb_.AddElement<uint32_t>(Multiply::VT_A, a, 0);
  }
  void add_b(uint32_t b) {
    fbb_.AddElement<uint32_t>(Multiply::VT_B, b, 0);
  }
  void add_dst(uint32_t dst) {
    fbb_.AddElement<uint32_t>(Multiply::VT_DST, dst, 0);
  }
  void add_scale(float scale) {
    fbb_.AddElement<float>(Multiply::VT_SCALE, scale, 0.0f);
  }
  explicit MultiplyBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<Multiply> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<Multiply>(end);
    return o;
  }
};

inline flatbuffers::Offset<Multiply> CreateMultiply(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t a = 0,
    uint32_t b = 0,
    uint32_t dst = 0,
    float scale = 0.0f) {
  MultiplyBuilder builder_(_fbb);
  builder_.add_scale(scale);
  builder_.add_dst(dst);
  builder_.add_b(b);
  builder_.add_a(a);
  return builder_.Finish();
}

struct BiasedAttentionBuilder {
  typedef BiasedAttention Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_attention(flatbuffers::Offset<vitro::schema::Attention> attention) {
    fbb_.AddOffset(BiasedAttention::VT_ATTENTION, attention);
  }
  void add_bias(uint64_t bias) {
    fbb_.AddElement<uint64_t>(BiasedAttention::VT_BIAS, bias, 0);
  }
  void add_bias_shift(flatbuffers::Offset<flatbuffers::Vector<uint8_t>> bias_shift) {
    fbb_.AddOffset(BiasedAttention::VT_BIAS_SHIFT, bias_shift);
  }
  void add_has_regions(bool has_regions) {
    fbb_.AddElement<uint8_t>(BiasedAttention::VT_HAS_REGIONS, static_cast<uint8_t>(has_regions), 0);
  }
  void add_regions(uint64_t regions) {
    fbb_.AddElement<uint64_t>(BiasedAttention::VT_REGIONS, regions, 0);
  }
  explicit BiasedAttentionBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<BiasedAttention> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<BiasedAttention>(end);
    fbb_.Required(o, BiasedAttention::VT_ATTENTION);
    return o;
  }
};

inline flatbuffers::Offset<BiasedAttention> CreateBiasedAttention(
    flatbuffers::FlatBufferBuilder &_fbb,
    flatbuffers::Offset<vitro::schema::Attention> attention = 0,
    uint64_t bias = 0,
    flatbuffers::Offset<flatbuffers::Vector<uint8_t>> bias_shift = 0,
    bool has_regions = false,
    uint64_t regions = 0) {
  BiasedAttentionBuilder builder_(_fbb);
  builder_.add_regions(regions);
  builder_.add_bias(bias);
  builder_.add_bias_shift(bias_shift);
  builder_.add_attention(attention);
  builder_.add_has_regions(has_regions);
  return builder_.Finish();
}

inline flatbuffers::Offset<BiasedAttention> CreateBiasedAttentionDirect(
    flatbuffers::FlatBufferBuilder &_fbb,
    flatbuffers::Offset<vitro::schema::Attention> attention = 0,
    uint64_t bias = 0,
    const std::vector<uint8_t> *bias_shift = nullptr,
    bool has_regions = false,
    uint64_t regions = 0) {
  auto bias_shift__ = bias_shift ? _fbb.CreateVector<uint8_t>(*bias_shift) : 0;
  return vitro::schema::CreateBiasedAttention(
      _fbb,
      attention,
      bias,
      bias_shift__,
      has_regions,
      regions);
}

struct GatherRowsBuilder {
  typedef GatherRows Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_src(uint32_t src) {
    fbb_.AddElement<uint32_t>(GatherRows::VT_SRC, src, 0);
  }
  void add_dst(uint32_t dst) {
    fbb_.AddElement<uint32_t>(GatherRows::VT_DST, dst, 0);
  }
  void add_index(uint64_t index) {
    fbb_.AddElement<uint64_t>(GatherRows::VT_INDEX, index, 0);
  }
  explicit GatherRowsBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<GatherRows> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<GatherRows>(end);
    return o;
  }
};

inline flatbuffers::Offset<GatherRows> CreateGatherRows(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t src = 0,
    uint32_t dst = 0,
    uint64_t index = 0) {
  GatherRowsBuilder builder_(_fbb);
  builder_.add_index(index);
  builder_.add_dst(dst);
  builder_.add_src(src);
  return builder_.Finish();
}

struct HeadNormBuilder {
  typedef HeadNorm Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_src(uint32_t src) {
    fbb_.AddElement<uint32_t>(HeadNorm::VT_SRC, src, 0);
  }
  void add_dst(uint32_t dst) {
    fbb_.AddElement<uint32_t>(HeadNorm::VT_DST, dst, 0);
  }
  void add_head_dim(uint32_t head_dim) {
    fbb_.AddElement<uint32_t>(HeadNorm::VT_HEAD_DIM, head_dim, 0);
  }
  void add_epsilon(float epsilon) {
    fbb_.AddElement<float>(HeadNorm::VT_EPSILON, epsilon, 0.0f);
  }
  void add_channels(uint64_t channels) {
    fbb_.AddElement<uint64_t>(HeadNorm::VT_CHANNELS, channels, 0);
  }
  explicit HeadNormBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<HeadNorm> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<HeadNorm>(end);
    return o;
  }
};

inline flatbuffers::Offset<HeadNorm> CreateHeadNorm(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t src = 0,
    uint32_t dst = 0,
    uint32_t head_dim = 0,
    float epsilon = 0.0f,
    uint64_t channels = 0) {
  HeadNormBuilder builder_(_fbb);
  builder_.add_channels(channels);
  builder_.add_epsilon(epsilon);
  builder_.add_head_dim(head_dim);
  builder_.add_dst(dst);
  builder_.add_src(src);
  return builder_.Finish();
}

struct RotatePairsBuilder {
  typedef RotatePairs Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_src(uint32_t src) {
    fbb_.AddElement<uint32_t>(RotatePairs::VT_SRC, src, 0);
  }
  void add_dst(uint32_t dst) {
    fbb_.AddElement<uint32_t>(RotatePairs::VT_DST, dst, 0);
  }
  void add_scale(flatbuffers::Offset<flatbuffers::Vector<float>> scale) {
    fbb_.AddOffset(RotatePairs::VT_SCALE, scale);
  }
  void add_turns(uint64_t turns) {
    fbb_.AddElement<uint64_t>(RotatePairs::VT_TURNS, turns, 0);
  }
  explicit RotatePairsBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<RotatePairs> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<RotatePairs>(end);
    return o;
  }
};

inline flatbuffers::Offset<RotatePairs> CreateRotatePairs(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t src = 0,
    uint32_t dst = 0,
    flatbuffers::Offset<flatbuffers::Vector<float>> scale = 0,
    uint64_t turns = 0) {
  RotatePairsBuilder builder_(_fbb);
  builder_.add_turns(turns);
  builder_.add_scale(scale);
  builder_.add_dst(dst);
  builder_.add_src(src);
  return builder_.Finish();
}

inline flatbuffers::Offset<RotatePairs> CreateRotatePairsDirect(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t src = 0,
    uint32_t dst = 0,
    const std::vector<float> *scale = nullptr,
    uint64_t turns = 0) {
  auto scale__ = scale ? _fbb.CreateVector<float>(*scale) : 0;
  return vitro::schema::CreateRotatePairs(
      _fbb,
      src,
      dst,
      scale__,
      turns);
}

struct StridedPatchesBuilder {
  typedef StridedPatches Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_src(uint32_t src) {
    fbb_.AddElement<uint32_t>(StridedPatches::VT_SRC, src, 0);
  }
  void add_dst(uint32_t dst) {
    fbb_.AddElement<uint32_t>(StridedPatches::VT_DST, dst, 0);
  }
  void add_patch(uint32_t patch) {
    fbb_.AddElement<uint32_t>(StridedPatches::VT_PATCH, patch, 0);
  }
  void add_stride(uint32_t stride) {
    fbb_.AddElement<uint32_t>(StridedPatches::VT_STRIDE, stride, 0);
  }
  explicit StridedPatchesBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<StridedPatches> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<StridedPatches>(end);
    return o;
  }
};

inline flatbuffers::Offset<StridedPatches> CreateStridedPatches(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t src = 0,
    uint32_t dst = 0,
    uint32_t patch = 0,
    uint32_t stride = 0) {
  StridedPatchesBuilder builder_(_fbb);
  builder_.add_stride(stride);
  builder_.add_patch(patch);
  builder_.add_dst(dst);
  builder_.add_src(src);
  return builder_.Finish();
}

struct RolloutBuilder {
  typedef Rollout Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_v(int32_t v) {
    fbb_.AddElement<int32_t>(Rollout::VT_V, v, -1);
  }
  void add_q(uint32_t q) {
    fbb_.AddElement<uint32_t>(Rollout::VT_Q, q, 0);
  }
  void add_k(uint32_t k) {
    fbb_.AddElement<uint32_t>(Rollout::VT_K, k, 0);
  }
  void add_dst(uint32_t dst) {
    fbb_.AddElement<uint32_t>(Rollout::VT_DST, dst, 0);
  }
  void add_score_scale(flatbuffers::Offset<flatbuffers::Vector<float>> score_scale) {
    fbb_.AddOffset(Rollout::VT_SCORE_SCALE, score_scale);
  }
  void add_workspace(uint64_t workspace) {
    fbb_.AddElement<uint64_t>(Rollout::VT_WORKSPACE, workspace, 0);
  }
  explicit RolloutBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<Rollout> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<Rollout>(end);
    return o;
  }
};

inline flatbuffers::Offset<Rollout> CreateRollout(
    flatbuffers::FlatBufferBuilder &_fbb,
    int32_t v = -1,
    uint32_t q = 0,
    uint32_t k = 0,
    uint32_t dst = 0,
    flatbuffers::Offset<flatbuffers::Vector<float>> score_scale = 0,
    uint64_t workspace = 0) {
  RolloutBuilder builder_(_fbb);
  builder_.add_workspace(workspace);
  builder_.add_score_scale(score_scale);
  builder_.add_dst(dst);
  builder_.add_k(k);
  builder_.add_q(q);
  builder_.add_v(v);
  return builder_.Finish();
}

inline flatbuffers::Offset<Rollout> CreateRolloutDirect(
    flatbuffers::FlatBufferBuilder &_fbb,
    int32_t v = -1,
    uint32_t q = 0,
    uint32_t k = 0,
    uint32_t dst = 0,
    const std::vector<float> *score_scale = nullptr,
    uint64_t workspace = 0) {
  auto score_scale__ = score_scale ? _fbb.CreateVector<float>(*score_scale) : 0;
  return vitro::schema::CreateRollout(
      _fbb,
      v,
      q,
      k,
      dst,
      score_scale__,
      workspace);
}

struct ArgMaxBuilder {
  typedef ArgMax Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_src(uint32_t src) {
    fbb_.AddElement<uint32_t>(ArgMax::VT_SRC, src, 0);
  }
  void add_dst(uint32_t dst) {
    fbb_.AddElement<uint32_t>(ArgMax::VT_DST, dst, 0);
  }
  void add_first(uint32_t first) {
    fbb_.AddElement<uint32_t>(ArgMax::VT_FIRST, first, 0);
  }
  explicit ArgMaxBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<ArgMax> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<ArgMax>(end);
    return o;
  }
};

inline flatbuffers::Offset<ArgMax> CreateArgMax(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t src = 0,
    uint32_t dst = 0,
    uint32_t first = 0) {
  ArgMaxBuilder builder_(_fbb);
  builder_.add_first(first);
  builder_.add_dst(dst);
  builder_.add_src(src);
  return builder_.Finish();
}

struct PickRowsBuilder {
  typedef PickRows Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_src(uint32_t src) {
    fbb_.AddElement<uint32_t>(PickRows::VT_SRC, src, 0);
  }
  void add_index(uint32_t index) {
    fbb_.AddElement<uint32_t>(PickRows::VT_INDEX, index, 0);
  }
  void add_dst(uint32_t dst) {
    fbb_.AddElement<uint32_t>(PickRows::VT_DST, dst, 0);
  }
  void add_leading(uint32_t leading) {
    fbb_.AddElement<uint32_t>(PickRows::VT_LEADING, leading, 0);
  }
  explicit PickRowsBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<PickRows> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<PickRows>(end);
    return o;
  }
};

inline flatbuffers::Offset<PickRows> CreatePickRows(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t src = 0,
    uint32_t index = 0,
    uint32_t dst = 0,
    uint32_t leading = 0) {
  PickRowsBuilder builder_(_fbb);
  builder_.add_leading(leading);
  builder_.add_dst(dst);
  builder_.add_index(index);
  builder_.add_src(src);
  return builder_.Finish();
}

struct OpBuilder {
  typedef Op Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_name(flatbuffers::Offset<flatbuffers::String> name) {
    fbb_.AddOffset(Op::VT_NAME, name);
  }
  void add_args_type(vitro::schema::OpArgs args_type) {
    fbb_.AddElement<uint8_t>(Op::VT_ARGS_TYPE, static_cast<uint8_t>(args_type), 0);
  }
  void add_args(flatbuffers::Offset<void> args) {
    fbb_.AddOffset(Op::VT_ARGS, args);
  }
  explicit OpBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<Op> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<Op>(end);
    fbb_.Required(o, Op::VT_ARGS);
    return o;
  }
};

inline flatbuffers::Offset<Op> CreateOp(
    flatbuffers::FlatBufferBuilder &_fbb,
    flatbuffers::Offset<flatbuffers::String> name = 0,
    vitro::schema::OpArgs args_type = vitro::schema::OpArgs::NONE,
    flatbuffers::Offset<void> args = 0) {
  OpBuilder builder_(_fbb);
  builder_.add_args(args);
  builder_.add_name(name);
  builder_.add_args_type(args_type);
  return builder_.Finish();
}

inline flatbuffers::Offset<Op> CreateOpDirect(
    flatbuffers::FlatBufferBuilder &_fbb,
    const char *name = nullptr,
    vitro::schema::OpArgs args_type = vitro::schema::OpArgs::NONE,
    flatbuffers::Offset<void> args = 0) {
  auto name__ = name ? _fbb.CreateString(name) : 0;
  return vitro::schema::CreateOp(
      _fbb,
      name__,
      args_type,
      args);
}

struct StepBuilder {
  typedef Step Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_name(flatbuffers::Offset<flatbuffers::String> name) {
    fbb_.AddOffset(Step::VT_NAME, name);
  }
  void add_rows(uint32_t rows) {
    fbb_.AddElement<uint32_t>(Step::VT_ROWS, rows, 0);
  }
  void add_tile_rows(uint32_t tile_rows) {
    fbb_.AddElement<uint32_t>(Step::VT_TILE_ROWS, tile_rows, 0);
  }
  void add_scratch_offset(uint64_t scratch_offset) {
    fbb_.AddElement<uint64_t>(Step::VT_SCRATCH_OFFSET, scratch_offset, 0);
  }
  void add_scratch_bytes(uint64_t scratch_bytes) {
    fbb_.AddElement<uint64_t>(Step::VT_SCRATCH_BYTES, scratch_bytes, 0);
  }
  void add_ops(flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<vitro::schema::Op>>> ops) {
    fbb_.AddOffset(Step::VT_OPS, ops);
  }
  explicit StepBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<Step> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<Step>(end);
    fbb_.Required(o, Step::VT_OPS);
    return o;
  }
};

inline flatbuffers::Offset<Step> CreateStep(
    flatbuffers::FlatBufferBuilder &_fbb,
    flatbuffers::Offset<flatbuffers::String> name = 0,
    uint32_t rows = 0,
    uint32_t tile_rows = 0,
    uint64_t scratch_offset = 0,
    uint64_t scratch_bytes = 0,
    flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<vitro::schema::Op>>> ops = 0) {
  StepBuilder builder_(_fbb);
  builder_.add_scratch_bytes(scratch_bytes);
  builder_.add_scratch_offset(scratch_offset);
  builder_.add_ops(ops);
  builder_.add_tile_rows(tile_rows);
  builder_.add_rows(rows);
  builder_.add_name(name);
  return builder_.Finish();
}

inline flatbuffers::Offset<Step> CreateStepDirect(
    flatbuffers::FlatBufferBuilder &_fbb,
    const char *name = nullptr,
    uint32_t rows = 0,
    uint32_t tile_rows = 0,
    uint64_t scratch_offset = 0,
    uint64_t scratch_bytes = 0,
    const std::vector<flatbuffers::Offset<vitro::schema::Op>> *ops = nullptr) {
  auto name__ = name ? _fbb.CreateString(name) : 0;
  auto ops__ = ops ? _fbb.CreateVector<flatbuffers::Offset<vitro::schema::Op>>(*ops) : 0;
  return vitro::schema::CreateStep(
      _fbb,
      name__,
      rows,
      tile_rows,
      scratch_offset,
      scratch_bytes,
      ops__);
}

struct PreprocessingBuilder {
  typedef Preprocessing Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_image_size(uint32_t image_size) {
    fbb_.AddElement<uint32_t>(Preprocessing::VT_IMAGE_SIZE, image_size, 0);
  }
  void add_resize(uint32_t resize) {
    fbb_.AddElement<uint32_t>(Preprocessing::VT_RESIZE, resize, 0);
  }
  void add_filter(vitro::schema::Filter filter) {
    fbb_.AddElement<uint8_t>(Preprocessing::VT_FILTER, static_cast<uint8_t>(filter), 0);
  }
  void add_mean(flatbuffers::Offset<flatbuffers::Vector<float>> mean) {
    fbb_.AddOffset(Preprocessing::VT_MEAN, mean);
  }
  void add_std(flatbuffers::Offset<flatbuffers::Vector<float>> std) {
    fbb_.AddOffset(Preprocessing::VT_STD, std);
  }
  void add_mode(vitro::schema::ResizeMode mode) {
    fbb_.AddElement<uint8_t>(Preprocessing::VT_MODE, static_cast<uint8_t>(mode), 0);
  }
  void add_resize_width(uint32_t resize_width) {
    fbb_.AddElement<uint32_t>(Preprocessing::VT_RESIZE_WIDTH, resize_width, 0);
  }
  void add_resize_height(uint32_t resize_height) {
    fbb_.AddElement<uint32_t>(Preprocessing::VT_RESIZE_HEIGHT, resize_height, 0);
  }
  void add_centring(vitro::schema::Centring centring) {
    fbb_.AddElement<uint8_t>(Preprocessing::VT_CENTRING, static_cast<uint8_t>(centring), 0);
  }
  void add_fill(flatbuffers::Offset<flatbuffers::Vector<uint8_t>> fill) {
    fbb_.AddOffset(Preprocessing::VT_FILL, fill);
  }
  void add_orientation(vitro::schema::Orientation orientation) {
    fbb_.AddElement<uint8_t>(Preprocessing::VT_ORIENTATION, static_cast<uint8_t>(orientation), 0);
  }
  void add_rescale(float rescale) {
    fbb_.AddElement<float>(Preprocessing::VT_RESCALE, rescale, 0.0f);
  }
  void add_passes(vitro::schema::PassOrder passes) {
    fbb_.AddElement<uint8_t>(Preprocessing::VT_PASSES, static_cast<uint8_t>(passes), 0);
  }
  void add_image_width(uint32_t image_width) {
    fbb_.AddElement<uint32_t>(Preprocessing::VT_IMAGE_WIDTH, image_width, 0);
  }
  void add_image_height(uint32_t image_height) {
    fbb_.AddElement<uint32_t>(Preprocessing::VT_IMAGE_HEIGHT, image_height, 0);
  }
  explicit PreprocessingBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<Preprocessing> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<Preprocessing>(end);
    return o;
  }
};

inline flatbuffers::Offset<Preprocessing> CreatePreprocessing(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t image_size = 0,
    uint32_t resize = 0,
    vitro::schema::Filter filter = vitro::schema::Filter::Bilinear,
    flatbuffers::Offset<flatbuffers::Vector<float>> mean = 0,
    flatbuffers::Offset<flatbuffers::Vector<float>> std = 0,
    vitro::schema::ResizeMode mode = vitro::schema::ResizeMode::ShorterSide,
    uint32_t resize_width = 0,
    uint32_t resize_height = 0,
    vitro::schema::Centring centring = vitro::schema::Centring::HalfEven,
    flatbuffers::Offset<flatbuffers::Vector<uint8_t>> fill = 0,
    vitro::schema::Orientation orientation = vitro::schema::Orientation::Ignore,
    float rescale = 0.0f,
    vitro::schema::PassOrder passes = vitro::schema::PassOrder::RowsFirst,
    uint32_t image_width = 0,
    uint32_t image_height = 0) {
  PreprocessingBuilder builder_(_fbb);
  builder_.add_image_height(image_height);
  builder_.add_image_width(image_width);
  builder_.add_rescale(rescale);
  builder_.add_fill(fill);
  builder_.add_resize_height(resize_height);
  builder_.add_resize_width(resize_width);
  builder_.add_std(std);
  builder_.add_mean(mean);
  builder_.add_resize(resize);
  builder_.add_image_size(image_size);
  builder_.add_passes(passes);
  builder_.add_orientation(orientation);
  builder_.add_centring(centring);
  builder_.add_mode(mode);
  builder_.add_filter(filter);
  return builder_.Finish();
}

inline flatbuffers::Offset<Preprocessing> CreatePreprocessingDirect(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t image_size = 0,
    uint32_t resize = 0,
    vitro::schema::Filter filter = vitro::schema::Filter::Bilinear,
    const std::vector<float> *mean = nullptr,
    const std::vector<float> *std = nullptr,
    vitro::schema::ResizeMode mode = vitro::schema::ResizeMode::ShorterSide,
    uint32_t resize_width = 0,
    uint32_t resize_height = 0,
    vitro::schema::Centring centring = vitro::schema::Centring::HalfEven,
    const std::vector<uint8_t> *fill = nullptr,
    vitro::schema::Orientation orientation = vitro::schema::Orientation::Ignore,
    float rescale = 0.0f,
    vitro::schema::PassOrder passes = vitro::schema::PassOrder::RowsFirst,
    uint32_t image_width = 0,
    uint32_t image_height = 0) {
  auto mean__ = mean ? _fbb.CreateVector<float>(*mean) : 0;
  auto std__ = std ? _fbb.CreateVector<float>(*std) : 0;
  auto fill__ = fill ? _fbb.CreateVector<uint8_t>(*fill) : 0;
  return vitro::schema::CreatePreprocessing(
      _fbb,
      image_size,
      resize,
      filter,
      mean__,
      std__,
      mode,
      resize_width,
      resize_height,
      centring,
      fill__,
      orientation,
      rescale,
      passes,
      image_width,
      image_height);
}

struct SettingBuilder {
  typedef Setting Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_name(flatbuffers::Offset<flatbuffers::String> name) {
    fbb_.AddOffset(Setting::VT_NAME, name);
  }
  void add_value(flatbuffers::Offset<flatbuffers::String> value) {
    fbb_.AddOffset(Setting::VT_VALUE, value);
  }
  void add_source(flatbuffers::Offset<flatbuffers::String> source) {
    fbb_.AddOffset(Setting::VT_SOURCE, source);
  }
  explicit SettingBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<Setting> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<Setting>(end);
    fbb_.Required(o, Setting::VT_NAME);
    fbb_.Required(o, Setting::VT_VALUE);
    fbb_.Required(o, Setting::VT_SOURCE);
    return o;
  }
};

inline flatbuffers::Offset<Setting> CreateSetting(
    flatbuffers::FlatBufferBuilder &_fbb,
    flatbuffers::Offset<flatbuffers::String> name = 0,
    flatbuffers::Offset<flatbuffers::String> value = 0,
    flatbuffers::Offset<flatbuffers::String> source = 0) {
  SettingBuilder builder_(_fbb);
  builder_.add_source(source);
  builder_.add_value(value);
  builder_.add_name(name);
  return builder_.Finish();
}

inline flatbuffers::Offset<Setting> CreateSettingDirect(
    flatbuffers::FlatBufferBuilder &_fbb,
    const char *name = nullptr,
    const char *value = nullptr,
    const char *source = nullptr) {
  auto name__ = name ? _fbb.CreateString(name) : 0;
  auto value__ = value ? _fbb.CreateString(value) : 0;
  auto source__ = source ? _fbb.CreateString(source) : 0;
  return vitro::schema::CreateSetting(
      _fbb,
      name__,
      value__,
      source__);
}

struct ProvenanceBuilder {
  typedef Provenance Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_checkpoint(flatbuffers::Offset<flatbuffers::String> checkpoint) {
    fbb_.AddOffset(Provenance::VT_CHECKPOINT, checkpoint);
  }
  void add_checkpoint_sha256(flatbuffers::Offset<flatbuffers::String> checkpoint_sha256) {
    fbb_.AddOffset(Provenance::VT_CHECKPOINT_SHA256, checkpoint_sha256);
  }
  void add_converter(flatbuffers::Offset<flatbuffers::String> converter) {
    fbb_.AddOffset(Provenance::VT_CONVERTER, converter);
  }
  void add_options(flatbuffers::Offset<flatbuffers::String> options) {
    fbb_.AddOffset(Provenance::VT_OPTIONS, options);
  }
  void add_quantisation(flatbuffers::Offset<flatbuffers::String> quantisation) {
    fbb_.AddOffset(Provenance::VT_QUANTISATION, quantisation);
  }
  void add_settings(flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<vitro::schema::Setting>>> settings) {
    fbb_.AddOffset(Provenance::VT_SETTINGS, settings);
  }
  void add_digest(bool digest) {
    fbb_.AddElement<uint8_t>(Provenance::VT_DIGEST, static_cast<uint8_t>(digest), 0);
  }
  explicit ProvenanceBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<Provenance> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<Provenance>(end);
    return o;
  }
};

inline flatbuffers::Offset<Provenance> CreateProvenance(
    flatbuffers::FlatBufferBuilder &_fbb,
    flatbuffers::Offset<flatbuffers::String> checkpoint = 0,
    flatbuffers::Offset<flatbuffers::String> checkpoint_sha256 = 0,
    flatbuffers::Offset<flatbuffers::String> converter = 0,
    flatbuffers::Offset<flatbuffers::String> options = 0,
    flatbuffers::Offset<flatbuffers::String> quantisation = 0,
    flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<vitro::schema::Setting>>> settings = 0,
    bool digest = false) {
  ProvenanceBuilder builder_(_fbb);
  builder_.add_settings(settings);
  builder_.add_quantisation(quantisation);
  builder_.add_options(options);
  builder_.add_converter(converter);
  builder_.add_checkpoint_sha256(checkpoint_sha256);
  builder_.add_checkpoint(checkpoint);
  builder_.add_digest(digest);
  return builder_.Finish();
}

inline flatbuffers::Offset<Provenance> CreateProvenanceDirect(
    flatbuffers::FlatBufferBuilder &_fbb,
    const char *checkpoint = nullptr,
    const char *checkpoint_sha256 = nullptr,
    const char *converter = nullptr,
    const char *options = nullptr,
    const char *quantisation = nullptr,
    const std::vector<flatbuffers::Offset<vitro::schema::Setting>> *settings = nullptr,
    bool digest = false) {
  auto checkpoint__ = checkpoint ? _fbb.CreateString(checkpoint) : 0;
  auto checkpoint_sha256__ = checkpoint_sha256 ? _fbb.CreateString(checkpoint_sha256) : 0;
  auto converter__ = converter ? _fbb.CreateString(converter) : 0;
  auto options__ = options ? _fbb.CreateString(options) : 0;
  auto quantisation__ = quantisation ? _fbb.CreateString(quantisation) : 0;
  auto settings__ = settings ? _fbb.CreateVector<flatbuffers::Offset<vitro::schema::Setting>>(*settings) : 0;
  return vitro::schema::CreateProvenance(
      _fbb,
      checkpoint__,
      checkpoint_sha256__,
      converter__,
      options__,
      quantisation__,
      settings__,
      digest);
}

struct GoldenBuilder {
  typedef Golden Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_seed(uint32_t seed) {
    fbb_.AddElement<uint32_t>(Golden::VT_SEED, seed, 0);
  }
  void add_logits(flatbuffers::Offset<flatbuffers::Vector<float>> logits) {
    fbb_.AddOffset(Golden::VT_LOGITS, logits);
  }
  void add_digests(flatbuffers::Offset<flatbuffers::Vector<uint64_t>> digests) {
    fbb_.AddOffset(Golden::VT_DIGESTS, digests);
  }
  explicit GoldenBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<Golden> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<Golden>(end);
    fbb_.Required(o, Golden::VT_LOGITS);
    return o;
  }
};

inline flatbuffers::Offset<Golden> CreateGolden(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t seed = 0,
    flatbuffers::Offset<flatbuffers::Vector<float>> logits = 0,
    flatbuffers::Offset<flatbuffers::Vector<uint64_t>> digests = 0) {
  GoldenBuilder builder_(_fbb);
  builder_.add_digests(digests);
  builder_.add_logits(logits);
  builder_.add_seed(seed);
  return builder_.Finish();
}

inline flatbuffers::Offset<Golden> CreateGoldenDirect(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t seed = 0,
    const std::vector<float> *logits = nullptr,
    const std::vector<uint64_t> *digests = nullptr) {
  auto logits__ = logits ? _fbb.CreateVector<float>(*logits) : 0;
  auto digests__ = digests ? _fbb.CreateVector<uint64_t>(*digests) : 0;
  return vitro::schema::CreateGolden(
      _fbb,
      seed,
      logits__,
      digests__);
}

struct OutputBuilder {
  typedef Output Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_name(flatbuffers::Offset<flatbuffers::String> name) {
    fbb_.AddOffset(Output::VT_NAME, name);
  }
  void add_kind(vitro::schema::OutputKind kind) {
    fbb_.AddElement<uint8_t>(Output::VT_KIND, static_cast<uint8_t>(kind), 0);
  }
  void add_tensor(uint32_t tensor) {
    fbb_.AddElement<uint32_t>(Output::VT_TENSOR, tensor, 0);
  }
  explicit OutputBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<Output> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<Output>(end);
    fbb_.Required(o, Output::VT_NAME);
    return o;
  }
};

inline flatbuffers::Offset<Output> CreateOutput(
    flatbuffers::FlatBufferBuilder &_fbb,
    flatbuffers::Offset<flatbuffers::String> name = 0,
    vitro::schema::OutputKind kind = vitro::schema::OutputKind::Logits,
    uint32_t tensor = 0) {
  OutputBuilder builder_(_fbb);
  builder_.add_tensor(tensor);
  builder_.add_name(name);
  builder_.add_kind(kind);
  return builder_.Finish();
}

inline flatbuffers::Offset<Output> CreateOutputDirect(
    flatbuffers::FlatBufferBuilder &_fbb,
    const char *name = nullptr,
    vitro::schema::OutputKind kind = vitro::schema::OutputKind::Logits,
    uint32_t tensor = 0) {
  auto name__ = name ? _fbb.CreateString(name) : 0;
  return vitro::schema::CreateOutput(
      _fbb,
      name__,
      kind,
      tensor);
}

struct ProgramBuilder {
  typedef Program Table;
  flatbuffers::FlatBufferBuilder &fbb_;
  flatbuffers::uoffset_t start_;
  void add_version(uint32_t version) {
    fbb_.AddElement<uint32_t>(Program::VT_VERSION, version, 0);
  }
  void add_tensors(flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<vitro::schema::Tensor>>> tensors) {
    fbb_.AddOffset(Program::VT_TENSORS, tensors);
  }
  void add_steps(flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<vitro::schema::Step>>> steps) {
    fbb_.AddOffset(Program::VT_STEPS, steps);
  }
  void add_input(uint32_t input) {
    fbb_.AddElement<uint32_t>(Program::VT_INPUT, input, 0);
  }
  void add_output(uint32_t output) {
    fbb_.AddElement<uint32_t>(Program::VT_OUTPUT, output, 0);
  }
  void add_residual_scale(float residual_scale) {
    fbb_.AddElement<float>(Program::VT_RESIDUAL_SCALE, residual_scale, 0.0f);
  }
  void add_preprocessing(flatbuffers::Offset<vitro::schema::Preprocessing> preprocessing) {
    fbb_.AddOffset(Program::VT_PREPROCESSING, preprocessing);
  }
  void add_labels(flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>> labels) {
    fbb_.AddOffset(Program::VT_LABELS, labels);
  }
  void add_golden(flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<vitro::schema::Golden>>> golden) {
    fbb_.AddOffset(Program::VT_GOLDEN, golden);
  }
  void add_provenance(flatbuffers::Offset<vitro::schema::Provenance> provenance) {
    fbb_.AddOffset(Program::VT_PROVENANCE, provenance);
  }
  void add_constants(flatbuffers::Offset<flatbuffers::Vector<uint8_t>> constants) {
    fbb_.AddOffset(Program::VT_CONSTANTS, constants);
  }
  void add_outputs(flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<vitro::schema::Output>>> outputs) {
    fbb_.AddOffset(Program::VT_OUTPUTS, outputs);
  }
  void add_digest(const vitro::schema::Digest *digest) {
    fbb_.AddStruct(Program::VT_DIGEST, digest);
  }
  explicit ProgramBuilder(flatbuffers::FlatBufferBuilder &_fbb)
        : fbb_(_fbb) {
    start_ = fbb_.StartTable();
  }
  flatbuffers::Offset<Program> Finish() {
    const auto end = fbb_.EndTable(start_);
    auto o = flatbuffers::Offset<Program>(end);
    fbb_.Required(o, Program::VT_TENSORS);
    fbb_.Required(o, Program::VT_STEPS);
    fbb_.Required(o, Program::VT_PREPROCESSING);
    fbb_.Required(o, Program::VT_GOLDEN);
    fbb_.Required(o, Program::VT_CONSTANTS);
    return o;
  }
};

inline flatbuffers::Offset<Program> CreateProgram(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t version = 0,
    flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<vitro::schema::Tensor>>> tensors = 0,
    flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<vitro::schema::Step>>> steps = 0,
    uint32_t input = 0,
    uint32_t output = 0,
    float residual_scale = 0.0f,
    flatbuffers::Offset<vitro::schema::Preprocessing> preprocessing = 0,
    flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>> labels = 0,
    flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<vitro::schema::Golden>>> golden = 0,
    flatbuffers::Offset<vitro::schema::Provenance> provenance = 0,
    flatbuffers::Offset<flatbuffers::Vector<uint8_t>> constants = 0,
    flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<vitro::schema::Output>>> outputs = 0,
    const vitro::schema::Digest *digest = nullptr) {
  ProgramBuilder builder_(_fbb);
  builder_.add_digest(digest);
  builder_.add_outputs(outputs);
  builder_.add_constants(constants);
  builder_.add_provenance(provenance);
  builder_.add_golden(golden);
  builder_.add_labels(labels);
  builder_.add_preprocessing(preprocessing);
  builder_.add_residual_scale(residual_scale);
  builder_.add_output(output);
  builder_.add_input(input);
  builder_.add_steps(steps);
  builder_.add_tensors(tensors);
  builder_.add_version(version);
  return builder_.Finish();
}

inline flatbuffers::Offset<Program> CreateProgramDirect(
    flatbuffers::FlatBufferBuilder &_fbb,
    uint32_t version = 0,
    const std::vector<flatbuffers::Offset<vitro::schema::Tensor>> *tensors = nullptr,
    const std::vector<flatbuffers::Offset<vitro::schema::Step>> *steps = nullptr,
    uint32_t input = 0,
    uint32_t output = 0,
    float residual_scale = 0.0f,
    flatbuffers::Offset<vitro::schema::Preprocessing> preprocessing = 0,
    const std::vector<flatbuffers::Offset<flatbuffers::String>> *labels = nullptr,
    const std::vector<flatbuffers::Offset<vitro::schema::Golden>> *golden = nullptr,
    flatbuffers::Offset<vitro::schema::Provenance> provenance = 0,
    const std::vector<uint8_t> *constants = nullptr,
    const std::vector<flatbuffers::Offset<vitro::schema::Output>> *outputs = nullptr,
    const vitro::schema::Digest *digest = nullptr) {
  auto tensors__ = tensors ? _fbb.CreateVector<flatbuffers::Offset<vitro::schema::Tensor>>(*tensors) : 0;
  auto steps__ = steps ? _fbb.CreateVector<flatbuffers::Offset<vitro::schema::Step>>(*steps) : 0;
  auto labels__ = labels ? _fbb.CreateVector<flatbuffers::Offset<flatbuffers::String>>(*labels) : 0;
  auto golden__ = golden ? _fbb.CreateVector<flatbuffers::Offset<vitro::schema::Golden>>(*golden) : 0;
  if (constants) { _fbb.ForceVectorAlignment(constants->size(), sizeof(uint8_t), 64); }
  auto constants__ = constants ? _fbb.CreateVector<uint8_t>(*constants) : 0;
  auto outputs__ = outputs ? _fbb.CreateVector<flatbuffers::Offset<vitro::schema::Output>>(*outputs) : 0;
  return vitro::schema::CreateProgram(
      _fbb,
      version,
      tensors__,
      steps__,
      input,
      output,
      residual_scale,
      preprocessing,
      labels__,
      golden__,
      provenance,
      constants__,
      outputs__,
      digest);
}

inline void FinishProgramBuffer(
    flatbuffers::FlatBufferBuilder &fbb,
    flatbuffers::Offset<vitro::schema::Program> root) {
  fbb.Finish(root, ProgramIdentifier());
}

struct TensorT;

struct PatchRowsT;

struct CopyT;

struct LayerNormT;

struct QuantiseRowsT;

struct LinearT;

struct AttentionT;

struct MeanRowsT;

struct StaticNormT;

struct StaticQuantiseT;

struct LookupT;

struct StaticAddT;

struct NormT;

struct TransposeT;

struct AffineT;

struct MultiplyT;

struct BiasedAttentionT;

struct GatherRowsT;

struct HeadNormT;

struct RotatePairsT;

struct StridedPatchesT;

struct RolloutT;

struct ArgMaxT;

struct PickRowsT;

struct OpT;

struct StepT;

struct PreprocessingT;

struct SettingT;

struct ProvenanceT;

struct GoldenT;

struct OutputT;

struct ProgramT;

template<typename T> struct OpArgsUnionTraits {
  static const OpArgs enum_value = OpArgs::NONE;
};

template<> struct OpArgsUnionTraits<vitro::schema::PatchRowsT> {
  static const OpArgs enum_value = OpArgs::PatchRows;
};

template<> struct OpArgsUnionTraits<vitro::schema::CopyT> {
  static const OpArgs enum_value = OpArgs::Copy;
};

template<> struct OpArgsUnionTraits<vitro::schema::LayerNormT> {
  static const OpArgs enum_value = OpArgs::LayerNorm;
};

template<> struct OpArgsUnionTraits<vitro::schema::QuantiseRowsT> {
  static const OpArgs enum_value = OpArgs::QuantiseRows;
};

template<> struct OpArgsUnionTraits<vitro::schema::LinearT> {
  static const OpArgs enum_value = OpArgs::Linear;
};

template<> struct OpArgsUnionTraits<vitro::schema::AttentionT> {
  static const OpArgs enum_value = OpArgs::Attention;
};

template<> struct OpArgsUnionTraits<vitro::schema::MeanRowsT> {
  static const OpArgs enum_value = OpArgs::MeanRows;
};

template<> struct OpArgsUnionTraits<vitro::schema::StaticNormT> {
  static const OpArgs enum_value = OpArgs::StaticNorm;
};

template<> struct OpArgsUnionTraits<vitro::schema::StaticQuantiseT> {
  static const OpArgs enum_value = OpArgs::StaticQuantise;
};

template<> struct OpArgsUnionTraits<vitro::schema::LookupT> {
  static const OpArgs enum_value = OpArgs::Lookup;
};

template<> struct OpArgsUnionTraits<vitro::schema::StaticAddT> {
  static const OpArgs enum_value = OpArgs::StaticAdd;
};

template<> struct OpArgsUnionTraits<vitro::schema::NormT> {
  static const OpArgs enum_value = OpArgs::Norm;
};

template<> struct OpArgsUnionTraits<vitro::schema::TransposeT> {
  static const OpArgs enum_value = OpArgs::Transpose;
};

template<> struct OpArgsUnionTraits<vitro::schema::AffineT> {
  static const OpArgs enum_value = OpArgs::Affine;
};

template<> struct OpArgsUnionTraits<vitro::schema::MultiplyT> {
  static const OpArgs enum_value = OpArgs::Multiply;
};

template<> struct OpArgsUnionTraits<vitro::schema::BiasedAttentionT> {
  static const OpArgs enum_value = OpArgs::BiasedAttention;
};

template<> struct OpArgsUnionTraits<vitro::schema::GatherRowsT> {
  static const OpArgs enum_value = OpArgs::GatherRows;
};

template<> struct OpArgsUnionTraits<vitro::schema::HeadNormT> {
  static const OpArgs enum_value = OpArgs::HeadNorm;
};

template<> struct OpArgsUnionTraits<vitro::schema::RotatePairsT> {
  static const OpArgs enum_value = OpArgs::RotatePairs;
};

template<> struct OpArgsUnionTraits<vitro::schema::StridedPatchesT> {
  static const OpArgs enum_value = OpArgs::StridedPatches;
};

template<> struct OpArgsUnionTraits<vitro::schema::RolloutT> {
  static const OpArgs enum_value = OpArgs::Rollout;
};

template<> struct OpArgsUnionTraits<vitro::schema::ArgMaxT> {
  static const OpArgs enum_value = OpArgs::ArgMax;
};

template<> struct OpArgsUnionTraits<vitro::schema::PickRowsT> {
  static const OpArgs enum_value = OpArgs::PickRows;
};

struct OpArgsUnion {
  OpArgs type;
  void *value;

  OpArgsUnion() : type(OpArgs::NONE), value(nullptr) {}
  OpArgsUnion(OpArgsUnion&& u) FLATBUFFERS_NOEXCEPT :
    type(OpArgs::NONE), value(nullptr)
    { std::swap(type, u.type); std::swap(value, u.value); }
  OpArgsUnion(const OpArgsUnion &);
  OpArgsUnion &operator=(const OpArgsUnion &u)
    { OpArgsUnion t(u); std::swap(type, t.type); std::swap(value, t.value); return *this; }
  OpArgsUnion &operator=(OpArgsUnion &&u) FLATBUFFERS_NOEXCEPT
    { std::swap(type, u.type); std::swap(value, u.value); return *this; }
  ~OpArgsUnion() { Reset(); }

  void Reset();

  template <typename T>
  void Set(T&& val) {
    typedef typename std::remove_reference<T>::type RT;
    Reset();
    type = OpArgsUnionTraits<RT>::enum_value;
    if (type != OpArgs::NONE) {
      value = new RT(std::forward<T>(val));
    }
  }

  static void *UnPack(const void *obj, OpArgs type, const flatbuffers::resolver_function_t *resolver);
  flatbuffers::Offset<void> Pack(flatbuffers::FlatBufferBuilder &_fbb, const flatbuffers::rehasher_function_t *_rehasher = nullptr) const;

  vitro::schema::PatchRowsT *AsPatchRows() {
    return type == OpArgs::PatchRows ?
      reinterpret_cast<vitro::schema::PatchRowsT *>(value) : nullptr;
  }
  const vitro::schema::PatchRowsT *AsPatchRows() const {
    return type == OpArgs::PatchRows ?
      reinterpret_cast<const vitro::schema::PatchRowsT *>(value) : nullptr;
  }
  vitro::schema::CopyT *AsCopy() {
    return type == OpArgs::Copy ?
      reinterpret_cast<vitro::schema::CopyT *>(value) : nullptr;
  }
  const vitro::schema::CopyT *AsCopy() const {
    return type == OpArgs::Copy ?
      reinterpret_cast<const vitro::schema::CopyT *>(value) : nullptr;
  }
  vitro::schema::LayerNormT *AsLayerNorm() {
    return type == OpArgs::LayerNorm ?
      reinterpret_cast<vitro::schema::LayerNormT *>(value) : nullptr;
  }
  const vitro::schema::LayerNormT *AsLayerNorm() const {
    return type == OpArgs::LayerNorm ?
      reinterpret_cast<const vitro::schema::LayerNormT *>(value) : nullptr;
  }
  vitro::schema::QuantiseRowsT *AsQuantiseRows() {
    return type == OpArgs::QuantiseRows ?
      reinterpret_cast<vitro::schema::QuantiseRowsT *>(value) : nullptr;
  }
  const vitro::schema::QuantiseRowsT *AsQuantiseRows() const {
    return type == OpArgs::QuantiseRows ?
      reinterpret_cast<const vitro::schema::QuantiseRowsT *>(value) : nullptr;
  }
  vitro::schema::LinearT *AsLinear() {
    return type == OpArgs::Linear ?
      reinterpret_cast<vitro::schema::LinearT *>(value) : nullptr;
  }
  const vitro::schema::LinearT *AsLinear() const {
    return type == OpArgs::Linear ?
      reinterpret_cast<const vitro::schema::LinearT *>(value) : nullptr;
  }
  vitro::schema::AttentionT *AsAttention() {
    return type == OpArgs::Attention ?
      reinterpret_cast<vitro::schema::AttentionT *>(value) : nullptr;
  }
  const vitro::schema::AttentionT *AsAttention() const {
    return type == OpArgs::Attention ?
      reinterpret_cast<const vitro::schema::AttentionT *>(value) : nullptr;
  }
  vitro::schema::MeanRowsT *AsMeanRows() {
    return type == OpArgs::MeanRows ?
      reinterpret_cast<vitro::schema::MeanRowsT *>(value) : nullptr;
  }
  const vitro::schema::MeanRowsT *AsMeanRows() const {
    return type == OpArgs::MeanRows ?
      reinterpret_cast<const vitro::schema::MeanRowsT *>(value) : nullptr;
  }
  vitro::schema::StaticNormT *AsStaticNorm() {
    return type == OpArgs::StaticNorm ?
      reinterpret_cast<vitro::schema::StaticNormT *>(value) : nullptr;
  }
  const vitro::schema::StaticNormT *AsStaticNorm() const {
    return type == OpArgs::StaticNorm ?
      reinterpret_cast<const vitro::schema::StaticNormT *>(value) : nullptr;
  }
  vitro::schema::StaticQuantiseT *AsStaticQuantise() {
    return type == OpArgs::StaticQuantise ?
      reinterpret_cast<vitro::schema::StaticQuantiseT *>(value) : nullptr;
  }
  const vitro::schema::StaticQuantiseT *AsStaticQuantise() const {
    return type == OpArgs::StaticQuantise ?
      reinterpret_cast<const vitro::schema::StaticQuantiseT *>(value) : nullptr;
  }
  vitro::schema::LookupT *AsLookup() {
    return type == OpArgs::Lookup ?
      reinterpret_cast<vitro::schema::LookupT *>(value) : nullptr;
  }
  const vitro::schema::LookupT *AsLookup() const {
    return type == OpArgs::Lookup ?
      reinterpret_cast<const vitro::schema::LookupT *>(value) : nullptr;
  }
  vitro::schema::StaticAddT *AsStaticAdd() {
    return type == OpArgs::StaticAdd ?
      reinterpret_cast<vitro::schema::StaticAddT *>(value) : nullptr;
  }
  const vitro::schema::StaticAddT *AsStaticAdd() const {
    return type == OpArgs::StaticAdd ?
      reinterpret_cast<const vitro::schema::StaticAddT *>(value) : nullptr;
  }
  vitro::schema::NormT *AsNorm() {
    return type == OpArgs::Norm ?
      reinterpret_cast<vitro::schema::NormT *>(value) : nullptr;
  }
  const vitro::schema::NormT *AsNorm() const {
    return type == OpArgs::Norm ?
      reinterpret_cast<const vitro::schema::NormT *>(value) : nullptr;
  }
  vitro::schema::TransposeT *AsTranspose() {
    return type == OpArgs::Transpose ?
      reinterpret_cast<vitro::schema::TransposeT *>(value) : nullptr;
  }
  const vitro::schema::TransposeT *AsTranspose() const {
    return type == OpArgs::Transpose ?
      reinterpret_cast<const vitro::schema::TransposeT *>(value) : nullptr;
  }
  vitro::schema::AffineT *AsAffine() {
    return type == OpArgs::Affine ?
      reinterpret_cast<vitro::schema::AffineT *>(value) : nullptr;
  }
  const vitro::schema::AffineT *AsAffine() const {
    return type == OpArgs::Affine ?
      reinterpret_cast<const vitro::schema::AffineT *>(value) : nullptr;
  }
  vitro::schema::MultiplyT *AsMultiply() {
    return type == OpArgs::Multiply ?
      reinterpret_cast<vitro::schema::MultiplyT *>(value) : nullptr;
  }
  const vitro::schema::MultiplyT *AsMultiply() const {
    return type == OpArgs::Multiply ?
      reinterpret_cast<const vitro::schema::MultiplyT *>(value) : nullptr;
  }
  vitro::schema::BiasedAttentionT *AsBiasedAttention() {
    return type == OpArgs::BiasedAttention ?
      reinterpret_cast<vitro::schema::BiasedAttentionT *>(value) : nullptr;
  }
  const vitro::schema::BiasedAttentionT *AsBiasedAttention() const {
    return type == OpArgs::BiasedAttention ?
      reinterpret_cast<const vitro::schema::BiasedAttentionT *>(value) : nullptr;
  }
  vitro::schema::GatherRowsT *AsGatherRows() {
    return type == OpArgs::GatherRows ?
      reinterpret_cast<vitro::schema::GatherRowsT *>(value) : nullptr;
  }
  const vitro::schema::GatherRowsT *AsGatherRows() const {
    return type == OpArgs::GatherRows ?
      reinterpret_cast<const vitro::schema::GatherRowsT *>(value) : nullptr;
  }
  vitro::schema::HeadNormT *AsHeadNorm() {
    return type == OpArgs::HeadNorm ?
      reinterpret_cast<vitro::schema::HeadNormT *>(value) : nullptr;
  }
  const vitro::schema::HeadNormT *AsHeadNorm() const {
    return type == OpArgs::HeadNorm ?
      reinterpret_cast<const vitro::schema::HeadNormT *>(value) : nullptr;
  }
  vitro::schema::RotatePairsT *AsRotatePairs() {
    return type == OpArgs::RotatePairs ?
      reinterpret_cast<vitro::schema::RotatePairsT *>(value) : nullptr;
  }
  const vitro::schema::RotatePairsT *AsRotatePairs() const {
    return type == OpArgs::RotatePairs ?
      reinterpret_cast<const vitro::schema::RotatePairsT *>(value) : nullptr;
  }
  vitro::schema::StridedPatchesT *AsStridedPatches() {
    return type == OpArgs::StridedPatches ?
      reinterpret_cast<vitro::schema::StridedPatchesT *>(value) : nullptr;
  }
  const vitro::schema::StridedPatchesT *AsStridedPatches() const {
    return type == OpArgs::StridedPatches ?
      reinterpret_cast<const vitro::schema::StridedPatchesT *>(value) : nullptr;
  }
  vitro::schema::RolloutT *AsRollout() {
    return type == OpArgs::Rollout ?
      reinterpret_cast<vitro::schema::RolloutT *>(value) : nullptr;
  }
  const vitro::schema::RolloutT *AsRollout() const {
    return type == OpArgs::Rollout ?
      reinterpret_cast<const vitro::schema::RolloutT *>(value) : nullptr;
  }
  vitro::schema::ArgMaxT *AsArgMax() {
    return type == OpArgs::ArgMax ?
      reinterpret_cast<vitro::schema::ArgMaxT *>(value) : nullptr;
  }
  const vitro::schema::ArgMaxT *AsArgMax() const {
    return type == OpArgs::ArgMax ?
      reinterpret_cast<const vitro::schema::ArgMaxT *>(value) : nullptr;
  }
  vitro::schema::PickRowsT *AsPickRows() {
    return type == OpArgs::PickRows ?
      reinterpret_cast<vitro::schema::PickRowsT *>(value) : nullptr;
  }
  const vitro::schema::PickRowsT *AsPickRows() const {
    return type == OpArgs::PickRows ?
      reinterpret_cast<const vitro::schema::PickRowsT *>(value) : nullptr;
  }
};

struct TensorT : public flatbuffers::NativeTable {
  typedef Tensor TableType;
  std::string name{};
  vitro::schema::Format format = vitro::schema::Format::U8;
  vitro::schema::Storage storage = vitro::schema::Storage::Arena;
  uint32_t rows = 0;
  uint32_t cols = 0;
  uint32_t heads = 1;
  uint64_t offset = 0;
  uint32_t groups = 1;
  float scale = 0.0f;
};

flatbuffers::Offset<Tensor> CreateTensor(flatbuffers::FlatBufferBuilder &_fbb, const TensorT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct PatchRowsT : public flatbuffers::NativeTable {
  typedef PatchRows TableType;
  uint32_t src = 0;
  uint32_t dst = 0;
  uint32_t patch = 0;
};

flatbuffers::Offset<PatchRows> CreatePatchRows(flatbuffers::FlatBufferBuilder &_fbb, const PatchRowsT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct CopyT : public flatbuffers::NativeTable {
  typedef Copy TableType;
  uint32_t src = 0;
  uint32_t dst = 0;
};

flatbuffers::Offset<Copy> CreateCopy(flatbuffers::FlatBufferBuilder &_fbb, const CopyT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct LayerNormT : public flatbuffers::NativeTable {
  typedef LayerNorm TableType;
  uint32_t src = 0;
  uint32_t dst = 0;
  float epsilon = 0.0f;
};

flatbuffers::Offset<LayerNorm> CreateLayerNorm(flatbuffers::FlatBufferBuilder &_fbb, const LayerNormT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct QuantiseRowsT : public flatbuffers::NativeTable {
  typedef QuantiseRows TableType;
  uint32_t src = 0;
  uint32_t dst = 0;
  float unit = 0.0f;
};

flatbuffers::Offset<QuantiseRows> CreateQuantiseRows(flatbuffers::FlatBufferBuilder &_fbb, const QuantiseRowsT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct LinearT : public flatbuffers::NativeTable {
  typedef Linear TableType;
  uint32_t src = 0;
  uint32_t dst = 0;
  int32_t addend = -1;
  uint64_t weights = 0;
  uint64_t channels = 0;
  vitro::schema::Activation activation = vitro::schema::Activation::None;
  uint8_t fraction_bits = 0;
  int8_t zero_point = 0;
};

flatbuffers::Offset<Linear> CreateLinear(flatbuffers::FlatBufferBuilder &_fbb, const LinearT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct AttentionT : public flatbuffers::NativeTable {
  typedef Attention TableType;
  uint32_t q = 0;
  uint32_t k = 0;
  uint32_t v = 0;
  uint32_t dst = 0;
  std::vector<float> score_scale{};
  uint64_t workspace = 0;
};

flatbuffers::Offset<Attention> CreateAttention(flatbuffers::FlatBufferBuilder &_fbb, const AttentionT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct MeanRowsT : public flatbuffers::NativeTable {
  typedef MeanRows TableType;
  uint32_t src = 0;
  uint32_t dst = 0;
  float reciprocal = 0.0f;
};

flatbuffers::Offset<MeanRows> CreateMeanRows(flatbuffers::FlatBufferBuilder &_fbb, const MeanRowsT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct StaticNormT : public flatbuffers::NativeTable {
  typedef StaticNorm TableType;
  uint32_t src = 0;
  uint32_t dst = 0;
  float epsilon = 0.0f;
  float scale = 0.0f;
  int8_t zero_point = 0;
};

flatbuffers::Offset<StaticNorm> CreateStaticNorm(flatbuffers::FlatBufferBuilder &_fbb, const StaticNormT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct StaticQuantiseT : public flatbuffers::NativeTable {
  typedef StaticQuantise TableType;
  uint32_t src = 0;
  uint32_t dst = 0;
  float scale = 0.0f;
  int8_t zero_point = 0;
};

flatbuffers::Offset<StaticQuantise> CreateStaticQuantise(flatbuffers::FlatBufferBuilder &_fbb, const StaticQuantiseT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct LookupT : public flatbuffers::NativeTable {
  typedef Lookup TableType;
  uint32_t src = 0;
  uint32_t dst = 0;
  uint64_t table = 0;
};

flatbuffers::Offset<Lookup> CreateLookup(flatbuffers::FlatBufferBuilder &_fbb, const LookupT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct StaticAddT : public flatbuffers::NativeTable {
  typedef StaticAdd TableType;
  uint32_t src = 0;
  uint32_t addend = 0;
  uint32_t dst = 0;
  float scale = 0.0f;
};

flatbuffers::Offset<StaticAdd> CreateStaticAdd(flatbuffers::FlatBufferBuilder &_fbb, const StaticAddT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct NormT : public flatbuffers::NativeTable {
  typedef Norm TableType;
  uint32_t src = 0;
  uint32_t dst = 0;
  float epsilon = 0.0f;
  uint64_t channels = 0;
};

flatbuffers::Offset<Norm> CreateNorm(flatbuffers::FlatBufferBuilder &_fbb, const NormT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct TransposeT : public flatbuffers::NativeTable {
  typedef Transpose TableType;
  uint32_t src = 0;
  uint32_t dst = 0;
};

flatbuffers::Offset<Transpose> CreateTranspose(flatbuffers::FlatBufferBuilder &_fbb, const TransposeT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct AffineT : public flatbuffers::NativeTable {
  typedef Affine TableType;
  uint32_t src = 0;
  uint32_t dst = 0;
  int32_t addend = -1;
  uint64_t channels = 0;
};

flatbuffers::Offset<Affine> CreateAffine(flatbuffers::FlatBufferBuilder &_fbb, const AffineT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct MultiplyT : public flatbuffers::NativeTable {
  typedef Multiply TableType;
  uint32_t a = 0;
  uint32_t b = 0;
  uint32_t dst = 0;
  float scale = 0.0f;
};

flatbuffers::Offset<Multiply> CreateMultiply(flatbuffers::FlatBufferBuilder &_fbb, const MultiplyT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct BiasedAttentionT : public flatbuffers::NativeTable {
  typedef BiasedAttention TableType;
  std::unique_ptr<vitro::schema::AttentionT> attention{};
  uint64_t bias = 0;
  std::vector<uint8_t> bias_shift{};
  bool has_regions = false;
  uint64_t regions = 0;
  BiasedAttentionT() = default;
  BiasedAttentionT(const BiasedAttentionT &o);
  BiasedAttentionT(BiasedAttentionT&&) FLATBUFFERS_NOEXCEPT = default;
  BiasedAttentionT &operator=(BiasedAttentionT o) FLATBUFFERS_NOEXCEPT;
};

flatbuffers::Offset<BiasedAttention> CreateBiasedAttention(flatbuffers::FlatBufferBuilder &_fbb, const BiasedAttentionT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct GatherRowsT : public flatbuffers::NativeTable {
  typedef GatherRows TableType;
  uint32_t src = 0;
  uint32_t dst = 0;
  uint64_t index = 0;
};

flatbuffers::Offset<GatherRows> CreateGatherRows(flatbuffers::FlatBufferBuilder &_fbb, const GatherRowsT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct HeadNormT : public flatbuffers::NativeTable {
  typedef HeadNorm TableType;
  uint32_t src = 0;
  uint32_t dst = 0;
  uint32_t head_dim = 0;
  float epsilon = 0.0f;
  uint64_t channels = 0;
};

flatbuffers::Offset<HeadNorm> CreateHeadNorm(flatbuffers::FlatBufferBuilder &_fbb, const HeadNormT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct RotatePairsT : public flatbuffers::NativeTable {
  typedef RotatePairs TableType;
  uint32_t src = 0;
  uint32_t dst = 0;
  std::vector<float> scale{};
  uint64_t turns = 0;
};

flatbuffers::Offset<RotatePairs> CreateRotatePairs(flatbuffers::FlatBufferBuilder &_fbb, const RotatePairsT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct StridedPatchesT : public flatbuffers::NativeTable {
  typedef StridedPatches TableType;
  uint32_t src = 0;
  uint32_t dst = 0;
  uint32_t patch = 0;
  uint32_t stride = 0;
};

flatbuffers::Offset<StridedPatches> CreateStridedPatches(flatbuffers::FlatBufferBuilder &_fbb, const StridedPatchesT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct RolloutT : public flatbuffers::NativeTable {
  typedef Rollout TableType;
  int32_t v = -1;
  uint32_t q = 0;
  uint32_t k = 0;
  uint32_t dst = 0;
  std::vector<float> score_scale{};
  uint64_t workspace = 0;
};

flatbuffers::Offset<Rollout> CreateRollout(flatbuffers::FlatBufferBuilder &_fbb, const RolloutT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct ArgMaxT : public flatbuffers::NativeTable {
  typedef ArgMax TableType;
  uint32_t src = 0;
  uint32_t dst = 0;
  uint32_t first = 0;
};

flatbuffers::Offset<ArgMax> CreateArgMax(flatbuffers::FlatBufferBuilder &_fbb, const ArgMaxT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct PickRowsT : public flatbuffers::NativeTable {
  typedef PickRows TableType;
  uint32_t src = 0;
  uint32_t index = 0;
  uint32_t dst = 0;
  uint32_t leading = 0;
};

flatbuffers::Offset<PickRows> CreatePickRows(flatbuffers::FlatBufferBuilder &_fbb, const PickRowsT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct OpT : public flatbuffers::NativeTable {
  typedef Op TableType;
  std::string name{};
  vitro::schema::OpArgsUnion args{};
};

flatbuffers::Offset<Op> CreateOp(flatbuffers::FlatBufferBuilder &_fbb, const OpT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct StepT : public flatbuffers::NativeTable {
  typedef Step TableType;
  std::string name{};
  uint32_t rows = 0;
  uint32_t tile_rows = 0;
  uint64_t scratch_offset = 0;
  uint64_t scratch_bytes = 0;
  std::vector<std::unique_ptr<vitro::schema::OpT>> ops{};
  StepT() = default;
  StepT(const StepT &o);
  StepT(StepT&&) FLATBUFFERS_NOEXCEPT = default;
  StepT &operator=(StepT o) FLATBUFFERS_NOEXCEPT;
};

flatbuffers::Offset<Step> CreateStep(flatbuffers::FlatBufferBuilder &_fbb, const StepT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct PreprocessingT : public flatbuffers::NativeTable {
  typedef Preprocessing TableType;
  uint32_t image_size = 0;
  uint32_t resize = 0;
  vitro::schema::Filter filter = vitro::schema::Filter::Bilinear;
  std::vector<float> mean{};
  std::vector<float> std{};
  vitro::schema::ResizeMode mode = vitro::schema::ResizeMode::ShorterSide;
  uint32_t resize_width = 0;
  uint32_t resize_height = 0;
  vitro::schema::Centring centring = vitro::schema::Centring::HalfEven;
  std::vector<uint8_t> fill{};
  vitro::schema::Orientation orientation = vitro::schema::Orientation::Ignore;
  float rescale = 0.0f;
  vitro::schema::PassOrder passes = vitro::schema::PassOrder::RowsFirst;
  uint32_t image_width = 0;
  uint32_t image_height = 0;
};

flatbuffers::Offset<Preprocessing> CreatePreprocessing(flatbuffers::FlatBufferBuilder &_fbb, const PreprocessingT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct SettingT : public flatbuffers::NativeTable {
  typedef Setting TableType;
  std::string name{};
  std::string value{};
  std::string source{};
};

flatbuffers::Offset<Setting> CreateSetting(flatbuffers::FlatBufferBuilder &_fbb, const SettingT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct ProvenanceT : public flatbuffers::NativeTable {
  typedef Provenance TableType;
  std::string checkpoint{};
  std::string checkpoint_sha256{};
  std::string converter{};
  std::string options{};
  std::string quantisation{};
  std::vector<std::unique_ptr<vitro::schema::SettingT>> settings{};
  bool digest = false;
  ProvenanceT() = default;
  ProvenanceT(const ProvenanceT &o);
  ProvenanceT(ProvenanceT&&) FLATBUFFERS_NOEXCEPT = default;
  ProvenanceT &operator=(ProvenanceT o) FLATBUFFERS_NOEXCEPT;
};

flatbuffers::Offset<Provenance> CreateProvenance(flatbuffers::FlatBufferBuilder &_fbb, const ProvenanceT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct GoldenT : public flatbuffers::NativeTable {
  typedef Golden TableType;
  uint32_t seed = 0;
  std::vector<float> logits{};
  std::vector<uint64_t> digests{};
};

flatbuffers::Offset<Golden> CreateGolden(flatbuffers::FlatBufferBuilder &_fbb, const GoldenT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct OutputT : public flatbuffers::NativeTable {
  typedef Output TableType;
  std::string name{};
  vitro::schema::OutputKind kind = vitro::schema::OutputKind::Logits;
  uint32_t tensor = 0;
};

flatbuffers::Offset<Output> CreateOutput(flatbuffers::FlatBufferBuilder &_fbb, const OutputT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

struct ProgramT : public flatbuffers::NativeTable {
  typedef Program TableType;
  uint32_t version = 0;
  std::vector<std::unique_ptr<vitro::schema::TensorT>> tensors{};
  std::vector<std::unique_ptr<vitro::schema::StepT>> steps{};
  uint32_t input = 0;
  uint32_t output = 0;
  float residual_scale = 0.0f;
  std::unique_ptr<vitro::schema::PreprocessingT> preprocessing{};
  std::vector<std::string> labels{};
  std::vector<std::unique_ptr<vitro::schema::GoldenT>> golden{};
  std::unique_ptr<vitro::schema::ProvenanceT> provenance{};
  std::vector<uint8_t> constants{};
  std::vector<std::unique_ptr<vitro::schema::OutputT>> outputs{};
  std::unique_ptr<vitro::schema::Digest> digest{};
  ProgramT() = default;
  ProgramT(const ProgramT &o);
  ProgramT(ProgramT&&) FLATBUFFERS_NOEXCEPT = default;
  ProgramT &operator=(ProgramT o) FLATBUFFERS_NOEXCEPT;
};

flatbuffers::Offset<Program> CreateProgram(flatbuffers::FlatBufferBuilder &_fbb, const ProgramT *_o, const flatbuffers::rehasher_function_t *_rehasher = nullptr);

TensorT *UnPack(const Tensor &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const Tensor &_table, TensorT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
PatchRowsT *UnPack(const PatchRows &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const PatchRows &_table, PatchRowsT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
CopyT *UnPack(const Copy &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const Copy &_table, CopyT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
LayerNormT *UnPack(const LayerNorm &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const LayerNorm &_table, LayerNormT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
QuantiseRowsT *UnPack(const QuantiseRows &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const QuantiseRows &_table, QuantiseRowsT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
LinearT *UnPack(const Linear &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const Linear &_table, LinearT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
AttentionT *UnPack(const Attention &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const Attention &_table, AttentionT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
MeanRowsT *UnPack(const MeanRows &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const MeanRows &_table, MeanRowsT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
StaticNormT *UnPack(const StaticNorm &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const StaticNorm &_table, StaticNormT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
StaticQuantiseT *UnPack(const StaticQuantise &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const StaticQuantise &_table, StaticQuantiseT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
LookupT *UnPack(const Lookup &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const Lookup &_table, LookupT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
StaticAddT *UnPack(const StaticAdd &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const StaticAdd &_table, StaticAddT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
NormT *UnPack(const Norm &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const Norm &_table, NormT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
TransposeT *UnPack(const Transpose &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const Transpose &_table, TransposeT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
AffineT *UnPack(const Affine &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const Affine &_table, AffineT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
MultiplyT *UnPack(const Multiply &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const Multiply &_table, MultiplyT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
BiasedAttentionT *UnPack(const BiasedAttention &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const BiasedAttention &_table, BiasedAttentionT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
GatherRowsT *UnPack(const GatherRows &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const GatherRows &_table, GatherRowsT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
HeadNormT *UnPack(const HeadNorm &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const HeadNorm &_table, HeadNormT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
RotatePairsT *UnPack(const RotatePairs &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const RotatePairs &_table, RotatePairsT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
StridedPatchesT *UnPack(const StridedPatches &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const StridedPatches &_table, StridedPatchesT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
RolloutT *UnPack(const Rollout &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const Rollout &_table, RolloutT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
ArgMaxT *UnPack(const ArgMax &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const ArgMax &_table, ArgMaxT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
PickRowsT *UnPack(const PickRows &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const PickRows &_table, PickRowsT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
OpT *UnPack(const Op &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const Op &_table, OpT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
StepT *UnPack(const Step &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const Step &_table, StepT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
PreprocessingT *UnPack(const Preprocessing &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const Preprocessing &_table, PreprocessingT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
SettingT *UnPack(const Setting &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const Setting &_table, SettingT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
ProvenanceT *UnPack(const Provenance &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const Provenance &_table, ProvenanceT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
GoldenT *UnPack(const Golden &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const Golden &_table, GoldenT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
OutputT *UnPack(const Output &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const Output &_table, OutputT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);
ProgramT *UnPack(const Program &_table, const flatbuffers::resolver_function_t *_resolver = nullptr);
void UnPackTo(const Program &_table, ProgramT *_o, const flatbuffers::resolver_function_t *_resolver = nullptr);

inline TensorT *UnPack(const Tensor &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<TensorT>(new TensorT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const Tensor &_table, TensorT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.name(); if (_e) _o->name = std::string(_e->c_str(), _e->size()); }
  { auto _e = _table.format(); _o->format = _e; }
  { auto _e = _table.storage(); _o->storage = _e; }
  { auto _e = _table.rows(); _o->rows = _e; }
  { auto _e = _table.cols(); _o->cols = _e; }
  { auto _e = _table.heads(); _o->heads = _e; }
  { auto _e = _table.offset(); _o->offset = _e; }
  { auto _e = _table.groups(); _o->groups = _e; }
  { auto _e = _table.scale(); _o->scale = _e; }
}

inline flatbuffers::Offset<Tensor> CreateTensor(flatbuffers::FlatBufferBuilder &_fbb, const TensorT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const TensorT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _name = _o->name.empty() ? 0 : _fbb.CreateString(_o->name);
  auto _format = _o->format;
  auto _storage = _o->storage;
  auto _rows = _o->rows;
  auto _cols = _o->cols;
  auto _heads = _o->heads;
  auto _offset = _o->offset;
  auto _groups = _o->groups;
  auto _scale = _o->scale;
  return vitro::schema::CreateTensor(
      _fbb,
      _name,
      _format,
      _storage,
      _rows,
      _cols,
      _heads,
      _offset,
      _groups,
      _scale);
}

inline PatchRowsT *UnPack(const PatchRows &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<PatchRowsT>(new PatchRowsT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const PatchRows &_table, PatchRowsT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.src(); _o->src = _e; }
  { auto _e = _table.dst(); _o->dst = _e; }
  { auto _e = _table.patch(); _o->patch = _e; }
}

inline flatbuffers::Offset<PatchRows> CreatePatchRows(flatbuffers::FlatBufferBuilder &_fbb, const PatchRowsT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const PatchRowsT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _src = _o->src;
  auto _dst = _o->dst;
  auto _patch = _o->patch;
  return vitro::schema::CreatePatchRows(
      _fbb,
      _src,
      _dst,
      _patch);
}

inline CopyT *UnPack(const Copy &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<CopyT>(new CopyT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const Copy &_table, CopyT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.src(); _o->src = _e; }
  { auto _e = _table.dst(); _o->dst = _e; }
}

inline flatbuffers::Offset<Copy> CreateCopy(flatbuffers::FlatBufferBuilder &_fbb, const CopyT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const CopyT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _src = _o->src;
  auto _dst = _o->dst;
  return vitro::schema::CreateCopy(
      _fbb,
      _src,
      _dst);
}

inline LayerNormT *UnPack(const LayerNorm &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<LayerNormT>(new LayerNormT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const LayerNorm &_table, LayerNormT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.src(); _o->src = _e; }
  { auto _e = _table.dst(); _o->dst = _e; }
  { auto _e = _table.epsilon(); _o->epsilon = _e; }
}

inline flatbuffers::Offset<LayerNorm> CreateLayerNorm(flatbuffers::FlatBufferBuilder &_fbb, const LayerNormT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const LayerNormT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _src = _o->src;
  auto _dst = _o->dst;
  auto _epsilon = _o->epsilon;
  return vitro::schema::CreateLayerNorm(
      _fbb,
      _src,
      _dst,
      _epsilon);
}

inline QuantiseRowsT *UnPack(const QuantiseRows &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<QuantiseRowsT>(new QuantiseRowsT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const QuantiseRows &_table, QuantiseRowsT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.src(); _o->src = _e; }
  { auto _e = _table.dst(); _o->dst = _e; }
  { auto _e = _table.unit(); _o->unit = _e; }
}

inline flatbuffers::Offset<QuantiseRows> CreateQuantiseRows(flatbuffers::FlatBufferBuilder &_fbb, const QuantiseRowsT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const QuantiseRowsT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _src = _o->src;
  auto _dst = _o->dst;
  auto _unit = _o->unit;
  return vitro::schema::CreateQuantiseRows(
      _fbb,
      _src,
      _dst,
      _unit);
}

inline LinearT *UnPack(const Linear &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<LinearT>(new LinearT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const Linear &_table, LinearT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.src(); _o->src = _e; }
  { auto _e = _table.dst(); _o->dst = _e; }
  { auto _e = _table.addend(); _o->addend = _e; }
  { auto _e = _table.weights(); _o->weights = _e; }
  { auto _e = _table.channels(); _o->channels = _e; }
  { auto _e = _table.activation(); _o->activation = _e; }
  { auto _e = _table.fraction_bits(); _o->fraction_bits = _e; }
  { auto _e = _table.zero_point(); _o->zero_point = _e; }
}

inline flatbuffers::Offset<Linear> CreateLinear(flatbuffers::FlatBufferBuilder &_fbb, const LinearT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const LinearT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _src = _o->src;
  auto _dst = _o->dst;
  auto _addend = _o->addend;
  auto _weights = _o->weights;
  auto _channels = _o->channels;
  auto _activation = _o->activation;
  auto _fraction_bits = _o->fraction_bits;
  auto _zero_point = _o->zero_point;
  return vitro::schema::CreateLinear(
      _fbb,
      _src,
      _dst,
      _addend,
      _weights,
      _channels,
      _activation,
      _fraction_bits,
      _zero_point);
}

inline AttentionT *UnPack(const Attention &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<AttentionT>(new AttentionT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const Attention &_table, AttentionT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.q(); _o->q = _e; }
  { auto _e = _table.k(); _o->k = _e; }
  { auto _e = _table.v(); _o->v = _e; }
  { auto _e = _table.dst(); _o->dst = _e; }
  { auto _e = _table.score_scale(); if (_e) { _o->score_scale.resize(_e->size()); for (flatbuffers::uoffset_t _i = 0; _i < _e->size(); _i++) { _o->score_scale[_i] = _e->Get(_i); } } }
  { auto _e = _table.workspace(); _o->workspace = _e; }
}

inline flatbuffers::Offset<Attention> CreateAttention(flatbuffers::FlatBufferBuilder &_fbb, const AttentionT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const AttentionT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _q = _o->q;
  auto _k = _o->k;
  auto _v = _o->v;
  auto _dst = _o->dst;
  auto _score_scale = _o->score_scale.size() ? _fbb.CreateVector(_o->score_scale) : 0;
  auto _workspace = _o->workspace;
  return vitro::schema::CreateAttention(
      _fbb,
      _q,
      _k,
      _v,
      _dst,
      _score_scale,
      _workspace);
}

inline MeanRowsT *UnPack(const MeanRows &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<MeanRowsT>(new MeanRowsT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const MeanRows &_table, MeanRowsT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.src(); _o->src = _e; }
  { auto _e = _table.dst(); _o->dst = _e; }
  { auto _e = _table.reciprocal(); _o->reciprocal = _e; }
}

inline flatbuffers::Offset<MeanRows> CreateMeanRows(flatbuffers::FlatBufferBuilder &_fbb, const MeanRowsT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const MeanRowsT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _src = _o->src;
  auto _dst = _o->dst;
  auto _reciprocal = _o->reciprocal;
  return vitro::schema::CreateMeanRows(
      _fbb,
      _src,
      _dst,
      _reciprocal);
}

inline StaticNormT *UnPack(const StaticNorm &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<StaticNormT>(new StaticNormT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const StaticNorm &_table, StaticNormT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.src(); _o->src = _e; }
  { auto _e = _table.dst(); _o->dst = _e; }
  { auto _e = _table.epsilon(); _o->epsilon = _e; }
  { auto _e = _table.scale(); _o->scale = _e; }
  { auto _e = _table.zero_point(); _o->zero_point = _e; }
}

inline flatbuffers::Offset<StaticNorm> CreateStaticNorm(flatbuffers::FlatBufferBuilder &_fbb, const StaticNormT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const StaticNormT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _src = _o->src;
  auto _dst = _o->dst;
  auto _epsilon = _o->epsilon;
  auto _scale = _o->scale;
  auto _zero_point = _o->zero_point;
  return vitro::schema::CreateStaticNorm(
      _fbb,
      _src,
      _dst,
      _epsilon,
      _scale,
      _zero_point);
}

inline StaticQuantiseT *UnPack(const StaticQuantise &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<StaticQuantiseT>(new StaticQuantiseT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const StaticQuantise &_table, StaticQuantiseT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.src(); _o->src = _e; }
  { auto _e = _table.dst(); _o->dst = _e; }
  { auto _e = _table.scale(); _o->scale = _e; }
  { auto _e = _table.zero_point(); _o->zero_point = _e; }
}

inline flatbuffers::Offset<StaticQuantise> CreateStaticQuantise(flatbuffers::FlatBufferBuilder &_fbb, const StaticQuantiseT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const StaticQuantiseT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _src = _o->src;
  auto _dst = _o->dst;
  auto _scale = _o->scale;
  auto _zero_point = _o->zero_point;
  return vitro::schema::CreateStaticQuantise(
      _fbb,
      _src,
      _dst,
      _scale,
      _zero_point);
}

inline LookupT *UnPack(const Lookup &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<LookupT>(new LookupT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const Lookup &_table, LookupT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.src(); _o->src = _e; }
  { auto _e = _table.dst(); _o->dst = _e; }
  { auto _e = _table.table(); _o->table = _e; }
}

inline flatbuffers::Offset<Lookup> CreateLookup(flatbuffers::FlatBufferBuilder &_fbb, const LookupT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const LookupT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _src = _o->src;
  auto _dst = _o->dst;
  auto _table = _o->table;
  return vitro::schema::CreateLookup(
      _fbb,
      _src,
      _dst,
      _table);
}

inline StaticAddT *UnPack(const StaticAdd &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<StaticAddT>(new StaticAddT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const StaticAdd &_table, StaticAddT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.src(); _o->src = _e; }
  { auto _e = _table.addend(); _o->addend = _e; }
  { auto _e = _table.dst(); _o->dst = _e; }
  { auto _e = _table.scale(); _o->scale = _e; }
}

inline flatbuffers::Offset<StaticAdd> CreateStaticAdd(flatbuffers::FlatBufferBuilder &_fbb, const StaticAddT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const StaticAddT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _src = _o->src;
  auto _addend = _o->addend;
  auto _dst = _o->dst;
  auto _scale = _o->scale;
  return vitro::schema::CreateStaticAdd(
      _fbb,
      _src,
      _addend,
      _dst,
      _scale);
}

inline NormT *UnPack(const Norm &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<NormT>(new NormT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const Norm &_table, NormT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.src(); _o->src = _e; }
  { auto _e = _table.dst(); _o->dst = _e; }
  { auto _e = _table.epsilon(); _o->epsilon = _e; }
  { auto _e = _table.channels(); _o->channels = _e; }
}

inline flatbuffers::Offset<Norm> CreateNorm(flatbuffers::FlatBufferBuilder &_fbb, const NormT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const NormT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _src = _o->src;
  auto _dst = _o->dst;
  auto _epsilon = _o->epsilon;
  auto _channels = _o->channels;
  return vitro::schema::CreateNorm(
      _fbb,
      _src,
      _dst,
      _epsilon,
      _channels);
}

inline TransposeT *UnPack(const Transpose &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<TransposeT>(new TransposeT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const Transpose &_table, TransposeT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.src(); _o->src = _e; }
  { auto _e = _table.dst(); _o->dst = _e; }
}

inline flatbuffers::Offset<Transpose> CreateTranspose(flatbuffers::FlatBufferBuilder &_fbb, const TransposeT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const TransposeT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _src = _o->src;
  auto _dst = _o->dst;
  return vitro::schema::CreateTranspose(
      _fbb,
      _src,
      _dst);
}

inline AffineT *UnPack(const Affine &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<AffineT>(new AffineT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const Affine &_table, AffineT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.src(); _o->src = _e; }
  { auto _e = _table.dst(); _o->dst = _e; }
  { auto _e = _table.addend(); _o->addend = _e; }
  { auto _e = _table.channels(); _o->channels = _e; }
}

inline flatbuffers::Offset<Affine> CreateAffine(flatbuffers::FlatBufferBuilder &_fbb, const AffineT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const AffineT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _src = _o->src;
  auto _dst = _o->dst;
  auto _addend = _o->addend;
  auto _channels = _o->channels;
  return vitro::schema::CreateAffine(
      _fbb,
      _src,
      _dst,
      _addend,
      _channels);
}

inline MultiplyT *UnPack(const Multiply &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<MultiplyT>(new MultiplyT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const Multiply &_table, MultiplyT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.a(); _o->a = _e; }
  { auto _e = _table.b(); _o->b = _e; }
  { auto _e = _table.dst(); _o->dst = _e; }
  { auto _e = _table.scale(); _o->scale = _e; }
}

inline flatbuffers::Offset<Multiply> CreateMultiply(flatbuffers::FlatBufferBuilder &_fbb, const MultiplyT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const MultiplyT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _a = _o->a;
  auto _b = _o->b;
  auto _dst = _o->dst;
  auto _scale = _o->scale;
  return vitro::schema::CreateMultiply(
      _fbb,
      _a,
      _b,
      _dst,
      _scale);
}

inline BiasedAttentionT::BiasedAttentionT(const BiasedAttentionT &o)
      : attention((o.attention) ? new vitro::schema::AttentionT(*o.attention) : nullptr),
        bias(o.bias),
        bias_shift(o.bias_shift),
        has_regions(o.has_regions),
        regions(o.regions) {
}

inline BiasedAttentionT &BiasedAttentionT::operator=(BiasedAttentionT o) FLATBUFFERS_NOEXCEPT {
  std::swap(attention, o.attention);
  std::swap(bias, o.bias);
  std::swap(bias_shift, o.bias_shift);
  std::swap(has_regions, o.has_regions);
  std::swap(regions, o.regions);
  return *this;
}

inline BiasedAttentionT *UnPack(const BiasedAttention &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<BiasedAttentionT>(new BiasedAttentionT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const BiasedAttention &_table, BiasedAttentionT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.attention(); if (_e) _o->attention = std::unique_ptr<vitro::schema::AttentionT>(vitro::schema::UnPack(*_e, _resolver)); }
  { auto _e = _table.bias(); _o->bias = _e; }
  { auto _e = _table.bias_shift(); if (_e) { _o->bias_shift.resize(_e->size()); std::copy(_e->begin(), _e->end(), _o->bias_shift.begin()); } }
  { auto _e = _table.has_regions(); _o->has_regions = _e; }
  { auto _e = _table.regions(); _o->regions = _e; }
}

inline flatbuffers::Offset<BiasedAttention> CreateBiasedAttention(flatbuffers::FlatBufferBuilder &_fbb, const BiasedAttentionT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const BiasedAttentionT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _attention = _o->attention ? CreateAttention(_fbb, _o->attention.get(), _rehasher) : 0;
  auto _bias = _o->bias;
  auto _bias_shift = _o->bias_shift.size() ? _fbb.CreateVector(_o->bias_shift) : 0;
  auto _has_regions = _o->has_regions;
  auto _regions = _o->regions;
  return vitro::schema::CreateBiasedAttention(
      _fbb,
      _attention,
      _bias,
      _bias_shift,
      _has_regions,
      _regions);
}

inline GatherRowsT *UnPack(const GatherRows &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<GatherRowsT>(new GatherRowsT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const GatherRows &_table, GatherRowsT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.src(); _o->src = _e; }
  { auto _e = _table.dst(); _o->dst = _e; }
  { auto _e = _table.index(); _o->index = _e; }
}

inline flatbuffers::Offset<GatherRows> CreateGatherRows(flatbuffers::FlatBufferBuilder &_fbb, const GatherRowsT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const GatherRowsT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _src = _o->src;
  auto _dst = _o->dst;
  auto _index = _o->index;
  return vitro::schema::CreateGatherRows(
      _fbb,
      _src,
      _dst,
      _index);
}

inline HeadNormT *UnPack(const HeadNorm &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<HeadNormT>(new HeadNormT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const HeadNorm &_table, HeadNormT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.src(); _o->src = _e; }
  { auto _e = _table.dst(); _o->dst = _e; }
  { auto _e = _table.head_dim(); _o->head_dim = _e; }
  { auto _e = _table.epsilon(); _o->epsilon = _e; }
  { auto _e = _table.channels(); _o->channels = _e; }
}

inline flatbuffers::Offset<HeadNorm> CreateHeadNorm(flatbuffers::FlatBufferBuilder &_fbb, const HeadNormT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const HeadNormT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _src = _o->src;
  auto _dst = _o->dst;
  auto _head_dim = _o->head_dim;
  auto _epsilon = _o->epsilon;
  auto _channels = _o->channels;
  return vitro::schema::CreateHeadNorm(
      _fbb,
      _src,
      _dst,
      _head_dim,
      _epsilon,
      _channels);
}

inline RotatePairsT *UnPack(const RotatePairs &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<RotatePairsT>(new RotatePairsT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const RotatePairs &_table, RotatePairsT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.src(); _o->src = _e; }
  { auto _e = _table.dst(); _o->dst = _e; }
  { auto _e = _table.scale(); if (_e) { _o->scale.resize(_e->size()); for (flatbuffers::uoffset_t _i = 0; _i < _e->size(); _i++) { _o->scale[_i] = _e->Get(_i); } } }
  { auto _e = _table.turns(); _o->turns = _e; }
}

inline flatbuffers::Offset<RotatePairs> CreateRotatePairs(flatbuffers::FlatBufferBuilder &_fbb, const RotatePairsT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const RotatePairsT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _src = _o->src;
  auto _dst = _o->dst;
  auto _scale = _o->scale.size() ? _fbb.CreateVector(_o->scale) : 0;
  auto _turns = _o->turns;
  return vitro::schema::CreateRotatePairs(
      _fbb,
      _src,
      _dst,
      _scale,
      _turns);
}

inline StridedPatchesT *UnPack(const StridedPatches &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<StridedPatchesT>(new StridedPatchesT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const StridedPatches &_table, StridedPatchesT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.src(); _o->src = _e; }
  { auto _e = _table.dst(); _o->dst = _e; }
  { auto _e = _table.patch(); _o->patch = _e; }
  { auto _e = _table.stride(); _o->stride = _e; }
}

inline flatbuffers::Offset<StridedPatches> CreateStridedPatches(flatbuffers::FlatBufferBuilder &_fbb, const StridedPatchesT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const StridedPatchesT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _src = _o->src;
  auto _dst = _o->dst;
  auto _patch = _o->patch;
  auto _stride = _o->stride;
  return vitro::schema::CreateStridedPatches(
      _fbb,
      _src,
      _dst,
      _patch,
      _stride);
}

inline RolloutT *UnPack(const Rollout &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<RolloutT>(new RolloutT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const Rollout &_table, RolloutT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.v(); _o->v = _e; }
  { auto _e = _table.q(); _o->q = _e; }
  { auto _e = _table.k(); _o->k = _e; }
  { auto _e = _table.dst(); _o->dst = _e; }
  { auto _e = _table.score_scale(); if (_e) { _o->score_scale.resize(_e->size()); for (flatbuffers::uoffset_t _i = 0; _i < _e->size(); _i++) { _o->score_scale[_i] = _e->Get(_i); } } }
  { auto _e = _table.workspace(); _o->workspace = _e; }
}

inline flatbuffers::Offset<Rollout> CreateRollout(flatbuffers::FlatBufferBuilder &_fbb, const RolloutT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const RolloutT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _v = _o->v;
  auto _q = _o->q;
  auto _k = _o->k;
  auto _dst = _o->dst;
  auto _score_scale = _o->score_scale.size() ? _fbb.CreateVector(_o->score_scale) : 0;
  auto _workspace = _o->workspace;
  return vitro::schema::CreateRollout(
      _fbb,
      _v,
      _q,
      _k,
      _dst,
      _score_scale,
      _workspace);
}

inline ArgMaxT *UnPack(const ArgMax &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<ArgMaxT>(new ArgMaxT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const ArgMax &_table, ArgMaxT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.src(); _o->src = _e; }
  { auto _e = _table.dst(); _o->dst = _e; }
  { auto _e = _table.first(); _o->first = _e; }
}

inline flatbuffers::Offset<ArgMax> CreateArgMax(flatbuffers::FlatBufferBuilder &_fbb, const ArgMaxT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const ArgMaxT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _src = _o->src;
  auto _dst = _o->dst;
  auto _first = _o->first;
  return vitro::schema::CreateArgMax(
      _fbb,
      _src,
      _dst,
      _first);
}

inline PickRowsT *UnPack(const PickRows &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<PickRowsT>(new PickRowsT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const PickRows &_table, PickRowsT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.src(); _o->src = _e; }
  { auto _e = _table.index(); _o->index = _e; }
  { auto _e = _table.dst(); _o->dst = _e; }
  { auto _e = _table.leading(); _o->leading = _e; }
}

inline flatbuffers::Offset<PickRows> CreatePickRows(flatbuffers::FlatBufferBuilder &_fbb, const PickRowsT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const PickRowsT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _src = _o->src;
  auto _index = _o->index;
  auto _dst = _o->dst;
  auto _leading = _o->leading;
  return vitro::schema::CreatePickRows(
      _fbb,
      _src,
      _index,
      _dst,
      _leading);
}

inline OpT *UnPack(const Op &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<OpT>(new OpT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const Op &_table, OpT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.name(); if (_e) _o->name = std::string(_e->c_str(), _e->size()); }
  { auto _e = _table.args_type(); _o->args.type = _e; }
  { auto _e = _table.args(); if (_e) _o->args.value = vitro::schema::OpArgsUnion::UnPack(_e, _table.args_type(), _resolver); }
}

inline flatbuffers::Offset<Op> CreateOp(flatbuffers::FlatBufferBuilder &_fbb, const OpT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const OpT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _name = _o->name.empty() ? 0 : _fbb.CreateString(_o->name);
  auto _args_type = _o->args.type;
  auto _args = _o->args.Pack(_fbb);
  return vitro::schema::CreateOp(
      _fbb,
      _name,
      _args_type,
      _args);
}

inline StepT::StepT(const StepT &o)
      : name(o.name),
        rows(o.rows),
        tile_rows(o.tile_rows),
        scratch_offset(o.scratch_offset),
        scratch_bytes(o.scratch_bytes) {
  ops.reserve(o.ops.size());
  for (const auto &ops_ : o.ops) { ops.emplace_back((ops_) ? new vitro::schema::OpT(*ops_) : nullptr); }
}

inline StepT &StepT::operator=(StepT o) FLATBUFFERS_NOEXCEPT {
  std::swap(name, o.name);
  std::swap(rows, o.rows);
  std::swap(tile_rows, o.tile_rows);
  std::swap(scratch_offset, o.scratch_offset);
  std::swap(scratch_bytes, o.scratch_bytes);
  std::swap(ops, o.ops);
  return *this;
}

inline StepT *UnPack(const Step &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<StepT>(new StepT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const Step &_table, StepT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.name(); if (_e) _o->name = std::string(_e->c_str(), _e->size()); }
  { auto _e = _table.rows(); _o->rows = _e; }
  { auto _e = _table.tile_rows(); _o->tile_rows = _e; }
  { auto _e = _table.scratch_offset(); _o->scratch_offset = _e; }
  { auto _e = _table.scratch_bytes(); _o->scratch_bytes = _e; }
  { auto _e = _table.ops(); if (_e) { _o->ops.resize(_e->size()); for (flatbuffers::uoffset_t _i = 0; _i < _e->size(); _i++) { _o->ops[_i] = std::unique_ptr<vitro::schema::OpT>(vitro::schema::UnPack(*_e->Get(_i), _resolver)); } } }
}

inline flatbuffers::Offset<Step> CreateStep(flatbuffers::FlatBufferBuilder &_fbb, const StepT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const StepT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _name = _o->name.empty() ? 0 : _fbb.CreateString(_o->name);
  auto _rows = _o->rows;
  auto _tile_rows = _o->tile_rows;
  auto _scratch_offset = _o->scratch_offset;
  auto _scratch_bytes = _o->scratch_bytes;
  auto _ops = _fbb.CreateVector<flatbuffers::Offset<vitro::schema::Op>> (_o->ops.size(), [](size_t i, _VectorArgs *__va) { return CreateOp(*__va->__fbb, __va->__o->ops[i].get(), __va->__rehasher); }, &_va );
  return vitro::schema::CreateStep(
      _fbb,
      _name,
      _rows,
      _tile_rows,
      _scratch_offset,
      _scratch_bytes,
      _ops);
}

inline PreprocessingT *UnPack(const Preprocessing &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<PreprocessingT>(new PreprocessingT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const Preprocessing &_table, PreprocessingT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.image_size(); _o->image_size = _e; }
  { auto _e = _table.resize(); _o->resize = _e; }
  { auto _e = _table.filter(); _o->filter = _e; }
  { auto _e = _table.mean(); if (_e) { _o->mean.resize(_e->size()); for (flatbuffers::uoffset_t _i = 0; _i < _e->size(); _i++) { _o->mean[_i] = _e->Get(_i); } } }
  { auto _e = _table.std(); if (_e) { _o->std.resize(_e->size()); for (flatbuffers::uoffset_t _i = 0; _i < _e->size(); _i++) { _o->std[_i] = _e->Get(_i); } } }
  { auto _e = _table.mode(); _o->mode = _e; }
  { auto _e = _table.resize_width(); _o->resize_width = _e; }
  { auto _e = _table.resize_height(); _o->resize_height = _e; }
  { auto _e = _table.centring(); _o->centring = _e; }
  { auto _e = _table.fill(); if (_e) { _o->fill.resize(_e->size()); std::copy(_e->begin(), _e->end(), _o->fill.begin()); } }
  { auto _e = _table.orientation(); _o->orientation = _e; }
  { auto _e = _table.rescale(); _o->rescale = _e; }
  { auto _e = _table.passes(); _o->passes = _e; }
  { auto _e = _table.image_width(); _o->image_width = _e; }
  { auto _e = _table.image_height(); _o->image_height = _e; }
}

inline flatbuffers::Offset<Preprocessing> CreatePreprocessing(flatbuffers::FlatBufferBuilder &_fbb, const PreprocessingT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const PreprocessingT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _image_size = _o->image_size;
  auto _resize = _o->resize;
  auto _filter = _o->filter;
  auto _mean = _o->mean.size() ? _fbb.CreateVector(_o->mean) : 0;
  auto _std = _o->std.size() ? _fbb.CreateVector(_o->std) : 0;
  auto _mode = _o->mode;
  auto _resize_width = _o->resize_width;
  auto _resize_height = _o->resize_height;
  auto _centring = _o->centring;
  auto _fill = _o->fill.size() ? _fbb.CreateVector(_o->fill) : 0;
  auto _orientation = _o->orientation;
  auto _rescale = _o->rescale;
  auto _passes = _o->passes;
  auto _image_width = _o->image_width;
  auto _image_height = _o->image_height;
  return vitro::schema::CreatePreprocessing(
      _fbb,
      _image_size,
      _resize,
      _filter,
      _mean,
      _std,
      _mode,
      _resize_width,
      _resize_height,
      _centring,
      _fill,
      _orientation,
      _rescale,
      _passes,
      _image_width,
      _image_height);
}

inline SettingT *UnPack(const Setting &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<SettingT>(new SettingT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const Setting &_table, SettingT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.name(); if (_e) _o->name = std::string(_e->c_str(), _e->size()); }
  { auto _e = _table.value(); if (_e) _o->value = std::string(_e->c_str(), _e->size()); }
  { auto _e = _table.source(); if (_e) _o->source = std::string(_e->c_str(), _e->size()); }
}

inline flatbuffers::Offset<Setting> CreateSetting(flatbuffers::FlatBufferBuilder &_fbb, const SettingT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const SettingT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _name = _fbb.CreateString(_o->name);
  auto _value = _fbb.CreateString(_o->value);
  auto _source = _fbb.CreateString(_o->source);
  return vitro::schema::CreateSetting(
      _fbb,
      _name,
      _value,
      _source);
}

inline ProvenanceT::ProvenanceT(const ProvenanceT &o)
      : checkpoint(o.checkpoint),
        checkpoint_sha256(o.checkpoint_sha256),
        converter(o.converter),
        options(o.options),
        quantisation(o.quantisation),
        digest(o.digest) {
  settings.reserve(o.settings.size());
  for (const auto &settings_ : o.settings) { settings.emplace_back((settings_) ? new vitro::schema::SettingT(*settings_) : nullptr); }
}

inline ProvenanceT &ProvenanceT::operator=(ProvenanceT o) FLATBUFFERS_NOEXCEPT {
  std::swap(checkpoint, o.checkpoint);
  std::swap(checkpoint_sha256, o.checkpoint_sha256);
  std::swap(converter, o.converter);
  std::swap(options, o.options);
  std::swap(quantisation, o.quantisation);
  std::swap(settings, o.settings);
  std::swap(digest, o.digest);
  return *this;
}

inline ProvenanceT *UnPack(const Provenance &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<ProvenanceT>(new ProvenanceT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const Provenance &_table, ProvenanceT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.checkpoint(); if (_e) _o->checkpoint = std::string(_e->c_str(), _e->size()); }
  { auto _e = _table.checkpoint_sha256(); if (_e) _o->checkpoint_sha256 = std::string(_e->c_str(), _e->size()); }
  { auto _e = _table.converter(); if (_e) _o->converter = std::string(_e->c_str(), _e->size()); }
  { auto _e = _table.options(); if (_e) _o->options = std::string(_e->c_str(), _e->size()); }
  { auto _e = _table.quantisation(); if (_e) _o->quantisation = std::string(_e->c_str(), _e->size()); }
  { auto _e = _table.settings(); if (_e) { _o->settings.resize(_e->size()); for (flatbuffers::uoffset_t _i = 0; _i < _e->size(); _i++) { _o->settings[_i] = std::unique_ptr<vitro::schema::SettingT>(vitro::schema::UnPack(*_e->Get(_i), _resolver)); } } }
  { auto _e = _table.digest(); _o->digest = _e; }
}

inline flatbuffers::Offset<Provenance> CreateProvenance(flatbuffers::FlatBufferBuilder &_fbb, const ProvenanceT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const ProvenanceT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _checkpoint = _o->checkpoint.empty() ? 0 : _fbb.CreateString(_o->checkpoint);
  auto _checkpoint_sha256 = _o->checkpoint_sha256.empty() ? 0 : _fbb.CreateString(_o->checkpoint_sha256);
  auto _converter = _o->converter.empty() ? 0 : _fbb.CreateString(_o->converter);
  auto _options = _o->options.empty() ? 0 : _fbb.CreateString(_o->options);
  auto _quantisation = _o->quantisation.empty() ? 0 : _fbb.CreateString(_o->quantisation);
  auto _settings = _o->settings.size() ? _fbb.CreateVector<flatbuffers::Offset<vitro::schema::Setting>> (_o->settings.size(), [](size_t i, _VectorArgs *__va) { return CreateSetting(*__va->__fbb, __va->__o->settings[i].get(), __va->__rehasher); }, &_va ) : 0;
  auto _digest = _o->digest;
  return vitro::schema::CreateProvenance(
      _fbb,
      _checkpoint,
      _checkpoint_sha256,
      _converter,
      _options,
      _quantisation,
      _settings,
      _digest);
}

inline GoldenT *UnPack(const Golden &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<GoldenT>(new GoldenT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const Golden &_table, GoldenT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.seed(); _o->seed = _e; }
  { auto _e = _table.logits(); if (_e) { _o->logits.resize(_e->size()); for (flatbuffers::uoffset_t _i = 0; _i < _e->size(); _i++) { _o->logits[_i] = _e->Get(_i); } } }
  { auto _e = _table.digests(); if (_e) { _o->digests.resize(_e->size()); for (flatbuffers::uoffset_t _i = 0; _i < _e->size(); _i++) { _o->digests[_i] = _e->Get(_i); } } }
}

inline flatbuffers::Offset<Golden> CreateGolden(flatbuffers::FlatBufferBuilder &_fbb, const GoldenT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const GoldenT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _seed = _o->seed;
  auto _logits = _fbb.CreateVector(_o->logits);
  auto _digests = _o->digests.size() ? _fbb.CreateVector(_o->digests) : 0;
  return vitro::schema::CreateGolden(
      _fbb,
      _seed,
      _logits,
      _digests);
}

inline OutputT *UnPack(const Output &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<OutputT>(new OutputT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const Output &_table, OutputT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.name(); if (_e) _o->name = std::string(_e->c_str(), _e->size()); }
  { auto _e = _table.kind(); _o->kind = _e; }
  { auto _e = _table.tensor(); _o->tensor = _e; }
}

inline flatbuffers::Offset<Output> CreateOutput(flatbuffers::FlatBufferBuilder &_fbb, const OutputT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const OutputT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _name = _fbb.CreateString(_o->name);
  auto _kind = _o->kind;
  auto _tensor = _o->tensor;
  return vitro::schema::CreateOutput(
      _fbb,
      _name,
      _kind,
      _tensor);
}

inline ProgramT::ProgramT(const ProgramT &o)
      : version(o.version),
        input(o.input),
        output(o.output),
        residual_scale(o.residual_scale),
        preprocessing((o.preprocessing) ? new vitro::schema::PreprocessingT(*o.preprocessing) : nullptr),
        labels(o.labels),
        provenance((o.provenance) ? new vitro::schema::ProvenanceT(*o.provenance) : nullptr),
        constants(o.constants),
        digest((o.digest) ? new vitro::schema::Digest(*o.digest) : nullptr) {
  tensors.reserve(o.tensors.size());
  for (const auto &tensors_ : o.tensors) { tensors.emplace_back((tensors_) ? new vitro::schema::TensorT(*tensors_) : nullptr); }
  steps.reserve(o.steps.size());
  for (const auto &steps_ : o.steps) { steps.emplace_back((steps_) ? new vitro::schema::StepT(*steps_) : nullptr); }
  golden.reserve(o.golden.size());
  for (const auto &golden_ : o.golden) { golden.emplace_back((golden_) ? new vitro::schema::GoldenT(*golden_) : nullptr); }
  outputs.reserve(o.outputs.size());
  for (const auto &outputs_ : o.outputs) { outputs.emplace_back((outputs_) ? new vitro::schema::OutputT(*outputs_) : nullptr); }
}

inline ProgramT &ProgramT::operator=(ProgramT o) FLATBUFFERS_NOEXCEPT {
  std::swap(version, o.version);
  std::swap(tensors, o.tensors);
  std::swap(steps, o.steps);
  std::swap(input, o.input);
  std::swap(output, o.output);
  std::swap(residual_scale, o.residual_scale);
  std::swap(preprocessing, o.preprocessing);
  std::swap(labels, o.labels);
  std::swap(golden, o.golden);
  std::swap(provenance, o.provenance);
  std::swap(constants, o.constants);
  std::swap(outputs, o.outputs);
  std::swap(digest, o.digest);
  return *this;
}

inline ProgramT *UnPack(const Program &_table, const flatbuffers::resolver_function_t *_resolver) {
  auto _o = std::unique_ptr<ProgramT>(new ProgramT());
  UnPackTo(_table, _o.get(), _resolver);
  return _o.release();
}

inline void UnPackTo(const Program &_table, ProgramT *_o, const flatbuffers::resolver_function_t *_resolver) {
  (void)_table;
  (void)_o;
  (void)_resolver;
  { auto _e = _table.version(); _o->version = _e; }
  { auto _e = _table.tensors(); if (_e) { _o->tensors.resize(_e->size()); for (flatbuffers::uoffset_t _i = 0; _i < _e->size(); _i++) { _o->tensors[_i] = std::unique_ptr<vitro::schema::TensorT>(vitro::schema::UnPack(*_e->Get(_i), _resolver)); } } }
  { auto _e = _table.steps(); if (_e) { _o->steps.resize(_e->size()); for (flatbuffers::uoffset_t _i = 0; _i < _e->size(); _i++) { _o->steps[_i] = std::unique_ptr<vitro::schema::StepT>(vitro::schema::UnPack(*_e->Get(_i), _resolver)); } } }
  { auto _e = _table.input(); _o->input = _e; }
  { auto _e = _table.output(); _o->output = _e; }
  { auto _e = _table.residual_scale(); _o->residual_scale = _e; }
  { auto _e = _table.preprocessing(); if (_e) _o->preprocessing = std::unique_ptr<vitro::schema::PreprocessingT>(vitro::schema::UnPack(*_e, _resolver)); }
  { auto _e = _table.labels(); if (_e) { _o->labels.resize(_e->size()); for (flatbuffers::uoffset_t _i = 0; _i < _e->size(); _i++) { _o->labels[_i] = std::string(_e->Get(_i)->c_str(), _e->Get(_i)->size()); } } }
  { auto _e = _table.golden(); if (_e) { _o->golden.resize(_e->size()); for (flatbuffers::uoffset_t _i = 0; _i < _e->size(); _i++) { _o->golden[_i] = std::unique_ptr<vitro::schema::GoldenT>(vitro::schema::UnPack(*_e->Get(_i), _resolver)); } } }
  { auto _e = _table.provenance(); if (_e) _o->provenance = std::unique_ptr<vitro::schema::ProvenanceT>(vitro::schema::UnPack(*_e, _resolver)); }
  { auto _e = _table.constants(); if (_e) { _o->constants.resize(_e->size()); std::copy(_e->begin(), _e->end(), _o->constants.begin()); } }
  { auto _e = _table.outputs(); if (_e) { _o->outputs.resize(_e->size()); for (flatbuffers::uoffset_t _i = 0; _i < _e->size(); _i++) { _o->outputs[_i] = std::unique_ptr<vitro::schema::OutputT>(vitro::schema::UnPack(*_e->Get(_i), _resolver)); } } }
  { auto _e = _table.digest(); if (_e) _o->digest = std::unique_ptr<vitro::schema::Digest>(new vitro::schema::Digest(*_e)); }
}

inline flatbuffers::Offset<Program> CreateProgram(flatbuffers::FlatBufferBuilder &_fbb, const ProgramT *_o, const flatbuffers::rehasher_function_t *_rehasher) {
  (void)_rehasher;
  (void)_o;
  struct _VectorArgs { flatbuffers::FlatBufferBuilder *__fbb; const ProgramT* __o; const flatbuffers::rehasher_function_t *__rehasher; } _va = { &_fbb, _o, _rehasher}; (void)_va;
  auto _version = _o->version;
  auto _tensors = _fbb.CreateVector<flatbuffers::Offset<vitro::schema::Tensor>> (_o->tensors.size(), [](size_t i, _VectorArgs *__va) { return CreateTensor(*__va->__fbb, __va->__o->tensors[i].get(), __va->__rehasher); }, &_va );
  auto _steps = _fbb.CreateVector<flatbuffers::Offset<vitro::schema::Step>> (_o->steps.size(), [](size_t i, _VectorArgs *__va) { return CreateStep(*__va->__fbb, __va->__o->steps[i].get(), __va->__rehasher); }, &_va );
  auto _input = _o->input;
  auto _output = _o->output;
  auto _residual_scale = _o->residual_scale;
  auto _preprocessing = _o->preprocessing ? CreatePreprocessing(_fbb, _o->preprocessing.get(), _rehasher) : 0;
  auto _labels = _o->labels.size() ? _fbb.CreateVectorOfStrings(_o->labels) : 0;
  auto _golden = _fbb.CreateVector<flatbuffers::Offset<vitro::schema::Golden>> (_o->golden.size(), [](size_t i, _VectorArgs *__va) { return CreateGolden(*__va->__fbb, __va->__o->golden[i].get(), __va->__rehasher); }, &_va );
  auto _provenance = _o->provenance ? CreateProvenance(_fbb, _o->provenance.get(), _rehasher) : 0;
  _fbb.ForceVectorAlignment(_o->constants.size(), sizeof(uint8_t), 64);
  auto _constants = _fbb.CreateVector(_o->constants);
  auto _outputs = _o->outputs.size() ? _fbb.CreateVector<flatbuffers::Offset<vitro::schema::Output>> (_o->outputs.size(), [](size_t i, _VectorArgs *__va) { return CreateOutput(*__va->__fbb, __va->__o->outputs[i].get(), __va->__rehasher); }, &_va ) : 0;
  auto _digest = _o->digest ? _o->digest.get() : nullptr;
  return vitro::schema::CreateProgram(
      _fbb,
      _version,
      _tensors,
      _steps,
      _input,
      _output,
      _residual_scale,
      _preprocessing,
      _labels,
      _golden,
      _provenance,
      _constants,
      _outputs,
      _digest);
}

inline void *OpArgsUnion::UnPack(const void *obj, OpArgs type, const flatbuffers::resolver_function_t *resolver) {
  (void)resolver;
  switch (type) {
    case OpArgs::PatchRows: {
      auto ptr = reinterpret_cast<const vitro::schema::PatchRows *>(obj);
      return vitro::schema::UnPack(*ptr, resolver);
    }
    case OpArgs::Copy: {
      auto ptr = reinterpret_cast<const vitro::schema::Copy *>(obj);
      return vitro::schema::UnPack(*ptr, resolver);
    }
    case OpArgs::LayerNorm: {
      auto ptr = reinterpret_cast<const vitro::schema::LayerNorm *>(obj);
      return vitro::schema::UnPack(*ptr, resolver);
    }
    case OpArgs::QuantiseRows: {
      auto ptr = reinterpret_cast<const vitro::schema::QuantiseRows *>(obj);
      return vitro::schema::UnPack(*ptr, resolver);
    }
    case OpArgs::Linear: {
      auto ptr = reinterpret_cast<const vitro::schema::Linear *>(obj);
      return vitro::schema::UnPack(*ptr, resolver);
    }
    case OpArgs::Attention: {
      auto ptr = reinterpret_cast<const vitro::schema::Attention *>(obj);
      return vitro::schema::UnPack(*ptr, resolver);
    }
    case OpArgs::MeanRows: {
      auto ptr = reinterpret_cast<const vitro::schema::MeanRows *>(obj);
      return vitro::schema::UnPack(*ptr, resolver);
    }
    case OpArgs::StaticNorm: {
      auto ptr = reinterpret_cast<const vitro::schema::StaticNorm *>(obj);
      return vitro::schema::UnPack(*ptr, resolver);
    }
    case OpArgs::StaticQuantise: {
      auto ptr = reinterpret_cast<const vitro::schema::StaticQuantise *>(obj);
      return vitro::schema::UnPack(*ptr, resolver);
    }
    case OpArgs::Lookup: {
      auto ptr = reinterpret_cast<const vitro::schema::Lookup *>(obj);
      return vitro::schema::UnPack(*ptr, resolver);
    }
    case OpArgs::StaticAdd: {
      auto ptr = reinterpret_cast<const vitro::schema::StaticAdd *>(obj);
      return vitro::schema::UnPack(*ptr, resolver);
    }
    case OpArgs::Norm: {
      auto ptr = reinterpret_cast<const vitro::schema::Norm *>(obj);
      return vitro::schema::UnPack(*ptr, resolver);
    }
    case OpArgs::Transpose: {
      auto ptr = reinterpret_cast<const vitro::schema::Transpose *>(obj);
      return vitro::schema::UnPack(*ptr, resolver);
    }
    case OpArgs::Affine: {
      auto ptr = reinterpret_cast<const vitro::schema::Affine *>(obj);
      return vitro::schema::UnPack(*ptr, resolver);
    }
    case OpArgs::Multiply: {
      auto ptr = reinterpret_cast<const vitro::schema::Multiply *>(obj);
      return vitro::schema::UnPack(*ptr, resolver);
    }
    case OpArgs::BiasedAttention: {
      auto ptr = reinterpret_cast<const vitro::schema::BiasedAttention *>(obj);
      return vitro::schema::UnPack(*ptr, resolver);
    }
    case OpArgs::GatherRows: {
      auto ptr = reinterpret_cast<const vitro::schema::GatherRows *>(obj);
      return vitro::schema::UnPack(*ptr, resolver);
    }
    case OpArgs::HeadNorm: {
      auto ptr = reinterpret_cast<const vitro::schema::HeadNorm *>(obj);
      return vitro::schema::UnPack(*ptr, resolver);
    }
    case OpArgs::RotatePairs: {
      auto ptr = reinterpret_cast<const vitro::schema::RotatePairs *>(obj);
      return vitro::schema::UnPack(*ptr, resolver);
    }
    case OpArgs::StridedPatches: {
      auto ptr = reinterpret_cast<const vitro::schema::StridedPatches *>(obj);
      return vitro::schema::UnPack(*ptr, resolver);
    }
    case OpArgs::Rollout: {
      auto ptr = reinterpret_cast<const vitro::schema::Rollout *>(obj);
      return vitro::schema::UnPack(*ptr, resolver);
    }
    case OpArgs::ArgMax: {
      auto ptr = reinterpret_cast<const vitro::schema::ArgMax *>(obj);
      return vitro::schema::UnPack(*ptr, resolver);
    }
    case OpArgs::PickRows: {
      auto ptr = reinterpret_cast<const vitro::schema::PickRows *>(obj);
      return vitro::schema::UnPack(*ptr, resolver);
    }
    default: return nullptr;
  }
}

inline flatbuffers::Offset<void> OpArgsUnion::Pack(flatbuffers::FlatBufferBuilder &_fbb, const flatbuffers::rehasher_function_t *_rehasher) const {
  (void)_rehasher;
  switch (type) {
    case OpArgs::PatchRows: {
      auto ptr = reinterpret_cast<const vitro::schema::PatchRowsT *>(value);
      return CreatePatchRows(_fbb, ptr, _rehasher).Union();
    }
    case OpArgs::Copy: {
      auto ptr = reinterpret_cast<const vitro::schema::CopyT *>(value);
      return CreateCopy(_fbb, ptr, _rehasher).Union();
    }
    case OpArgs::LayerNorm: {
      auto ptr = reinterpret_cast<const vitro::schema::LayerNormT *>(value);
      return CreateLayerNorm(_fbb, ptr, _rehasher).Union();
    }
    case OpArgs::QuantiseRows: {
      auto ptr = reinterpret_cast<const vitro::schema::QuantiseRowsT *>(value);
      return CreateQuantiseRows(_fbb, ptr, _rehasher).Union();
    }
    case OpArgs::Linear: {
      auto ptr = reinterpret_cast<const vitro::schema::LinearT *>(value);
      return CreateLinear(_fbb, ptr, _rehasher).Union();
    }
    case OpArgs::Attention: {
      auto ptr = reinterpret_cast<const vitro::schema::AttentionT *>(value);
      return CreateAttention(_fbb, ptr, _rehasher).Union();
    }
    case OpArgs::MeanRows: {
      auto ptr = reinterpret_cast<const vitro::schema::MeanRowsT *>(value);
      return CreateMeanRows(_fbb, ptr, _rehasher).Union();
    }
    case OpArgs::StaticNorm: {
      auto ptr = reinterpret_cast<const vitro::schema::StaticNormT *>(value);
      return CreateStaticNorm(_fbb, ptr, _rehasher).Union();
    }
    case OpArgs::StaticQuantise: {
      auto ptr = reinterpret_cast<const vitro::schema::StaticQuantiseT *>(value);
      return CreateStaticQuantise(_fbb, ptr, _rehasher).Union();
    }
    case OpArgs::Lookup: {
      auto ptr = reinterpret_cast<const vitro::schema::LookupT *>(value);
      return CreateLookup(_fbb, ptr, _rehasher).Union();
    }
    case OpArgs::StaticAdd: {
      auto ptr = reinterpret_cast<const vitro::schema::StaticAddT *>(value);
      return CreateStaticAdd(_fbb, ptr, _rehasher).Union();
    }
    case OpArgs::Norm: {
      auto ptr = reinterpret_cast<const vitro::schema::NormT *>(value);
      return CreateNorm(_fbb, ptr, _rehasher).Union();
    }
    case OpArgs::Transpose: {
      auto ptr = reinterpret_cast<const vitro::schema::TransposeT *>(value);
      return CreateTranspose(_fbb, ptr, _rehasher).Union();
    }
    case OpArgs::Affine: {
      auto ptr = reinterpret_cast<const vitro::schema::AffineT *>(value);
      return CreateAffine(_fbb, ptr, _rehasher).Union();
    }
    case OpArgs::Multiply: {
      auto ptr = reinterpret_cast<const vitro::schema::MultiplyT *>(value);
      return CreateMultiply(_fbb, ptr, _rehasher).Union();
    }
    case OpArgs::BiasedAttention: {
      auto ptr = reinterpret_cast<const vitro::schema::BiasedAttentionT *>(value);
      return CreateBiasedAttention(_fbb, ptr, _rehasher).Union();
    }
    case OpArgs::GatherRows: {
      auto ptr = reinterpret_cast<const vitro::schema::GatherRowsT *>(value);
      return CreateGatherRows(_fbb, ptr, _rehasher).Union();
    }
    case OpArgs::HeadNorm: {
      auto ptr = reinterpret_cast<const vitro::schema::HeadNormT *>(value);
      return CreateHeadNorm(_fbb, ptr, _rehasher).Union();
    }
    case OpArgs::RotatePairs: {
      auto ptr = reinterpret_cast<const vitro::schema::RotatePairsT *>(value);
      return CreateRotatePairs(_fbb, ptr, _rehasher).Union();
    }
    case OpArgs::StridedPatches: {
      auto ptr = reinterpret_cast<const vitro::schema::StridedPatchesT *>(value);
      return CreateStridedPatches(_fbb, ptr, _rehasher).Union();
    }
    case OpArgs::Rollout: {
      auto ptr = reinterpret_cast<const vitro::schema::RolloutT *>(value);
      return CreateRollout(_fbb, ptr, _rehasher).Union();
    }
    case OpArgs::ArgMax: {
      auto ptr = reinterpret_cast<const vitro::schema::ArgMaxT *>(value);
      return CreateArgMax(_fbb, ptr, _rehasher).Union();
    }
    case OpArgs::PickRows: {
      auto ptr = reinterpret_cast<const vitro::schema::PickRowsT *>(value);
      return CreatePickRows(_fbb, ptr, _rehasher).Union();
    }
    default: return 0;
  }
}

inline OpArgsUnion::OpArgsUnion(const OpArgsUnion &u) : type(u.type), value(nullptr) {
  switch (type) {
    case OpArgs::PatchRows: {
      value = new vitro::schema::PatchRowsT(*reinterpret_cast<vitro::schema::PatchRowsT *>(u.value));
      break;
    }
    case OpArgs::Copy: {
      value = new vitro::schema::CopyT(*reinterpret_cast<vitro::schema::CopyT *>(u.value));
      break;
    }
    case OpArgs::LayerNorm: {
      value = new vitro::schema::LayerNormT(*reinterpret_cast<vitro::schema::LayerNormT *>(u.value));
      break;
    }
    case OpArgs::QuantiseRows: {
      value = new vitro::schema::QuantiseRowsT(*reinterpret_cast<vitro::schema::QuantiseRowsT *>(u.value));
      break;
    }
    case OpArgs::Linear: {
      value = new vitro::schema::LinearT(*reinterpret_cast<vitro::schema::LinearT *>(u.value));
      break;
    }
    case OpArgs::Attention: {
      value = new vitro::schema::AttentionT(*reinterpret_cast<vitro::schema::AttentionT *>(u.value));
      break;
    }
    case OpArgs::MeanRows: {
      value = new vitro::schema::MeanRowsT(*reinterpret_cast<vitro::schema::MeanRowsT *>(u.value));
      break;
    }
    case OpArgs::StaticNorm: {
      value = new vitro::schema::StaticNormT(*reinterpret_cast<vitro::schema::StaticNormT *>(u.value));
      break;
    }
    case OpArgs::StaticQuantise: {
      value = new vitro::schema::StaticQuantiseT(*reinterpret_cast<vitro::schema::StaticQuantiseT *>(u.value));
      break;
    }
    case OpArgs::Lookup: {
      value = new vitro::schema::LookupT(*reinterpret_cast<vitro::schema::LookupT *>(u.value));
      break;
    }
    case OpArgs::StaticAdd: {
      value = new vitro::schema::StaticAddT(*reinterpret_cast<vitro::schema::StaticAddT *>(u.value));
      break;
    }
    case OpArgs::Norm: {
      value = new vitro::schema::NormT(*reinterpret_cast<vitro::schema::NormT *>(u.value));
      break;
    }
    case OpArgs::Transpose: {
      value = new vitro::schema::TransposeT(*reinterpret_cast<vitro::schema::TransposeT *>(u.value));
      break;
    }
    case OpArgs::Affine: {
      value = new vitro::schema::AffineT(*reinterpret_cast<vitro::schema::AffineT *>(u.value));
      break;
    }
    case OpArgs::Multiply: {
      value = new vitro::schema::MultiplyT(*reinterpret_cast<vitro::schema::MultiplyT *>(u.value));
      break;
    }
    case OpArgs::BiasedAttention: {
      value = new vitro::schema::BiasedAttentionT(*reinterpret_cast<vitro::schema::BiasedAttentionT *>(u.value));
      break;
    }
    case OpArgs::GatherRows: {
      value = new vitro::schema::GatherRowsT(*reinterpret_cast<vitro::schema::GatherRowsT *>(u.value));
      break;
    }
    case OpArgs::HeadNorm: {
      value = new vitro::schema::HeadNormT(*reinterpret_cast<vitro::schema::HeadNormT *>(u.value));
      break;
    }
    case OpArgs::RotatePairs: {
      value = new vitro::schema::RotatePairsT(*reinterpret_cast<vitro::schema::RotatePairsT *>(u.value));
      break;
    }
    case OpArgs::StridedPatches: {
      value = new vitro::schema::StridedPatchesT(*reinterpret_cast<vitro::schema::StridedPatchesT *>(u.value));
      break;
    }
    case OpArgs::Rollout: {
      value = new vitro::schema::RolloutT(*reinterpret_cast<vitro::schema::RolloutT *>(u.value));
      break;
    }
    case OpArgs::ArgMax: {
      value = new vitro::schema::ArgMaxT(*reinterpret_cast<vitro::schema::ArgMaxT *>(u.value));
      break;
    }
    case OpArgs::PickRows: {
      value = new vitro::schema::PickRowsT(*reinterpret_cast<vitro::schema::PickRowsT *>(u.value));
      break;
    }
    default:
      break;
  }
}

inline void OpArgsUnion::Reset() {
  switch (type) {
    case OpArgs::PatchRows: {
      auto ptr = reinterpret_cast<vitro::schema::PatchRowsT *>(value);
      delete ptr;
      break;
    }
    case OpArgs::Copy: {
      auto ptr = reinterpret_cast<vitro::schema::CopyT *>(value);
      delete ptr;
      break;
    }
    case OpArgs::LayerNorm: {
      auto ptr = reinterpret_cast<vitro::schema::LayerNormT *>(value);
      delete ptr;
      break;
    }
    case OpArgs::QuantiseRows: {
      auto ptr = reinterpret_cast<vitro::schema::QuantiseRowsT *>(value);
      delete ptr;
      break;
    }
    case OpArgs::Linear: {
      auto ptr = reinterpret_cast<vitro::schema::LinearT *>(value);
      delete ptr;
      break;
    }
    case OpArgs::Attention: {
      auto ptr = reinterpret_cast<vitro::schema::AttentionT *>(value);
      delete ptr;
      break;
    }
    case OpArgs::MeanRows: {
      auto ptr = reinterpret_cast<vitro::schema::MeanRowsT *>(value);
      delete ptr;
      break;
    }
    case OpArgs::StaticNorm: {
      auto ptr = reinterpret_cast<vitro::schema::StaticNormT *>(value);
      delete ptr;
      break;
    }
    case OpArgs::StaticQuantise: {
      auto ptr = reinterpret_cast<vitro::schema::StaticQuantiseT *>(value);
      delete ptr;
      break;
    }
    case OpArgs::Lookup: {
      auto ptr = reinterpret_cast<vitro::schema::LookupT *>(value);
      delete ptr;
      break;
    }
    case OpArgs::StaticAdd: {
      auto ptr = reinterpret_cast<vitro::schema::StaticAddT *>(value);
      delete ptr;
      break;
    }
    case OpArgs::Norm: {
      auto ptr = reinterpret_cast<vitro::schema::NormT *>(value);
      delete ptr;
      break;
    }
    case OpArgs::Transpose: {
      auto ptr = reinterpret_cast<vitro::schema::TransposeT *>(value);
      delete ptr;
      break;
    }
    case OpArgs::Affine: {
      auto ptr = reinterpret_cast<vitro::schema::AffineT *>(value);
      delete ptr;
      break;
    }
    case OpArgs::Multiply: {
      auto ptr = reinterpret_cast<vitro::schema::MultiplyT *>(value);
      delete ptr;
      break;
    }
    case OpArgs::BiasedAttention: {
      auto ptr = reinterpret_cast<vitro::schema::BiasedAttentionT *>(value);
      delete ptr;
      break;
    }
    case OpArgs::GatherRows: {
      auto ptr = reinterpret_cast<vitro::schema::GatherRowsT *>(value);
      delete ptr;
      break;
    }
    case OpArgs::HeadNorm: {
      auto ptr = reinterpret_cast<vitro::schema::HeadNormT *>(value);
      delete ptr;
      break;
    }
    case OpArgs::RotatePairs: {
      auto ptr = reinterpret_cast<vitro::schema::RotatePairsT *>(value);
      delete ptr;
      break;
    }
    case OpArgs::StridedPatches: {
      auto ptr = reinterpret_cast<vitro::schema::StridedPatchesT *>(value);
      delete ptr;
      break;
    }
    case OpArgs::Rollout: {
      auto ptr = reinterpret_cast<vitro::schema::RolloutT *>(value);
      delete ptr;
      break;
    }
    case OpArgs::ArgMax: {
      auto ptr = reinterpret_cast<vitro::schema::ArgMaxT *>(value);
      delete ptr;
      break;
    }
    case OpArgs::PickRows: {
      auto ptr = reinterpret_cast<vitro::schema::PickRowsT *>(value);
      delete ptr;
      break;
    }
    default: break;
  }
  value = nullptr;
  type = OpArgs::NONE;
}

}  // namespace schema
}  // namespace vitro

// SPDX-License-Identifier: Apache-2.0
// The spellings of a ViT's tensors: the same weights give the same program in each spelling, and
// refusals say what the file is.
#include "models/vit/names.h"

#include <filesystem>
#include <functional>
#include <set>

#include <gtest/gtest.h>

#include "converter/base/error.h"
#include "converter/convert.h"
#include "models/families.h"
#include "models/vit/biases.h"
#include "models/vit/vit.h"
#include "runtime/core/golden.h"
#include "tests/support/spellings.h"

namespace vitro {

using namespace converter;

namespace {

std::map<std::string, TensorView> vit_tensors(const Checkpoint& checkpoint,
                                              NamesReport* report = nullptr) {
  return canonical_tensors(checkpoint, vit::naming(), report);
}
std::string vit_name(const std::string& name) { return canonical_name(vit::naming(), name); }

void expect_same(const std::map<std::string, TensorView>& a,
                 const std::map<std::string, TensorView>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [name, view] : a) {
    const auto other = b.find(name);
    ASSERT_NE(other, b.end()) << name;
    ASSERT_EQ(other->second.shape, view.shape) << name;
    size_t elements = 1;
    for (const size_t n : view.shape) elements *= n;
    ASSERT_TRUE(std::equal(view.data, view.data + elements, other->second.data)) << name;
  }
}

TEST(Names, EverySpellingGivesTheSameTensors) {
  RandomVit plain, distilled, pooled, scaled;
  plain.heads = 2;
  distilled.distillation = true;
  pooled.mean_pooling = true, pooled.class_token = false;
  scaled.layer_scale = true, scaled.depth = 11;
  for (const RandomVit& vit : {plain, distilled, pooled, scaled}) {
    const std::vector<Spelled> all = spellings_of(vit);
    const std::map<std::string, TensorView> timm = vit_tensors(all[0].checkpoint);
    for (const Spelled& spelled : all) {
      SCOPED_TRACE(spelled.name);
      NamesReport report;
      expect_same(timm, vit_tensors(spelled.checkpoint, &report));
      EXPECT_TRUE(report.ignored.empty() && report.chosen.empty());
      EXPECT_EQ(report.head, spelled.name == "head in a sequence" ? "top.1.weight" : "");
      EXPECT_EQ(report.heads, report.spelling == "JAX" ? 2u : 0u);
    }
  }
}

TEST(Names, TenSpellingsAreOneProgram) {
  std::set<std::string> programs;
  size_t count = 0;
  RandomVit vit;
  vit.heads = 2, vit.dim = 32;
  for (Spelled& spelled : spellings_of(vit)) {
    spelled.checkpoint.path = "the same", spelled.checkpoint.sha256 = std::string(64, '0');
    vit::VitOptions options;
    options.heads = 2;
    const Graph graph = vit::build_vit(spelled.checkpoint, options);
    Pictures pictures(3, std::vector<uint8_t>(16 * 16 * 3));
    for (size_t i = 0; i < pictures.size(); ++i)
      golden_picture(static_cast<uint32_t>(i + 1), pictures[i].data(), pictures[i].size());
    const ConvertResult result = convert(spelled.checkpoint, graph, pictures, {}, nullptr);
    programs.emplace(reinterpret_cast<const char*>(result.file.data()), result.file.size());
    ++count;
  }
  EXPECT_GE(count, 20u);
  EXPECT_EQ(programs.size(), 1u);
}

TEST(Names, PrefixAndSpellingAreReported) {
  NamesReport report;
  vit_tensors(with_prefix(make_checkpoint({}), "module._orig_mod."), &report);
  EXPECT_EQ(report.prefix, "module._orig_mod.");
  EXPECT_EQ(report.spelling, "timm");
}

TEST(Names, OneNameInAnySpelling) {
  EXPECT_EQ(vit_name("blocks.3.attn.qkv.weight"), "blocks.3.attn.qkv.weight");
  EXPECT_EQ(vit_name("encoder.layer.3.attention.attention.query.weight"), "blocks.3.attn.q.weight");
  EXPECT_EQ(vit_name("layers.3.attention.o_proj.bias"), "blocks.3.attn.proj.bias");
  EXPECT_EQ(vit_name("encoder.layers.encoder_layer_3.self_attention.in_proj_weight"),
            "blocks.3.attn.qkv.weight");
  EXPECT_EQ(vit_name("classifier.weight"), "head.weight");
  EXPECT_EQ(vit_name("register_tokens"), "reg_token");
  EXPECT_EQ(vit_name("blocks."), "");
  EXPECT_EQ(vit_name("blocks.3"), "");
  EXPECT_EQ(vit_name("blocks.03.attn.qkv.weight"), "");
  EXPECT_EQ(vit_name("blocks.12345.attn.qkv.weight"), "");
  EXPECT_EQ(vit_name("nonsense"), "");
}

const CheckpointTensor kAny{{2}, {0, 0}};

TEST(Names, LeftoversAreIgnoredAndNamed) {
  const std::vector<std::string> leftovers{"pooler.dense.weight",
                                           "pooler.dense.bias",
                                           "mask_token",
                                           "decoder_pos_embed",
                                           "decoder_blocks.0.norm1.weight",
                                           "decoder_pred.bias",
                                           "criterion.weight",
                                           "head.mlp.0.weight",
                                           "head.last_layer.weight_g",
                                           "total_ops",
                                           "total_params",
                                           "scale.total_ops",
                                           "scale.total_params"};
  for (const std::string prefix : {"", "module."}) {
    Checkpoint checkpoint = make_checkpoint({});
    for (const std::string& name : leftovers) checkpoint.tensors[name] = kAny;
    checkpoint = with_prefix(checkpoint, prefix);
    checkpoint.not_float = {prefix + "position_ids", prefix + "n_averaged"};
    NamesReport report;
    vit_tensors(checkpoint, &report);
    EXPECT_EQ(report.ignored.size(), leftovers.size() + 2);
    const std::string line = describe_ignored(report.ignored);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_NE(line.find("pooler.dense.*' (2)"), std::string::npos) << line;
  }
  EXPECT_EQ(describe_ignored({"mask_token", "pooler.dense.bias"}),
            "'mask_token', 'pooler.dense.bias'");
  EXPECT_EQ(describe_ignored({"b.x.0.w", "a.x.w", "b.x.1.w", "c", "a.x.v", "b.y.w"}),
            "'b.x.*' (2), 'a.x.*' (2), 'c', 'b.y.*'");
}

TEST(Names, OneOfSeveralSetsIsChosen) {
  RandomVit other;
  other.seed = 2;
  const auto merged = [&](const std::string& first, const std::string& second) {
    Checkpoint both = with_prefix(make_checkpoint({}), first);
    const Checkpoint more = with_prefix(make_checkpoint(other), second);
    both.tensors.insert(more.tensors.begin(), more.tensors.end());
    return both;
  };
  const Checkpoint wanted = make_checkpoint({});
  const std::pair<const char*, const char*> kCases[] = {
      {"teacher.", "student."},   {"teacher.backbone.", "student.backbone."},
      {"ema.module.", "module."}, {"module.base_encoder.", "module.momentum_encoder."},
      {"", "old.model."},         {"ema.", ""}};
  for (const auto& [first, second] : kCases) {
    SCOPED_TRACE(std::string(first) + " " + second);
    Checkpoint both = merged(first, second);
    NamesReport report;
    expect_same(vit_tensors(wanted), vit_tensors(both, &report));
    EXPECT_FALSE(report.chosen.empty());
    EXPECT_EQ(report.ignored.size(), wanted.tensors.size());
  }
  Checkpoint asked = merged("teacher.", "student.");
  asked.state = "student";
  NamesReport report;
  expect_same(vit_tensors(make_checkpoint(other)), vit_tensors(asked, &report));
  asked.state = "ema";
  EXPECT_THROW(vit_tensors(asked), InputError);

  // A set of weights with a head is preferred, whatever the names say.
  Checkpoint headless = merged("student.", "teacher.");
  headless.tensors.erase("teacher.head.weight"), headless.tensors.erase("teacher.head.bias");
  expect_same(vit_tensors(wanted), vit_tensors(headless));
}

TEST(Names, MocoPretrainingHasNoHead) {
  Checkpoint checkpoint = make_checkpoint({});
  checkpoint.tensors.erase("head.weight"), checkpoint.tensors.erase("head.bias");
  checkpoint = with_prefix(checkpoint, "module.base_encoder.");
  for (const char* name : {"head.0.weight", "head.3.weight"})
    checkpoint.tensors[std::string("module.base_encoder.") + name] = {{64, 64},
                                                                      std::vector<float>(4096)};
  for (const char* name :
       {"head.1.weight", "head.1.bias", "head.1.running_mean", "head.1.running_var"}) {
    checkpoint.tensors[std::string("module.base_encoder.") + name] = kAny;
  }
  checkpoint.tensors["module.predictor.0.weight"] = kAny;
  NamesReport report;
  EXPECT_EQ(vit_tensors(checkpoint, &report).count("head.weight"), 0u);
  EXPECT_EQ(report.ignored.size(), 7u);
}

TEST(Names, RefusalsSayWhatItIs) {
  using Tensors = std::map<std::string, CheckpointTensor>;
  const struct {
    const char* fault;
    std::function<void(Tensors&)> damage;
  } kCases[] = {
      {"looks like a ViT in timm's names (32 of 34), but has 2 tensors unknown in a plain ViT or "
       "DeiT, names of another attention pooling than SigLIP's: "
       "'attn_pool.pos_embed', 'attn_pool.q_norm.weight'",
       [](Tensors& t) { t["attn_pool.pos_embed"] = t["attn_pool.q_norm.weight"] = kAny; }},
      {"2 tensors unknown in a plain ViT or DeiT, names of a network with batch normalisation: "
       "'blocks.0.extra.weight', 'blocks.0.norm1.running_mean'",
       [](Tensors& t) { t["blocks.0.norm1.running_mean"] = t["blocks.0.extra.weight"] = kAny; }},
      {"names are of Swin",
       [](Tensors& t) {
         t.clear(), t["layers.0.blocks.0.attn.relative_position_bias_table"] =
                        t["layers.0.downsample.norm.weight"] = kAny;
       }},
      {"names are of ConvNeXt",
       [](Tensors& t) { t.clear(), t["stages.0.blocks.0.conv_dw.weight"] = kAny; }},
      {"names are of CLIP",
       [](Tensors& t) { t.clear(), t["visual.conv1.weight"] = t["logit_scale"] = kAny; }},
      {"names are of a language model",
       [](Tensors& t) { t.clear(), t["model.embed_tokens.weight"] = kAny; }},
      {"names of a PEFT model whose adapter is not merged",
       [](Tensors& t) {
         t["blocks.0.attn.qkv.base_layer.weight"] = t["blocks.0.attn.qkv.lora_A.default.weight"] =
             kAny;
       }},
      {"names are of a LoRA adapter",
       [](Tensors& t) {
         t.clear(), t["base_model.model.vit.encoder.layer.0.x.lora_A.weight"] = kAny;
       }},
      {"none of its 1 tensors' names is of a model that vitro computes ('some??[2J' ...)",
       [](Tensors& t) { t.clear(), t["some\n\x1b[2J"] = kAny; }},
      {"(31 of 31 tensors), but its patch embedding patch_embed.proj.weight is missing",
       [](Tensors& t) { t.erase("patch_embed.proj.weight"); }},
      {"are the same part of a ViT", [](Tensors& t) { t["fc.weight"] = t["head.weight"]; }},
      {"'other.norm.weight' stands under another prefix",
       [](Tensors& t) { t["other.norm.weight"] = kAny; }},
      {"1 tensor unknown",
       [](Tensors& t) {
         t["blocks.0.extra.weight"] = t["head.weight"], t.erase("head.weight"),
         t.erase("head.bias");
       }},
  };
  for (const auto& damaged : kCases) {
    SCOPED_TRACE(damaged.fault);
    Checkpoint checkpoint = make_checkpoint({});
    damaged.damage(checkpoint.tensors);
    try {
      canonical_tensors(checkpoint, family_of(checkpoint).naming());
      ADD_FAILURE() << "accepted";
    } catch (const InputError& e) {
      EXPECT_NE(std::string(e.what()).find(damaged.fault), std::string::npos) << e.what();
    }
  }
}

TEST(Names, AbsentBiases) {
  const auto absent = [](const std::vector<const char*>& erased, const std::string& spelling) {
    std::map<std::string, TensorView> tensors = vit_tensors(make_checkpoint({}));
    for (const char* name : erased) tensors.erase(name);
    return vit::absent_biases("file", tensors, spelling);
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(absent({}, "Hugging Face"), Names());
  EXPECT_EQ(absent({"head.bias", "blocks.0.mlp.fc1.bias", "blocks.0.mlp.fc2.bias"}, "timm"),
            (Names{"mlp.fc1", "mlp.fc2", "head"}));
  for (const char* alone : {"blocks.0.mlp.fc1.bias", "blocks.0.norm1.bias", "norm.bias"})
    EXPECT_THROW(absent({alone}, "timm"), InputError) << alone;
  EXPECT_EQ(absent({"blocks.0.attn.q.bias", "blocks.0.attn.k.bias", "blocks.0.attn.v.bias"},
                   "Hugging Face"),
            Names{"attn.qkv"});
  for (const char* spelling : {"Hugging Face", "torchvision", "JAX"})
    for (const char* name :
         {"head.bias", "norm.bias", "patch_embed.proj.bias", "blocks.0.norm1.bias",
          "blocks.0.attn.proj.bias", "blocks.0.mlp.fc2.bias"})
      EXPECT_THROW(absent({name}, spelling), InputError) << spelling << name;
  for (const char* name : {"blocks.0.attn.q.bias", "blocks.0.attn.k.bias", "blocks.0.attn.v.bias"})
    EXPECT_THROW(absent({name}, "timm"), InputError) << name;
}

TEST(Names, QuantisedWeightsAreRefused) {
  Checkpoint checkpoint = make_checkpoint({});
  checkpoint.tensors.erase("blocks.0.attn.qkv.weight");
  checkpoint.not_float = {"blocks.0.attn.qkv.weight"};
  try {
    vit_tensors(checkpoint);
    FAIL() << "accepted";
  } catch (const InputError& e) {
    EXPECT_NE(std::string(e.what()).find("'blocks.0.attn.qkv.weight' is of whole numbers"),
              std::string::npos)
        << e.what();
  }
}

// Files as other software saved them.
class NamesCases : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(cases_)) GTEST_SKIP() << "no cases: " << cases_;
  }

  static Checkpoint read(const std::string& file) {
    return read_checkpoint((cases_ / file).string());
  }

  static void expect_same_files(const std::string& a, const std::string& b) {
    SCOPED_TRACE(a + " and " + b);
    const Checkpoint first = read(a), second = read(b);
    expect_same(vit_tensors(first), vit_tensors(second));
  }

  static void expect_refused(const std::string& file, const std::string& fault) {
    try {
      const Checkpoint checkpoint = read(file);
      canonical_tensors(checkpoint, family_of(checkpoint).naming());
      ADD_FAILURE() << "accepted: " << file;
    } catch (const InputError& e) {
      EXPECT_NE(std::string(e.what()).find(fault), std::string::npos) << e.what();
    }
  }

  static inline const std::filesystem::path cases_ =
      std::filesystem::path(VITRO_TEST_DATA) / "../cases";
};

TEST_F(NamesCases, Prefixes) {
  for (const char* name : {"backbone", "model", "module", "module_orig_mod", "orig_mod"}) {
    expect_same_files("names_prefix/plain.safetensors",
                      std::string("names_prefix/") + name + ".safetensors");
  }
}

TEST_F(NamesCases, Torchvision) {
  expect_same_files("names_torchvision/model.safetensors",
                    "names_torchvision/replaced_head.safetensors");
}

TEST_F(NamesCases, Transformers5) {
  expect_same_files("names_transformers5/saved/model.safetensors",
                    "names_transformers5/state_dict.safetensors");
}

TEST_F(NamesCases, Sharded) {
  const Checkpoint sharded = read("folder_sharded/model.safetensors.index.json");
  EXPECT_EQ(vit_tensors(sharded).count("head.weight"), 1u);
  expect_refused("folder_sharded/model-00001-of-00003.safetensors", "is shard 1 of 3");
}

TEST_F(NamesCases, NoWeights) {
  expect_refused("not_safetensors/lfs_pointer.safetensors", "is a Git LFS pointer");
  expect_refused("not_safetensors/page.safetensors", "is a web page");
  expect_refused("not_safetensors/weights.pth",
                 "none of its 1 tensors' names is of a model that vitro computes");
}

}  // namespace
}  // namespace vitro

// SPDX-License-Identifier: Apache-2.0
// The family of plain ViTs, as the list of families sees it.
#include "models/family.h"

#include <algorithm>

#include "converter/base/error.h"
#include "models/heads.h"
#include "models/vit/agreement.h"
#include "models/vit/biases.h"
#include "models/vit/config.h"
#include "models/vit/names.h"
#include "models/vit/timm_architectures.h"
#include "models/vit/vit.h"

namespace vitro::converter::vit {
namespace {

using Views = std::map<std::string, TensorView>;

// A name like vit_tiny is given to models of other widths, too.
void forget_heads_of_another_width(const Views& tensors, ModelConfig& config) {
  const auto patches = tensors.find("patch_embed.proj.weight");
  if (config.heads_at_width && (patches == tensors.end() || patches->second.shape.empty() ||
                                patches->second.shape[0] != config.heads_at_width))
    config.heads = {};
}

// Biases that no tensor gives count as zeros. Where the config says so, nothing is assumed.
void add_absent_biases(const std::vector<std::string>& absent, const ModelConfig& config,
                       FamilyModel& model) {
  std::string list;
  for (const std::string& part : absent) {
    if (part == "attn.qkv" && config.qkv_bias) continue;
    list += (list.empty() ? "" : ", ") + part;
  }
  if (!list.empty())
    model.settings.push_back({"zero_biases", list, "assumed: there are no such tensors", true});
}

// An option that contradicts what the model's own files say counts, and is named.
template <typename T>
void warn(const Said<T>& option, const Said<T>& config, std::string (*text)(T),
          FamilyModel& model) {
  if (option && config && !config.assumed && text(option.value) != text(config.value))
    model.warnings.push_back(option.source + " is " + text(option.value) + ", but " +
                             config.source + " says " + text(config.value));
}

std::string number(size_t value) { return std::to_string(value); }
std::string number(float value) { return text_of(value); }

Said<Pooling> pooling_of(const FamilyOptions& options, const NamedValues& saved) {
  const std::vector<std::string> words = {"token", "mean"};
  const Said<std::string> given = word_value(options.given, "pooling", words),
                          kept = word_value(saved, "pooling", words);
  const Said<std::string> pool = settle(given, options.config.pool, kept);
  if (!pool) return {};
  return {pool.value == "token" ? Pooling::Token : Pooling::Mean, pool.source, false};
}

bool pools_by_attention(const Views& tensors) { return tensors.count("attn_pool.latent") > 0; }

// Of all but a gated MLP no tensor tells the activation.
Said<std::string> activation_said(const FamilyOptions& options, const NamedValues& saved,
                                  const Views& tensors) {
  const std::vector<std::string> words = {"gelu", "gelu_tanh", "quick_gelu"};
  Said<std::string> said =
      settle(word_value(options.given, "activation", words), options.config.activation,
             word_value(saved, "activation", words));
  if (said && !said.assumed) return said;
  if (pools_by_attention(tensors))
    return {"gelu_tanh", "assumed: as SigLIP was trained, at most 5e-4 from gelu", true};
  return said ? said : Said<std::string>{"gelu", "assumed: usual for a ViT", true};
}

// SigLIP's photos, squeezed to the picture's size.
void prepare_as_siglip(FamilyModel& model) {
  Preprocessing& p = model.graph.preprocessing;
  p.mode = ResizeMode::Exact;
  p.resize_width = p.image_width, p.resize_height = p.image_height;
  p.filter = ResizeFilter::Bicubic;
  std::fill_n(p.mean, 3, 0.5f);
  std::fill_n(p.std, 3, 0.5f);
  model.usual_for = "SigLIP";
}

void check_attention_pool(const std::string& path, const FamilyOptions& options,
                          const NamesReport& names, const Views& tensors) {
  const bool pools = pools_by_attention(tensors);
  const Said<std::string>& pool = options.config.pool;
  if (pool && pools != (pool.value == "map"))
    throw InputError(path,
                     pool.source + " is " + pool.value + ", but the tensors have " +
                         (pools ? "an" : "no") + " attention pooling",
                     "give files that belong together");
  if (pools && options.given.count("pooling"))
    throw InputError(options.given.at("pooling").source,
                     "is given, but the model pools by attention", "leave it out");
  if (pools && names.spelling != "timm" && tensors.count("head.weight"))
    throw InputError(
        path,
        "has a classifier, which in transformers reads the mean of the patches, beside "
        "attention pooling: vitro does not compute it",
        "give the model without its classifier");
}

// What is said and what the shapes tell have to be the same.
Said<std::string> settle_activation(const std::string& path, const Said<std::string>& said,
                                    const VitConfig& built) {
  if (built.gated && (said.assumed || said.value == "swiglu"))
    return {"swiglu", "shapes: the MLP's first linear makes twice what its second reads", false};
  if (built.gated != (said.value == "swiglu"))
    throw InputError(path,
                     said.source + " is " + said.value + ", but the tensors have " +
                         (built.gated ? "a gated MLP" : "an MLP without a gate"),
                     "give files that belong together");
  return said;
}

// transformers resamples positions in its own way, but those of DINOv2 with registers.
Resampling resampling_of(const NamesReport& names, const Views& tensors,
                         const ModelConfig& config) {
  const bool transformers = names.spelling.rfind("Hugging Face", 0) == 0,
             registers = tensors.count("reg_token") > 0 ||
                         config.model_type.value == "dinov2_with_registers";
  return transformers && !registers ? Resampling::OfFour : Resampling::Antialiased;
}

// DINOv2's positions go through resampling whenever a picture is not square, from a square.
void check_square(const std::string& path, const ModelConfig& config) {
  const Said<PixelSize>& size = config.image_size;
  if (config.model_type.value.rfind("dinov2", 0) == 0 && size.value.width != size.value.height)
    throw InputError(path,
                     size.source + " is " + setting_of(size.value) +
                         ": transformers takes DINOv2's positions for those of a square, which "
                         "vitro does not compute",
                     "give a model that was trained on square pictures (--image-size may say "
                     "another shape)");
}

// MoCo v3's ViT-S has 12 heads of 32 channels (facebookresearch/moco-v3, vits.py), where others of
// its width have 6. Its pre-training is told by its names; the classifier trained on top of that,
// whose names are usual ones, by positions that are sines: the class token's are zeros.
Said<size_t> heads_of_moco(const NamesReport& names, const Views& tensors) {
  constexpr size_t kWidth = 384, kHeads = 12;
  const auto position = tensors.find("pos_embed");
  if (position == tensors.end() || position->second.shape.size() != 3 ||
      position->second.shape[1] < 2 || position->second.shape[2] != kWidth)
    return {};
  for (const char* encoder : {"base_encoder.", "momentum_encoder."})
    if (names.prefix.find(encoder) != std::string::npos)
      return {kHeads, "assumed: MoCo v3's ViT-S has 12 heads", true};
  const float* const rows = position->second.data;
  const auto zeros = [&](const float* row) {
    return std::all_of(row, row + kWidth, [](float x) { return x == 0; });
  };
  if (zeros(rows) && !zeros(rows + kWidth))
    return {kHeads, "assumed: MoCo v3's ViT-S, whose class token has no position, has 12 heads",
            true};
  return {};
}

FamilyModel build(const Checkpoint& checkpoint, const FamilyOptions& options) {
  FamilyModel model;
  ModelConfig config = options.config;
  NamesReport names;
  Views tensors = canonical_tensors(checkpoint, naming(), &names);
  add_names(checkpoint, names, model);
  const Adapted adapted =
      apply_adapters(options.adapters, checkpoint, naming(), tensors, model.settings);
  if (adapted.new_head) config.classes = {}, model.own_classes = false;
  const NamedValues saved = options.saved(adapted.sha256);

  const std::string& path = options.config_path.empty() ? checkpoint.path : options.config_path;
  check_attention_pool(path, options, names, tensors);
  check_square(path, config);
  forget_heads_of_another_width(tensors, config);
  if (names.heads) {
    const Said<size_t> shown{names.heads, "shape of the first query", false};
    if (!config.heads.assumed) check_agreement(options.config_path, config.heads, shown);
    config.heads = shown;
  }
  const Said<size_t> heads_given = whole_value(options.given, "heads", 1, 1024);
  const Said<float> epsilon_given = number_value(options.given, "epsilon", 1e-12f, 0.1f);
  Said<size_t> heads = settle(heads_given, config.heads, whole_value(saved, "heads", 1, 65536));
  if (!heads) heads = heads_of_moco(names, tensors);
  Said<float> epsilon =
      settle(epsilon_given, config.epsilon, number_value(saved, "epsilon", 0, 0.1f));
  warn<size_t>(heads_given, config.heads, number, model);
  warn<float>(epsilon_given, config.epsilon, number, model);
  const Said<Pooling> pooling = pooling_of(options, saved);

  VitOptions vit;
  if (!epsilon) epsilon = {vit.epsilon, "assumed: usual for a ViT", true};
  vit.heads = heads.value;
  const Said<std::string> said_activation = activation_said(options, saved, tensors);
  if (said_activation.value != "swiglu") vit.activation = activation_of(said_activation.value);
  vit.epsilon = epsilon.value;
  vit.pooling = pooling.value;
  vit.image_size = options.adapters.image_size;
  vit.resampling = resampling_of(names, tensors, config);
  vit.trained_size = config.image_size.value;
  vit.prompts = adapted.prompts;
  VitConfig built;
  add_absent_biases(
      absent_biases(checkpoint.path, tensors, adapted.new_head ? "timm" : names.spelling), config,
      model);
  model.graph = build_vit(checkpoint.path, tensors, vit, &built);
  if (built.pool == VitPool::None && options.given.count("pooling"))
    throw InputError(pooling.source, "is given, but the model has no classifier", "leave it out");
  if (names.spelling == "Hugging Face" && built.positioned < built.class_tokens)
    throw InputError(checkpoint.path,
                     "has positions for the patches alone, and models with these names have them "
                     "for the class token too",
                     "give a complete checkpoint");
  if (built.classes == 0) {
    model.own_classes = false;
    if (config.headless) config.classes = {};
  }
  const Said<std::string> activation = settle_activation(path, said_activation, built);
  if (!options.config_path.empty())
    check_agreement(options.config_path, config, built, tensors.count("blocks.0.attn.q.bias") > 0);

  for (Setting& setting : shape_settings(pooling.source, built)) {
    if (setting.name == "image_size" && vit.image_size != PixelSize{})
      setting = {setting.name, setting_of(vit.image_size),
                 "--image-size; trained for " + setting.value, false};
    model.settings.push_back(std::move(setting));
  }
  if (!built.norm_bias)
    model.settings.push_back({"norm", "LayerNorm without bias",
                              "assumed: not an RMSNorm, which has the same tensors", true});
  model.settings.push_back(heads_setting(heads, built.heads, built.dim));
  model.settings.push_back({"epsilon", text_of(epsilon.value), epsilon.source, epsilon.assumed});
  model.settings.push_back({"activation", activation.value, activation.source, activation.assumed});
  model.image_size_from = "by its position embeddings";
  if (built.pool == VitPool::Attention) prepare_as_siglip(model);
  model.values["heads"] = {std::to_string(built.heads), model.settings.end()[-3].source, false};
  model.values["epsilon"] = {text_of(epsilon.value), epsilon.source, false};
  for (const char* name : {"pooling", "activation"})
    if (options.given.count(name)) model.values[name] = options.given.at(name);
  return model;
}

}  // namespace

const Family& family() {
  static const Family family{
      "vit",
      "plain pre-norm ViTs: ViT, DeiT, DeiT-III, DINO, DINOv2, MAE, MoCo v3, iBOT, SigLIP's image "
      "tower",
      {{"heads", "attention heads"},
       {"epsilon", "epsilon of every LayerNorm"},
       {"pooling", "what the classifier reads: token (the class token) or mean (of the patches)"},
       {"activation", "gelu, gelu_tanh or quick_gelu, where no file says it"}},
      {{"vit", "ViTFor", 1e-12f, "token", false},
       {"deit", "DeiTFor", 1e-12f, "token", false, "DeiTImageProcessor"},
       {"vit_msn", "ViTMSNFor", 1e-6f, "token", false},
       {"dinov2",
        "Dinov2For",
        1e-6f,
        "",
        false,
        "BitImageProcessor",
        "gelu",
        nullptr,
        true,
        {"use_swiglu_ffn"}},
       {"siglip_vision_model", "SiglipVisionModel", 1e-6f, "", false, "SiglipImageProcessor",
        "gelu_pytorch_tanh", nullptr, false},
       {"siglip", "Siglip", 1e-6f, "", false, "SiglipImageProcessor", "gelu_pytorch_tanh",
        "vision_config", false},
       {"dinov2_with_registers",
        "Dinov2WithRegistersFor",
        1e-6f,
        "",
        true,
        "BitImageProcessor",
        "gelu",
        nullptr,
        true,
        {"use_swiglu_ffn"}}},
      timm_vit,
      "plain vit_*, deit*_* and flexivit_*",
      naming,
      build};
  return family;
}

}  // namespace vitro::converter::vit

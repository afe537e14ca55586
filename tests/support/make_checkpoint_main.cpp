// SPDX-License-Identifier: Apache-2.0
// make_checkpoint: writes a seeded random ViT, for tests of architectures without trained weights.
#include <cstdio>
#include <exception>
#include <map>

#include <CLI/CLI.hpp>

#include "tests/support/make_checkpoint.h"

int main(int argc, char** argv) {
  using vitro::NamingStyle;
  using vitro::StoredDtype;
  const std::map<std::string, NamingStyle> kNames = {{"timm", NamingStyle::Timm},
                                                     {"hf", NamingStyle::HuggingFace}};
  const std::map<std::string, StoredDtype> kDtypes = {
      {"f32", StoredDtype::F32}, {"f16", StoredDtype::F16}, {"bf16", StoredDtype::BF16}};

  vitro::RandomVit vit;
  vit.dim = 192, vit.depth = 12, vit.heads = 3, vit.patch = 16, vit.image = 224, vit.classes = 1000;
  std::string output;
  bool no_class_token = false, no_qkv_bias = false, no_embed_class = false;
  CLI::App app("Writes a seeded random ViT as .safetensors; DeiT-Ti's shape unless told otherwise");
  app.add_option("-o,--output", output, "the file")->required();
  app.add_option("--dim", vit.dim);
  app.add_option("--depth", vit.depth);
  app.add_option("--heads", vit.heads);
  app.add_option("--hidden", vit.hidden, "of the MLP; 4 * dim by default");
  app.add_option("--patch", vit.patch, "pixels");
  app.add_option_function<std::string>(
      "--image",
      [&vit](const std::string& text) {
        const size_t x = text.find('x');
        vit.image = std::stoul(text);
        vit.image_width = x == std::string::npos ? 0 : std::stoul(text.substr(x + 1));
      },
      "pixels: the side, or HxW");
  app.add_option("--classes", vit.classes);
  app.add_option("--seed", vit.seed);
  app.add_option("--names", vit.names, "timm or hf")->transform(CLI::CheckedTransformer(kNames));
  app.add_option("--dtype", vit.dtype, "f32, f16 or bf16")
      ->transform(CLI::CheckedTransformer(kDtypes));
  app.add_flag("--distillation", vit.distillation, "with a distillation token and head");
  app.add_flag("--mean-pooling", vit.mean_pooling, "timm's fc_norm");
  app.add_flag("--layer-scale", vit.layer_scale);
  app.add_option("--registers", vit.registers, "tokens after the class token");
  app.add_flag("--no-class-token", no_class_token);
  app.add_flag("--no-qkv-bias", no_qkv_bias);
  app.add_flag("--no-embed-class", no_embed_class, "positions of the patches alone");
  CLI11_PARSE(app, argc, argv);
  vit.class_token = !no_class_token, vit.qkv_bias = !no_qkv_bias,
  vit.prefix_positions = !no_embed_class;
  if (vit.patch == 0 || vit.heads == 0 || vit.image % vit.patch != 0 ||
      vit.image_width % vit.patch != 0 || vit.dim % vit.heads != 0) {
    std::fprintf(stderr,
                 "make_checkpoint: --image must be a multiple of --patch, --dim of --heads\n");
    return 2;
  }
  try {
    vitro::write_checkpoint(output, vit);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "make_checkpoint: %s\n", e.what());
    return 1;
  }
  return 0;
}

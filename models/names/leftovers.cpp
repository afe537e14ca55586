// SPDX-License-Identifier: Apache-2.0
// What checkpoints carry beside a classifier and classifying does not need: pretraining's heads,
// decoders, counters, losses.
#include "models/names/spelling.h"

namespace vitro::converter {
namespace {

constexpr const char* kFolders[] = {
    "pooler.",  // Hugging Face's ViTModel
    "decoder.",         "decoder_blocks.",
    "decoder_embed.",   "decoder_norm.",
    "decoder_pred.",    "decoder_layers.",  // MAE, SimMIM
    "head.mlp.",        "head.last_layer.",
    "head.mlp2.",       "head.last_layer2.",
    "dino_head.",       "ibot_head.",  // DINO, iBOT, DINOv2
    "predictor.",       "projector.",
    "projection_head.", "prototypes.",  // MoCo v3, SwAV, MSN
    "criterion.",       "loss.",
    "loss_fn.",         "loss_fct.",
    "loss_func.",       "dino_loss.",
    "ibot_patch_loss.", "metrics.",
    "opt/state/",       "optimizer.",
    "optimizer/",
};

constexpr const char* kNames[] = {
    "mask_token",
    "masked_embed",
    "embeddings.mask_token",
    "decoder_pos_embed",
    "position_ids",
    "embeddings.position_ids",
    "queue",
    "queue_ptr",
    "n_averaged",
    "center",
    "step",
    "global_step",
    "epoch",
    "steps",
    "initted",
    "total_ops",
    "total_params",  // thop's, of every module
};

}  // namespace

bool is_leftover(const std::string& name) {
  for (const char* folder : kFolders) {
    if (starts_with(name, folder)) return true;
  }
  for (const char* known : kNames) {
    if (name == known) return true;
  }
  // What follows from the shapes: which row of a table of biases is between which tokens, and which
  // of a shifted window's tokens attend to each other.
  return ends_with(name, ".num_batches_tracked") || ends_with(name, ".total_ops") ||
         ends_with(name, ".total_params") || ends_with(name, "relative_position_index") ||
         ends_with(name, ".attn_mask");
}

}  // namespace vitro::converter

// SPDX-License-Identifier: Apache-2.0
#include "models/swin_v2/names.h"

#include "models/swin/names.h"

namespace vitro::converter::swin_v2 {
namespace {

const Spelling& timm_names() {
  static const Spelling names =
      swin::swin_timm_names({{"attn.q_bias", "attn.q.bias"},
                             {"attn.v_bias", "attn.v.bias"},
                             {"attn.logit_scale", "attn.logit_scale"},
                             {"attn.cpb_mlp.0.weight", "attn.cpb_mlp.0.weight"},
                             {"attn.cpb_mlp.0.bias", "attn.cpb_mlp.0.bias"},
                             {"attn.cpb_mlp.2.weight", "attn.cpb_mlp.2.weight"},
                             {"attn.relative_coords_table", "attn.relative_coords_table"}});
  return names;
}

const Spelling& hugging_face_names() {
  static const Spelling names = swin::swin_hugging_face_names(
      {{"attention.self.logit_scale", "attn.logit_scale"},
       {"attention.self.continuous_position_bias_mlp.0.weight", "attn.cpb_mlp.0.weight"},
       {"attention.self.continuous_position_bias_mlp.0.bias", "attn.cpb_mlp.0.bias"},
       {"attention.self.continuous_position_bias_mlp.2.weight", "attn.cpb_mlp.2.weight"},
       {"attention.self.relative_coords_table", "attn.relative_coords_table"}});
  return names;
}

}  // namespace

const Naming& naming() {
  static const Naming naming{"a Swin Transformer V2",
                             "a Swin Transformer V2",
                             {&timm_names(), &hugging_face_names()},
                             "stages.0.blocks.0.attn.logit_scale"};
  return naming;
}

}  // namespace vitro::converter::swin_v2

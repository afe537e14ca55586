// SPDX-License-Identifier: Apache-2.0
#include "models/vit/names.h"
#include "models/vit/names/spellings.h"

namespace vitro::converter::vit {

const Naming& naming() {
  static const Naming naming{
      "a ViT",
      "a plain ViT or DeiT",
      {&timm_names(), &hugging_face_names(), &torchvision_names(), &jax_names(), &siglip_names()},
      nullptr,
      {},
      // SigLIP's text tower, in Hugging Face's and in JAX' names.
      {"text_model.", "logit_scale", "logit_bias", "txt/", "t", "b"}};
  return naming;
}

}  // namespace vitro::converter::vit

// SPDX-License-Identifier: Apache-2.0
#include "models/vit/names.h"
#include "models/vit/names/spellings.h"

namespace vitro::converter {

const Naming& vit_naming() {
  static const Naming naming{
      "a ViT",
      "a plain ViT or DeiT",
      {&timm_names(), &hugging_face_names(), &torchvision_names(), &jax_names()}};
  return naming;
}

}  // namespace vitro::converter

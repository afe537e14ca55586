// SPDX-License-Identifier: Apache-2.0
// How Swin's tensors are called: timm and microsoft, Hugging Face, torchvision. Canonical names are
// stages.S.blocks.N.*, and stages.S.merge.* for what stands at stage S in the file: before its
// blocks in timm, after them in the others.
#pragma once

#include <vector>

#include "models/names/names.h"
#include "models/names/spelling.h"

namespace vitro::converter::swin {

const Naming& naming();

/// What both versions share, and `more` names of a block. Hugging Face's are without `swin.` and
/// `swinv2.`, prefixes like any other.
Spelling swin_timm_names(const std::vector<Name>& more);
Spelling swin_hugging_face_names(const std::vector<Name>& more);

}  // namespace vitro::converter::swin

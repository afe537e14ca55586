// SPDX-License-Identifier: Apache-2.0
#include "models/vit/timm_architectures.h"

#include <algorithm>
#include <array>
#include <vector>

namespace vitro::converter::vit {

namespace {

struct Beginning {
  const char* name;
  size_t width, heads;
};

// The first that begins the name counts.
constexpr std::array<Beginning, 33> kBeginnings = {{
    {"vit_base_patch16_gap_224", 768, 16},
    {"vit_small_resnet", 768, 8},
    {"vit_base_patch16_plus", 896, 14},
    {"vit_base_patch32_plus", 896, 14},
    {"vit_giant_patch14_dinov2", 1536, 24},
    {"vit_giant_patch14_reg", 1536, 24},
    {"vit_giant_patch16_radio", 1536, 24},
    {"vit_giant_", 1408, 16},
    {"vit_gigantic_", 1664, 16},
    {"vit_huge_", 1280, 16},
    {"vit_large_", 1024, 16},
    {"vit_base_", 768, 12},
    {"vit_small_", 384, 6},
    {"vit_tiny_", 192, 3},
    {"vit_so400m_", 1152, 16},
    {"vit_so150m2_", 832, 13},
    {"vit_so150m_", 896, 14},
    {"vit_mediumd_", 512, 8},
    {"vit_medium_", 512, 8},
    {"vit_betwixt_", 640, 10},
    {"vit_dlittle_", 320, 5},
    {"vit_little_", 320, 5},
    {"vit_dwee_", 256, 4},
    {"vit_wee_", 256, 4},
    {"vit_xsmall_", 256, 4},
    {"vit_intern300m_", 1024, 16},
    {"deit_tiny_", 192, 3},
    {"deit_small_", 384, 6},
    {"deit_base_", 768, 12},
    {"deit3_small_", 384, 6},
    {"deit3_medium_", 512, 8},
    {"deit3_base_", 768, 12},
    {"deit3_large_", 1024, 16},
}};
constexpr std::array<Beginning, 7> kOthers = {{
    {"deit3_huge_", 1280, 16},
    {"flexivit_small", 384, 6},
    {"flexivit_base", 768, 12},
    {"flexivit_large", 1024, 16},
    {"test_vit3", 96, 3},
    {"test_vit2", 64, 2},
    {"test_vit", 64, 2},
}};

struct Part {
  const char *part, *what;
};
// The first that is part of the name counts; others have GELU by erf.
constexpr std::array<Part, 10> kActivations = {{
    {"quickgelu", "quick_gelu"},
    {"vit_large_patch16_siglip_512", "gelu_tanh"},
    {"vit_large_patch16_siglip_gap_512", "gelu_tanh"},
    {"vit_so400m_patch16_siglip", "gelu_tanh"},
    {"vit_base_patch32_siglip", "gelu_tanh"},
    {"vit_giantopt_", "gelu_tanh"},
    {"vit_giant_patch14_dinov2", "swiglu"},
    {"vit_giant_patch14_reg4_dinov2", "swiglu"},
    {"vit_giant_patch14_reg1_tipsv2", "swiglu"},
    {"_sapiens2", "swiglu"},
}};
constexpr std::array<Part, 8> kFaults = {{
    {"_rpn_", "it norms after attention and MLP, which vitro does not compute"},
    {"test_vit4", "its norms are RmsNorm, which vitro does not compute"},
    {"test_vit3", "its attention pooling reads registers, which vitro does not compute"},
    {"relpos", "it has relative positions, which vitro does not compute"},
    {"_rope_",
     "its rotary positions are neither DINOv3's nor EVA-02's, which vitro does not compute"},
    {"_pe_",
     "its rotary positions are neither DINOv3's nor EVA-02's, which vitro does not compute"},
    {"_xp_", "its attention and MLP are parallel, which vitro does not compute"},
    {"_18x2_", "its blocks are parallel, which vitro does not compute"},
}};

bool begins(const std::string& name, const char* with) { return name.rfind(with, 0) == 0; }

}  // namespace

TimmArchitecture timm_vit(const std::string& name) {
  TimmArchitecture out;
  out.known = begins(name, "vit_") || begins(name, "deit") || begins(name, "flexivit_") ||
              begins(name, "test_vit");
  for (const char* other : {"_dinov3", "_lingbot"})  // of another family
    if (name.find(other) != std::string::npos) out.known = false;
  if (!out.known) return out;
  const auto known = [&](const Beginning& b) {
    if (out.heads == 0 && begins(name, b.name)) out.width = b.width, out.heads = b.heads;
  };
  std::for_each(kBeginnings.begin(), kBeginnings.end(), known);
  std::for_each(kOthers.begin(), kOthers.end(), known);
  for (const Part& fault : kFaults)
    if (out.fault.empty() && name.find(fault.part) != std::string::npos) out.fault = fault.what;
  const auto* activation =
      std::find_if(kActivations.begin(), kActivations.end(),
                   [&](const Part& a) { return name.find(a.part) != std::string::npos; });
  if (activation != kActivations.end()) out.activation = activation->what;
  if (out.heads > 0) out.epsilon = name.find("_clip_") != std::string::npos ? 1e-5f : 1e-6f;
  return out;
}

}  // namespace vitro::converter::vit

# SPDX-License-Identifier: Apache-2.0
"""The small networks that supervised.py and dino.py train, as timm builds them, so that their tensors carry the names
of the released checkpoints of their families. All of them see pictures of 32x32."""
from functools import partial

import timm.models.cait
import timm.models.mlp_mixer
import timm.models.swin_transformer
import timm.models.vision_transformer
from timm.layers import set_fused_attn
from torch import nn

# On CPUs, at 65 tokens, the fused kernel's backward pass is slower than two small batched products.
set_fused_attn(False)
SIZE, CLASSES = 32, 10

# Of each network: the architecture whose arguments it changes, as a config.json names it, and the arguments.
ARGUMENTS = {
    "mixer": ("mixer_b16_224", dict(patch_size=4, num_blocks=4, embed_dim=64)),
    "swin": ("swin_tiny_patch4_window7_224", dict(patch_size=2, embed_dim=64, depths=(2, 4), num_heads=(2, 4), window_size=4, drop_path_rate=0.0)),
    "cait": ("cait_xxs24_224", dict(patch_size=4, embed_dim=128, depth=4, num_heads=4, init_values=0.1, depth_token_only=2)),
    "dino": ("vit_small_patch16_224", dict(patch_size=4, embed_dim=128, depth=4, num_heads=2)),
}


def mixer():
    """MLP-Mixer (Tolstikhin et al., 2021): 64 patches, width 64, four blocks."""
    return timm.models.mlp_mixer.MlpMixer(img_size=SIZE, num_classes=CLASSES, **ARGUMENTS["mixer"][1])


def swin():
    """Swin (Liu et al., 2021): patches of 2 pixels, windows of 4x4 patches, two stages of width 64 and 128, every
    second block shifted."""
    return timm.models.swin_transformer.SwinTransformer(img_size=SIZE, num_classes=CLASSES, **ARGUMENTS["swin"][1])


def cait():
    """CaiT (Touvron et al., 2021): talking heads and LayerScale, four blocks of width 128, then two of class
    attention. LayerScale begins at 0.1, which its paper chose for shallow networks."""
    return timm.models.cait.Cait(img_size=SIZE, num_classes=CLASSES, **ARGUMENTS["cait"][1])


def vit(keep=1.0):
    """ViT without a head: width 128, two heads, four blocks. keep: the share of the patches that it sees while it is
    trained (PatchDropout, Liu et al., 2022). Other sizes than 32x32 interpolate its positions."""
    return timm.models.vision_transformer.VisionTransformer(
        img_size=SIZE, num_classes=0, patch_drop_rate=1.0 - keep, norm_layer=partial(nn.LayerNorm, eps=1e-6), dynamic_img_size=True, **ARGUMENTS["dino"][1]
    )


SUPERVISED = {"mixer": mixer, "swin": swin, "cait": cait}

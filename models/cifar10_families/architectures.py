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
SIZE, PATCH, CLASSES = 32, 4, 10


def mixer():
    """MLP-Mixer (Tolstikhin et al., 2021): 64 patches, width 64, four blocks."""
    return timm.models.mlp_mixer.MlpMixer(CLASSES, SIZE, patch_size=PATCH, num_blocks=4, embed_dim=64)


def swin():
    """Swin (Liu et al., 2021): patches of 2 pixels, windows of 4x4 patches, two stages of width 64 and 128, every
    second block shifted."""
    return timm.models.swin_transformer.SwinTransformer(
        SIZE, patch_size=2, num_classes=CLASSES, embed_dim=64, depths=(2, 4), num_heads=(2, 4), window_size=4, drop_path_rate=0.0
    )


def cait():
    """CaiT (Touvron et al., 2021): talking heads and LayerScale, four blocks of width 128, then two of class
    attention. LayerScale begins at 0.1, which its paper chose for shallow networks."""
    return timm.models.cait.Cait(
        SIZE, patch_size=PATCH, num_classes=CLASSES, embed_dim=128, depth=4, num_heads=4, init_values=0.1, depth_token_only=2
    )


def vit(keep=1.0):
    """ViT without a head: width 128, two heads, four blocks. keep: the share of the patches that it sees while it is
    trained (PatchDropout, Liu et al., 2022). Other sizes than 32x32 interpolate its positions."""
    return timm.models.vision_transformer.VisionTransformer(
        SIZE, patch_size=PATCH, num_classes=0, embed_dim=128, depth=4, num_heads=2, patch_drop_rate=1.0 - keep,
        norm_layer=partial(nn.LayerNorm, eps=1e-6), dynamic_img_size=True,
    )


SUPERVISED = {"mixer": mixer, "swin": swin, "cait": cait}

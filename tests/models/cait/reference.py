# SPDX-License-Identifier: Apache-2.0
"""Reference models of CaiT, from timm."""
from recipe import Recipe, logits


def cait(small):
    import timm
    size = dict(embed_dim=24, depth=2, num_heads=3, img_size=16, patch_size=4, num_classes=7) if small else {}
    return timm.create_model("cait_xxs24_224", **size)


MODELS = {"cait": Recipe(133, cait, logits)}

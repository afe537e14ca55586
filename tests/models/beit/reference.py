# SPDX-License-Identifier: Apache-2.0
"""Reference models of BEiT, from timm and transformers."""
from recipe import Recipe, logits

HALF = [0.5, 0.5, 0.5]


def timm_beit(small, **more):
    import timm
    size = dict(embed_dim=24, depth=2, num_heads=2, img_size=16, patch_size=4, num_classes=7) if small else {}
    return timm.create_model("beit_base_patch16_224", **size, **more)


def hugging_face(small):
    import transformers
    size = (dict(hidden_size=24, intermediate_size=96, num_hidden_layers=2, num_attention_heads=2, image_size=16, patch_size=4, num_labels=7)
            if small else {})
    return transformers.BeitForImageClassification(transformers.BeitConfig(use_relative_position_bias=True, **size))


def recipe(seed, make, **more):
    return Recipe(seed, make, logits, mean=HALF, std=HALF, **more)


MODELS = {
    "beit": recipe(122, timm_beit),
    # As pre-trained: positions too, the class token's norm, and one table for all blocks.
    "beit_shared": recipe(121, lambda small: timm_beit(small, use_abs_pos_emb=True, use_rel_pos_bias=False, use_shared_rel_pos_bias=True, global_pool="token")),
    "hf_beit": Recipe(122, hugging_face, lambda model, x: {"logits": model(x).logits}, mean=HALF, std=HALF, hugging_face=True),
}

# SPDX-License-Identifier: Apache-2.0
"""Reference models of EVA-02, from timm."""
import torch

from recipe import Recipe

MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]


def timm_eva(name, small, **more):
    import timm
    size = dict(embed_dim=32, depth=2, num_heads=2, img_size=16, patch_size=4, num_classes=7) if small else {}
    return timm.create_model(name, **{**size, **more})


def baaivision(state):
    """The tensors as the authors name them, with the tables of their rotary positions."""
    out = {}
    for name, value in state.items():
        for ours, theirs in (("attn.q_proj.bias", "attn.q_bias"), ("attn.v_proj.bias", "attn.v_bias"), ("attn.norm.", "attn.inner_attn_ln."),
                             ("mlp.norm.", "mlp.ffn_ln."), ("mlp.fc1_g.", "mlp.w1."), ("mlp.fc1_x.", "mlp.w2."), ("mlp.fc2.", "mlp.w3.")):
            name = name.replace(ours, theirs)
        out[name] = value
    for name in ("rope.freqs_cos", "rope.freqs_sin", "blocks.0.attn.rope.freqs_cos", "blocks.0.attn.rope.freqs_sin"):
        out[name] = torch.zeros(16, 16)
    return out


def answers_as(name):
    def answers(model, x):
        model.rope.reset_parameters()  # the tables in float32, which half() took from them
        return {name: model(x)}
    return answers


def tower(small):
    """CLIP's, whose head is a projection: its bias is zero."""
    model = timm_eva("eva02_base_patch16_clip_224", small)
    model.head.bias = None
    return model


def recipe(seed, name, answers="logits", **more):
    extra = {key: more.pop(key) for key in ("num_classes",) if key in more}
    return Recipe(seed, lambda small: timm_eva(name, small, **extra), answers_as(answers), settings=("heads=2",), mean=MEAN, std=STD, **more)


MODELS = {
    "eva02": recipe(160, "eva02_base_patch14_224"),
    "eva02_packed": recipe(161, "eva02_small_patch14_224"),
    "eva02_original": recipe(162, "eva02_base_patch14_224", other_names=baaivision, other_names_alone=True),
    "eva02_pretrained": recipe(163, "eva02_tiny_patch14_224", "pooled", num_classes=0),
    "eva02_tower": Recipe(164, tower, answers_as("class"), settings=("heads=2",), mean=MEAN, std=STD),
}

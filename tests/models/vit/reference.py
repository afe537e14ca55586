# SPDX-License-Identifier: Apache-2.0
import torch

from recipe import Recipe


def timm_vit(name, small, **more):
    import timm
    if small:
        more.update(embed_dim=24, depth=2, num_heads=2, img_size=16, patch_size=4)
    elif "patch14" in name:
        more.update(img_size=224)
    return timm.create_model(name, num_classes=0, **more)


def hugging_face(kind, small):
    import transformers
    size = (dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=2, image_size=16, patch_size=4) if small else
            dict(hidden_size=384, num_hidden_layers=12, num_attention_heads=6, image_size=224, patch_size=14))
    config = getattr(transformers, kind + "Config")(**size)
    return getattr(transformers, kind + "Model")(config)


def timm_features(model, x):
    tokens = model.forward_features(x)
    return {"class": tokens[:, :1], "patches": tokens[:, model.num_prefix_tokens:]}


def hugging_face_features(model, x):
    tokens = model(x).last_hidden_state
    return {"class": tokens[:, :1], "patches": tokens[:, 1 + getattr(model.config, "num_register_tokens", 0):]}


def original_dinov2(state):
    """The tensors as facebookresearch names and splits them: registers, LayerScale, and the class token's position,
    which timm has added to the token."""
    out = {name.replace("reg_token", "register_tokens"): value for name, value in state.items()}
    half = state["cls_token"] / 2
    out["cls_token"], out["pos_embed"] = half, torch.cat([half, state["pos_embed"]], dim=1)
    out["mask_token"] = torch.zeros(1, half.shape[-1], dtype=half.dtype)
    return out


def of_timm(seed, name, **more):
    return Recipe(seed, lambda small: timm_vit(name, small), timm_features, settings=("heads=2",), **more)


def of_hugging_face(seed, kind):
    return Recipe(seed, lambda small: hugging_face(kind, small), hugging_face_features, hugging_face=True)


MODELS = {
    "dino": of_timm(100, "vit_small_patch16_224.dino"),
    "dino_patch8": of_timm(101, "vit_small_patch8_224.dino", only_full=True),
    "dinov2": of_timm(102, "vit_small_patch14_dinov2"),
    "dinov2_reg4": of_timm(103, "vit_small_patch14_reg4_dinov2", other_names=original_dinov2),
    "hf_dinov2": of_hugging_face(104, "Dinov2"),
    "hf_dinov2_with_registers": of_hugging_face(105, "Dinov2WithRegisters"),
}

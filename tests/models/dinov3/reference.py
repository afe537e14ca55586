# SPDX-License-Identifier: Apache-2.0
"""Reference models of DINOv3, from timm and transformers, and under facebookresearch's names."""
import torch

from recipe import Recipe, logits

SIDES = (16, 24)  # of the small pictures, height and width
SMALL = dict(embed_dim=32, depth=2, num_heads=2, patch_size=4)


def timm_dinov3(name, small, **more):
    import timm
    if small:
        more = {**SMALL, "img_size": SIDES, "num_reg_tokens": 2, **more}
    else:
        more.setdefault("img_size", 224)
    return timm.create_model(name, **{"num_classes": 0, **more})


def config(name, classes=0, **more):
    """As timm writes it."""
    return {"architecture": name, "num_classes": classes, "num_features": SMALL["embed_dim"],
            "pretrained_cfg": {"input_size": [3, *SIDES], "crop_pct": 1.0, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
            "model_args": {**SMALL, "img_size": list(SIDES)}, **more}


def features(model, x):
    tokens = model.forward_features(x)
    return {"class": tokens[:, :1], "patches": tokens[:, model.num_prefix_tokens:]}


def periods():
    """As the file has them, in float16; the authors' are in bfloat16."""
    quarter = SMALL["embed_dim"] // SMALL["num_heads"] // 4
    return torch.tensor([100.0 ** (i / quarter) for i in range(quarter)]).half()


def original_features(model, x):
    model.rope.periods.copy_(periods())
    return features(model, x)


def of_timm(seed, name, classes=None, **more):
    size = {} if classes is None else {"num_classes": classes}
    pool = {key: more.pop(key) for key in ("global_pool",) if key in more}
    given = logits if classes is not None else original_features if "other_names" in more else features
    return Recipe(seed, lambda small: timm_dinov3(name, small, **(size if small else {}), **pool), given,
                  side=SIDES, timm_config=config(name, classes or 0, **pool), **more)


def hugging_face(small, **more):
    import transformers
    size = dict(hidden_size=32, intermediate_size=96, num_hidden_layers=2, num_attention_heads=2, image_size=16, patch_size=4) if small else {}
    return transformers.DINOv3ViTModel(transformers.DINOv3ViTConfig(**{"num_register_tokens": 4, **size, **more}))


def hugging_face_features(model, x):
    rope = model.rope_embeddings  # in float32, which half() took from it
    rope.inv_freq = 1 / rope.base ** torch.arange(0, 1, 4 / rope.head_dim)
    tokens = model(x).last_hidden_state
    return {"class": tokens[:, :1], "patches": tokens[:, 1 + model.config.num_register_tokens:]}


def original(state):
    """The tensors as facebookresearch names them, with what it has beside: a mask of the keys' biases, the periods of the
    rotary positions, tokens of pre-training."""
    out = {}
    swiglu = any(".fc1_g." in name for name in state)
    for name, value in state.items():
        name = name.replace("reg_token", "storage_tokens").replace("gamma_1", "ls1.gamma").replace("gamma_2", "ls2.gamma")
        if swiglu:
            name = name.replace("mlp.fc1_g", "mlp.w1").replace("mlp.fc1_x", "mlp.w2").replace("mlp.fc2", "mlp.w3")
        if name.endswith("q_bias"):
            width = value.shape[0]
            block = name[:-len("q_bias")]
            mask = torch.ones(3 * width, dtype=value.dtype)
            mask[width:2 * width] = 0
            out[block + "qkv.bias"] = torch.cat([value, torch.full_like(value, 0.75), state[block + "v_bias"]])
            out[block + "qkv.bias_mask"] = mask
        elif not name.endswith("v_bias"):
            out[name] = value
    out["rope_embed.periods"] = periods()
    out["mask_token"] = torch.zeros(1, width)
    out["local_cls_norm.weight"] = torch.ones(width)
    return out


MODELS = {
    "dinov3": of_timm(150, "vit_small_patch16_dinov3"),
    "dinov3_plus": of_timm(151, "vit_small_plus_patch16_dinov3"),
    # As timm trains a head: of the mean of the patches.
    "dinov3_classifier": of_timm(152, "vit_small_patch16_dinov3_qkvb", classes=7, global_pool="avg"),
    "dinov3_original": of_timm(153, "vit_small_patch16_dinov3_qkvb", other_names=original, other_names_alone=True),
    "dinov3_original_plus": of_timm(154, "vit_small_plus_patch16_dinov3_qkvb", other_names=original, other_names_alone=True),
    "hf_dinov3": Recipe(155, hugging_face, hugging_face_features, hugging_face=True),
    "hf_dinov3_gated": Recipe(156, lambda small: hugging_face(small, use_gated_mlp=True, hidden_act="silu", rope_theta=50.0),
                              hugging_face_features, hugging_face=True),
}

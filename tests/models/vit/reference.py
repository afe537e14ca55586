# SPDX-License-Identifier: Apache-2.0
import torch

from recipe import Recipe, logits


def timm_vit(name, small, **more):
    import timm
    if small:
        more = {**dict(embed_dim=24, depth=2, num_heads=2, img_size=16, patch_size=4), **more}
    elif "patch14" in name:
        more.update(img_size=224)
    return timm.create_model(name, **{"num_classes": 0, **more})


def hugging_face(kind, small, **more):
    import transformers
    size = (dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=2, image_size=16, patch_size=4) if small else
            dict(hidden_size=384, num_hidden_layers=12, num_attention_heads=6, image_size=224, patch_size=14))
    config = getattr(transformers, kind + "Config")(**size, **more)
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


def original_giant(state):
    """The same of a giant model: SwiGLU's linears as w12 and w3, blocks in chunks."""
    return {chunked(name).replace("mlp.fc1", "mlp.w12").replace("mlp.fc2", "mlp.w3"): value
            for name, value in original_dinov2(state).items()}


def chunked(name):
    """Of two chunks with one block each."""
    words = name.split(".")
    return ".".join(["blocks", words[1], words[1]] + words[2:]) if words[0] == "blocks" else name


def moco_v3(state):
    """As facebookresearch's moco-v3 saves pre-training: two encoders, projectors and a predictor."""
    out = {}
    for name, value in state.items():
        out["module.base_encoder." + name] = value
        out["module.momentum_encoder." + name] = value * 0.5
    width, like = value.shape[0], dict(dtype=value.dtype)
    for mlp, layers in (("base_encoder.head", 3), ("momentum_encoder.head", 3), ("predictor", 2)):
        for i in range(layers):
            out["module.%s.%d.weight" % (mlp, 3 * i)] = torch.ones(8, 8 if i else width, **like)
            for part in ("weight", "bias", "running_mean", "running_var"):
                out["module.%s.%d.%s" % (mlp, 3 * i + 1, part)] = torch.ones(8, **like)
    return out


def mae(state):
    """As facebookresearch's mae saves pre-training: with the decoder."""
    width, out = state["norm.weight"].shape[0], dict(state)
    for name, shape in (("mask_token", (1, 1, 8)), ("decoder_pos_embed", (1, 17, 8)), ("decoder_embed.weight", (8, width)),
                        ("decoder_blocks.0.norm1.weight", (8,)), ("decoder_blocks.0.attn.qkv.weight", (24, 8)),
                        ("decoder_norm.bias", (8,)), ("decoder_pred.weight", (48, 8))):
        out[name] = torch.ones(shape, dtype=state["norm.weight"].dtype)
    return out


def ibot(state):
    """As iBOT saves its teacher: backbone and heads."""
    out = {}
    for name, value in state.items():
        out["backbone." + name] = value
    for name, shape in (("head.mlp.0.weight", (8, 24)), ("head.last_layer.weight_v", (9, 8)), ("head.last_layer2.weight_v", (9, 8))):
        out[name] = torch.ones(shape, dtype=value.dtype)
    out["backbone.masked_embed"] = torch.ones(1, 24, dtype=value.dtype)
    return out


def of_timm(seed, name, heads=2, **more):
    return Recipe(seed, lambda small: timm_vit(name, small, **({"num_heads": heads} if small else {})), timm_features,
                  settings=("heads=%d" % heads,), **more)


def of_hugging_face(seed, kind, **more):
    return Recipe(seed, lambda small: hugging_face(kind, small, **more), hugging_face_features, hugging_face=True)


def fine_tuned_mae(small):
    """The classifier of MAE's fine-tuning: the mean of the patches, its norm, a linear."""
    return timm_vit("vit_base_patch16_224.mae", small, num_classes=7 if small else 1000, global_pool="avg", class_token=True,
                    fc_norm=True)


def siglip(small, name):
    import timm
    size = dict(embed_dim=24, depth=2, num_heads=2, img_size=16, patch_size=4) if small else {}
    return timm.create_model(name, num_classes=0, **size)


def hugging_face_siglip(small):
    """Both towers, as released."""
    import transformers
    if not small:
        return transformers.SiglipVisionModel(transformers.SiglipVisionConfig())
    text = dict(hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1, vocab_size=8, max_position_embeddings=4)
    vision = dict(hidden_size=24, intermediate_size=96, num_hidden_layers=2, num_attention_heads=2, image_size=16, patch_size=4)
    return transformers.SiglipModel(transformers.SiglipConfig(text_config=text, vision_config=vision))


def siglip_pooled(model, x):
    tower = getattr(model, "vision_model", model)
    return {"pooled": tower(pixel_values=x).pooler_output}


def big_vision(state):
    """The tensors as big_vision names and lays them out (with a part of its text tower), to be saved as .npz."""
    width, heads, out = state["norm.weight"].shape[0], 2, {}

    def put(name, value):
        out["params/img/" + name] = value.half().numpy()

    def dense(name, source):
        put(name + "/kernel", state[source + ".weight"].T)
        put(name + "/bias", state[source + ".bias"])

    def norm(name, source):
        put(name + "/scale", state[source + ".weight"])
        put(name + "/bias", state[source + ".bias"])

    def attention(name, weights, biases, source):
        for part, weight, bias in zip(("query", "key", "value"), weights, biases):
            put("%s/%s/kernel" % (name, part), weight.T.reshape(width, heads, width // heads))
            put("%s/%s/bias" % (name, part), bias.reshape(heads, width // heads))
        put(name + "/out/kernel", state[source + ".weight"].T.reshape(heads, width // heads, width))
        put(name + "/out/bias", state[source + ".bias"])

    put("embedding/kernel", state["patch_embed.proj.weight"].permute(2, 3, 1, 0))
    put("embedding/bias", state["patch_embed.proj.bias"])
    put("pos_embedding", state["pos_embed"])
    norm("Transformer/encoder_norm", "norm")
    for i in range(2):
        block, source = "Transformer/encoderblock_%d/" % i, "blocks.%d." % i
        norm(block + "LayerNorm_0", source + "norm1")
        norm(block + "LayerNorm_1", source + "norm2")
        attention(block + "MultiHeadDotProductAttention_0", state[source + "attn.qkv.weight"].chunk(3),
                  state[source + "attn.qkv.bias"].chunk(3), source + "attn.proj")
        dense(block + "MlpBlock_0/Dense_0", source + "mlp.fc1")
        dense(block + "MlpBlock_0/Dense_1", source + "mlp.fc2")
    put("MAPHead_0/probe", state["attn_pool.latent"])
    attention("MAPHead_0/MultiHeadDotProductAttention_0", (state["attn_pool.q.weight"], *state["attn_pool.kv.weight"].chunk(2)),
              (state["attn_pool.q.bias"], *state["attn_pool.kv.bias"].chunk(2)), "attn_pool.proj")
    norm("MAPHead_0/LayerNorm_0", "attn_pool.norm")
    dense("MAPHead_0/MlpBlock_0/Dense_0", "attn_pool.mlp.fc1")
    dense("MAPHead_0/MlpBlock_0/Dense_1", "attn_pool.mlp.fc2")
    for name, shape in (("params/txt/Embed_0/embedding", (8, width)), ("params/t", (1,)), ("params/b", (1,))):
        out[name] = torch.ones(shape).half().numpy()
    return out


MODELS = {
    "dino": of_timm(100, "vit_small_patch16_224.dino"),
    "dino_patch8": of_timm(101, "vit_small_patch8_224.dino", only_full=True),
    "dinov2": of_timm(102, "vit_small_patch14_dinov2"),
    "dinov2_reg4": of_timm(103, "vit_small_patch14_reg4_dinov2", other_names=original_dinov2),
    "dinov2_giant": of_timm(123, "vit_giant_patch14_reg4_dinov2", other_names=original_giant),
    "hf_dinov2_giant": of_hugging_face(124, "Dinov2", use_swiglu_ffn=True),
    "moco_v3": of_timm(125, "vit_small_patch16_224", heads=6, other_names=moco_v3, other_names_alone=True),
    "mae": of_timm(126, "vit_base_patch16_224.mae", other_names=mae, other_names_alone=True),
    "mae_classifier": Recipe(127, fine_tuned_mae, logits, settings=("heads=2",)),
    "ibot": of_timm(128, "vit_small_patch16_224.dino", other_names=ibot, other_names_alone=True),
    "siglip": Recipe(130, lambda small: siglip(small, "vit_base_patch16_siglip_224"), lambda model, x: {"pooled": model(x)},
                     settings=("heads=2", "activation=gelu"), mean=[0.5] * 3, std=[0.5] * 3),
    "siglip_tanh": Recipe(131, lambda small: siglip(small, "vit_so400m_patch16_siglip_256"), lambda model, x: {"pooled": model(x)},
                          settings=("heads=2",), mean=[0.5] * 3, std=[0.5] * 3, numpy_names=big_vision),
    "hf_siglip": Recipe(132, hugging_face_siglip, siglip_pooled, hugging_face=True, mean=[0.5] * 3, std=[0.5] * 3),
    "hf_dinov2": of_hugging_face(104, "Dinov2"),
    "hf_dinov2_with_registers": of_hugging_face(105, "Dinov2WithRegisters"),
}

# SPDX-License-Identifier: Apache-2.0
"""Reference models of TimeSformer, from transformers. A clip is one picture: its frames, one below another."""
from recipe import Recipe

MEAN, STD = [0.45] * 3, [0.225] * 3
SMALL = dict(hidden_size=24, intermediate_size=96, num_hidden_layers=2, num_attention_heads=2, image_size=12, patch_size=4,
             num_frames=3)


def frames_of(x, count):
    """[pictures, 3, frames * side, side] -> [pictures, frames, 3, side, side]"""
    return x.unflatten(2, (count, -1)).transpose(1, 2)


def model_of(attention, head=True):
    def make(small):
        import transformers
        config = transformers.TimesformerConfig(attention_type=attention, num_labels=7 if small else 400, **SMALL if small else {})
        kind = transformers.TimesformerForVideoClassification if head else transformers.TimesformerModel
        return kind(config)
    return make


def answers(model, x):
    out = model(frames_of(x, model.config.num_frames))
    return {"logits": out.logits} if hasattr(out, "logits") else {"class": out.last_hidden_state[:, 0]}


def original_names(state):
    """As facebookresearch saves them, under model."""
    out = {}
    for name, value in state.items():
        name = name.replace("timesformer.", "model.").replace("classifier.", "model.head.")
        for ours, theirs in (("embeddings.patch_embeddings.projection.", "patch_embed.proj."), ("embeddings.cls_token", "cls_token"),
                             ("embeddings.position_embeddings", "pos_embed"), ("embeddings.time_embeddings", "time_embed"),
                             ("encoder.layer.", "blocks."), ("temporal_layernorm.", "temporal_norm1."), ("temporal_dense.", "temporal_fc."),
                             ("temporal_attention.attention.", "temporal_attn."), ("temporal_attention.output.dense.", "temporal_attn.proj."),
                             ("attention.attention.", "attn."), ("attention.output.dense.", "attn.proj."),
                             ("layernorm_before.", "norm1."), ("layernorm_after.", "norm2."), ("layernorm.", "norm."),
                             ("intermediate.dense.", "mlp.fc1."), ("output.dense.", "mlp.fc2.")):
            name = name.replace(ours, theirs)
        out[name] = value
    return out


def recipe(seed, attention="divided_space_time", head=True, **more):
    return Recipe(seed, model_of(attention, head), answers, side=(36, 12), full_side=(8 * 224, 224), mean=MEAN, std=STD, **more)


MODELS = {
    "timesformer": recipe(150, other_names=original_names, other_names_alone=True, settings=("heads=2",)),
    "hf_timesformer": recipe(151, hugging_face=True, processor="VideoMAEImageProcessor"),
    "hf_timesformer_joint": recipe(152, "joint_space_time", hugging_face=True, processor="VideoMAEImageProcessor"),
    "hf_timesformer_features": recipe(153, head=False, hugging_face=True, processor="VideoMAEImageProcessor"),
}

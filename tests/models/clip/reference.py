# SPDX-License-Identifier: Apache-2.0
"""Reference models of CLIP's image tower, from OpenCLIP 3.3.0, timm and transformers.

To install OpenCLIP: pip install --no-deps open-clip-torch ftfy wcwidth
"""
from recipe import Recipe

MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]


def open_clip(small):
    """A whole model as it is released, with its text tower."""
    import open_clip
    if not small:
        return open_clip.create_model("ViT-B-32")
    return open_clip.CLIP(embed_dim=12, vision_cfg=dict(image_size=16, layers=2, width=24, head_width=12, patch_size=4),
                          text_cfg=dict(context_length=4, vocab_size=8, width=8, heads=2, layers=1))


def openai(small):
    """As OpenAI's model.pt, which open_clip loads: quick-GELU and the text tower."""
    import open_clip
    if not small:
        return open_clip.create_model("ViT-B-32-quickgelu")
    return open_clip.CLIP(embed_dim=12, vision_cfg=dict(image_size=16, layers=2, width=24, head_width=12, patch_size=4),
                          text_cfg=dict(context_length=4, vocab_size=8, width=8, heads=2, layers=1), quick_gelu=True)


def hugging_face(small, activation="gelu"):
    import transformers
    size = (dict(hidden_size=24, intermediate_size=96, num_hidden_layers=2, num_attention_heads=2, image_size=16, patch_size=4, projection_dim=12)
            if small else {})
    return transformers.CLIPVisionModelWithProjection(transformers.CLIPVisionConfig(hidden_act=activation, **size))


def timm_tower(small, name="vit_base_patch32_clip_224"):
    import timm
    size = dict(embed_dim=24, depth=2, num_heads=2, img_size=16, patch_size=4, num_classes=12) if small else dict(num_classes=512)
    model = timm.create_model(name, **size)
    model.head.register_parameter("bias", None)  # CLIP's projection has none
    return model


def recipe(seed, make, answers, **more):
    return Recipe(seed, make, lambda model, x: {"class": answers(model, x)}, mean=MEAN, std=STD, **more)


MODELS = {
    "clip": recipe(110, open_clip, lambda model, x: model.encode_image(x), settings=("activation=gelu", "heads=2")),
    "hf_clip": recipe(111, hugging_face, lambda model, x: model(x).image_embeds, hugging_face=True),
    "openai_clip": recipe(120, openai, lambda model, x: model.encode_image(x), settings=("activation=quick_gelu", "heads=2")),
    "hf_clip_quickgelu": recipe(121, lambda small: hugging_face(small, "quick_gelu"), lambda model, x: model(x).image_embeds, hugging_face=True),
    "timm_clip_quickgelu": recipe(122, lambda small: timm_tower(small, "vit_base_patch32_clip_quickgelu_224"), lambda model, x: model(x),
                                  settings=("activation=quick_gelu", "heads=2")),
    "timm_clip": recipe(112, timm_tower, lambda model, x: model(x), settings=("activation=gelu", "heads=2")),
}

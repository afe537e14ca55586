# SPDX-License-Identifier: Apache-2.0
"""Reference models of Swin, from timm, transformers and torchvision. Pictures of 16 pixels are maps of 8 and 4 rows in
windows of 4; of 20 pixels, maps of 10 and 5 that are filled up to whole windows; of 18 x 14, maps of 9 x 7, and of 5 x 4,
whose windows are moved along one axis alone."""
from recipe import MEAN, STD, Recipe, logits

SMALL = dict(embed_dim=16, depths=(2, 2), num_heads=(1, 2), window_size=4)


def timm_swin(small, name="swin_tiny_patch4_window7_224"):
    import timm
    return timm.create_model(name, **dict(SMALL, img_size=16, patch_size=2, num_classes=7) if small else {})


FILLED = (18, 14)


def filled_swin(small):
    import timm
    return timm.create_model("swin_tiny_patch4_window7_224", **dict(SMALL, img_size=FILLED, patch_size=2, num_classes=7))


def timm_config():
    given = dict(input_size=[3, *FILLED], mean=MEAN, std=STD, interpolation="bicubic", crop_pct=1.0, num_classes=7)
    return dict(architecture="swin_tiny_patch4_window7_224", num_classes=7, num_features=32, pretrained_cfg=given)


def original_swin(state):
    """The tensors as microsoft names them: merging at the end of a stage, and a head without a part."""
    out = {}
    for name, value in state.items():
        out[name.replace("layers.1.downsample", "layers.0.downsample").replace("head.fc.", "head.")] = value
    return out


def torchvision_swin(small):
    import torchvision
    if not small:
        return torchvision.models.swin_t()
    kinds = dict(SMALL, depths=[2, 2], num_heads=[1, 2], window_size=[4, 4])
    return torchvision.models.swin_transformer.SwinTransformer(patch_size=[2, 2], num_classes=7, **kinds)


def hugging_face(small, side):
    import transformers
    size = dict(SMALL, image_size=side, patch_size=2, num_labels=7) if small else dict(image_size=side)
    return transformers.SwinForImageClassification(transformers.SwinConfig(**size))


def hf_logits(model, x):
    return {"logits": model(x).logits}


MODELS = {
    "swin": Recipe(130, timm_swin, logits, other_names=original_swin),
    "swin_filled_up": Recipe(133, filled_swin, logits, side=FILLED, timm_config=timm_config()),
    "torchvision_swin": Recipe(131, torchvision_swin, logits),
    "hf_swin": Recipe(132, lambda small: hugging_face(small, 20), hf_logits, side=20, hugging_face=True),
}

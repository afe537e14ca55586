# SPDX-License-Identifier: Apache-2.0
"""Reference models of Swin V2, from timm and transformers. Pictures of 16 pixels are maps of 8 and 4 rows in windows of
4; of 20 pixels, maps of 10 and 5 that are filled up to whole windows; of 18 x 14, maps of 9 x 7, and of 5 x 4, whose
windows are moved along one axis alone. Some were trained with other windows first, by which their positions are scaled."""
from recipe import MEAN, STD, Recipe, logits

SMALL = dict(embed_dim=16, depths=(2, 2), num_heads=(1, 2), window_size=4)
TRAINED = (3, 2)
FILLED = (18, 14)


def timm_swin(side, trained):
    def make(small):
        import timm
        kinds = dict(SMALL, img_size=side, patch_size=2, num_classes=7, pretrained_window_sizes=trained)
        return timm.create_model("swinv2_tiny_window8_256", **kinds if small else {})
    return make


def timm_config(side, trained):
    given = dict(input_size=[3, *side], mean=MEAN, std=STD, interpolation="bicubic", crop_pct=1.0, num_classes=7)
    args = dict(window_size=4, pretrained_window_sizes=trained)
    return dict(architecture="swinv2_tiny_window8_256", num_classes=7, num_features=32, model_args=args, pretrained_cfg=given)


def rounded_coordinates(model):
    """As they are saved in float16."""
    for name, value in model.named_buffers():
        if name.endswith("relative_coords_table"):
            value.copy_(value.half())
    return model


def original_swin(state):
    """The tensors as microsoft names them, with what it saves beside: merging at the end of a stage, a head without a
    part, coordinates of windows of 4 in both stages."""
    own = timm_swin(16, TRAINED)(True)
    out = {}
    for name, value in state.items():
        out[name.replace("layers.1.downsample", "layers.0.downsample").replace("head.fc.", "head.")] = value
    for name, value in own.named_buffers():
        if name.endswith("relative_coords_table"):
            out[name] = value
    return out


def hugging_face(small):
    import transformers
    size = dict(SMALL, image_size=20, patch_size=2, num_labels=7, pretrained_window_sizes=TRAINED)
    whole = dict(image_size=256, window_size=16)
    return transformers.Swinv2ForImageClassification(transformers.Swinv2Config(**size if small else whole))


def hf_logits(model, x):
    return {"logits": model(x).logits}


MODELS = {
    "swin_v2": Recipe(140, timm_swin(16, (0, 0)), logits, timm_config=timm_config((16, 16), (0, 0))),
    "swin_v2_filled_up": Recipe(141, timm_swin(FILLED, TRAINED), logits, side=FILLED,
                                timm_config=timm_config(FILLED, TRAINED)),
    "swin_v2_original": Recipe(142, lambda small: rounded_coordinates(timm_swin(16, TRAINED)(small)), logits,
                               other_names=original_swin, other_names_alone=True),
    "hf_swin_v2": Recipe(143, hugging_face, hf_logits, side=20, hugging_face=True),
}

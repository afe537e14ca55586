# SPDX-License-Identifier: Apache-2.0
"""What make_reference.py needs to know about a model. Each tests/models/<family>/reference.py lists models in MODELS,
by name."""
import dataclasses
import json
import typing

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


@dataclasses.dataclass
class Recipe:
    seed: int                  # of the weights
    make: typing.Callable      # small (bool) -> a torch module
    answers: typing.Callable   # module, normalised pictures -> {output: tensor}
    settings: tuple = ()       # NAME=VALUE for --set: settings that no file of the model tells
    side: typing.Any = 16      # of the small model's pictures, in pixels; or their height and width
    full_side: typing.Any = 224  # the same of the model of its real size
    only_full: bool = False
    mean: list = dataclasses.field(default_factory=lambda: MEAN)
    std: list = dataclasses.field(default_factory=lambda: STD)
    other_names: typing.Callable = None  # state -> the same tensors under another codebase's names
    other_names_alone: bool = False      # whether the model is saved under those only
    numpy_names: typing.Callable = None  # state -> arrays under JAX' names, which are saved too, as .npz
    timm_config: dict = None             # the small model's config.json, as timm writes it
    hugging_face: bool = False           # whether to save the model as transformers does, with its configs
    processor: str = "BitImageProcessor"  # which prepares its pictures
    processor_more: dict = dataclasses.field(default_factory=dict)  # what its config has in place of the usual


def logits(model, x):
    return {"logits": model(x)}


def save_state(state, path, dtype):
    from safetensors.torch import save_file
    save_file({name: value.to(dtype).clone().contiguous() for name, value in state.items()}, path)


def save_hugging_face(folder, model, dtype, recipe):
    model.to(dtype).save_pretrained(folder)
    model.float()
    side = getattr(model.config, "vision_config", model.config).image_size
    processor = {"image_processor_type": recipe.processor, "image_mean": recipe.mean, "image_std": recipe.std,
                 "crop_size": {"height": side, "width": side}, "size": {"shortest_edge": side}}
    processor.update(recipe.processor_more)
    (folder / "preprocessor_config.json").write_text(json.dumps(processor, indent=1) + "\n")

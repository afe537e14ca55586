#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_reference.py FOLDER [MODEL ...] [--full]: writes seeded models of PyTorch's libraries, with the answers that
these libraries compute, to FOLDER. The files in reference/ were made by it.

The models are those listed in <family>/reference.py. Freshly initialised weights are nearly linear and would hide
errors, so they are replaced: norms by 1 +- 0.3, biases by +- 0.1, LayerScale by 0.1 to 1, the factors of
cosines by 5 to 27. Weights are rounded to
float16 before PyTorch runs, so that the files are small and exact. With --full, the models have their real size and
float32 weights, and there are answers for two pictures. reference/ was made with torch 2.13.0, timm 1.0.31,
transformers 5.24.0, safetensors 0.7.0."""
import argparse
import importlib.util
import json
import pathlib

import numpy
import torch

import recipe as recipes


def all_models():
    """Yields (family, name, recipe) for each model."""
    for path in sorted(pathlib.Path(__file__).resolve().parent.glob("*/reference.py")):
        spec = importlib.util.spec_from_file_location(path.parent.name, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name, recipe in module.MODELS.items():
            yield path.parent.name, name, recipe


def perturb(model, seed):
    draw = torch.Generator().manual_seed(seed)

    def around(middle, reach, shape):
        return middle + reach * (2 * torch.rand(shape, generator=draw) - 1)

    with torch.no_grad():
        for name, value in model.named_parameters():
            part = name.split(".")[-1]
            if part in ("gamma", "gamma_1", "gamma_2", "lambda1", "lambda_1", "lambda_2", "ls1", "ls2"):
                value.copy_(around(0.55, 0.45, value.shape))
            elif part == "alpha" or (part == "weight" and value.dim() == 1):
                value.copy_(around(1, 0.3, value.shape))
            elif part.endswith("bias") or part == "beta":
                value.copy_(around(0, 0.1, value.shape))
            elif part == "logit_scale" and value.dim() == 3:
                value.copy_(around(2.5, 0.8, value.shape))
            elif "token" in name or "pos" in part or "embedding" in part:
                value.copy_(around(0, 0.5, value.shape))
            else:
                fan_in = value[0].numel() if value.dim() else 1
                value.copy_(torch.randn(value.shape, generator=draw) * fan_in ** -0.5)


def pictures(side, count):
    """Smooth pictures [count, height, width, 3] in uint8, all different; `side` is both, or (height, width)."""
    height, width = (side, side) if isinstance(side, int) else side
    y, x, c = numpy.meshgrid(numpy.arange(height), numpy.arange(width), numpy.arange(3), indexing="ij")
    out = []
    for i in range(count):
        wave = numpy.sin((3 + i) * (x + 1) / width * 4) + numpy.cos((2 + c) * (y + 2) / height * 3 + i)
        noise = (x * 37 + y * 101 + c * 53 + i * 29 + x * y * 7) % 61
        out.append(numpy.clip(128 + 40 * wave + noise - 30, 0, 255).astype(numpy.uint8))
    return numpy.stack(out)


def answers(recipe, model, pixels):
    x = torch.from_numpy(pixels).float().permute(0, 3, 1, 2) / 255
    x = (x - torch.tensor(recipe.mean).view(1, 3, 1, 1)) / torch.tensor(recipe.std).view(1, 3, 1, 1)
    with torch.no_grad():
        return {name: value.numpy() for name, value in recipe.answers(model, x).items()}


def save(folder, recipe, model, small):
    folder.mkdir(parents=True, exist_ok=True)
    dtype = torch.float16 if small else torch.float32
    if recipe.hugging_face:
        recipes.save_hugging_face(folder, model, dtype, recipe)
        return
    state = model.state_dict()
    if recipe.other_names_alone:
        state = recipe.other_names(state)
    recipes.save_state(state, folder / "model.safetensors", dtype)
    if small and recipe.other_names and not recipe.other_names_alone:
        halves = {name: value.to(dtype) for name, value in state.items()}
        recipes.save_state(recipe.other_names(halves), folder / "original_names.safetensors", dtype)
    if small and recipe.timm_config:
        (folder / "config.json").write_text(json.dumps(recipe.timm_config, indent=1) + "\n")
    if small and recipe.numpy_names:
        numpy.savez(folder / "jax_names.npz", **recipe.numpy_names(state))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="FOLDER", type=pathlib.Path)
    parser.add_argument("models", metavar="MODEL", nargs="*")
    parser.add_argument("--full", action="store_true")
    arguments = parser.parse_args()
    models = list(all_models())
    if unknown := set(arguments.models).difference(name for _, name, _ in models):
        parser.error(f"no model {min(unknown)}")
    root, small = arguments.folder, not arguments.full
    for family, name, recipe in models:
        if arguments.models and name not in arguments.models or small and recipe.only_full:
            continue
        model = recipe.make(small).eval()
        perturb(model, recipe.seed)
        if small:
            for value in model.state_dict().values():  # what is saved
                value.copy_(value.half())
        pixels = pictures(recipe.side if small else recipe.full_side, 1 if small else 2)
        given = answers(recipe, model, pixels)
        save(root / name, recipe, model, small)
        facts = {"family": family, "settings": list(recipe.settings)}
        if small:
            facts.update(pixels=pixels.reshape(-1).tolist(),
                         outputs={key: [float("%.8g" % v) for v in value.reshape(-1)] for key, value in given.items()})
        else:
            pixels.tofile(root / name / "pixels.bin")
            for key, value in given.items():
                numpy.save(root / name / (key + ".npy"), value.reshape(len(pixels), -1))
        (root / name / "expected.json").write_text(json.dumps(facts).replace("], ", "],\n") + "\n")
        print(name, {k: v.shape for k, v in given.items()}, flush=True)


if __name__ == "__main__":
    main()

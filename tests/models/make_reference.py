#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_reference.py FOLDER [MODEL ...]: seeded models of PyTorch's libraries and what they answer, as reference/ holds them.

Weights are perturbed, since freshly initialised ones are near-linear and hide errors: norms 1 +- 0.3, biases +- 0.1, LayerScale 0.1 to 1.
They are rounded to float16 before PyTorch runs, so that the files are small and exact. --full makes them at their real size, in float32,
beside the answers for two pictures. Written with torch 2.13.0, timm 1.0.31, transformers 5.24.0, safetensors 0.7.0."""
import json
import pathlib
import sys

import numpy
import torch

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]

def timm_vit(name, small, **more):
    import timm
    if small:
        more.update(embed_dim=24, depth=2, num_heads=2, img_size=16, patch_size=4)
    elif "patch14" in name:
        more.update(img_size=224)
    return timm.create_model(name, num_classes=0, **more)


def hugging_face(kind, small, **more):
    import transformers
    size = (dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=2, image_size=16, patch_size=4) if small else
            dict(hidden_size=384, num_hidden_layers=12, num_attention_heads=6, image_size=224, patch_size=14))
    config = getattr(transformers, kind + "Config")(**size, **more)
    return getattr(transformers, kind + "Model")(config)


def mixer(small, **real):
    from timm.models.mlp_mixer import MlpMixer
    return MlpMixer(num_classes=7, img_size=20, patch_size=4, num_blocks=2, embed_dim=24) if small else MlpMixer(**real)


def resmlp(small):
    from timm.models.mlp_mixer import Affine, MlpMixer, ResBlock
    kinds = dict(block_layer=ResBlock, norm_layer=Affine, mlp_ratio=4)
    if small:
        return MlpMixer(num_classes=7, img_size=20, patch_size=4, num_blocks=2, embed_dim=24, **kinds)
    return MlpMixer(patch_size=16, num_blocks=12, embed_dim=384, **kinds)


MODELS = {
    "dino": lambda small: timm_vit("vit_small_patch16_224.dino", small),
    "dino_patch8": lambda small: timm_vit("vit_small_patch8_224.dino", small),
    "dinov2": lambda small: timm_vit("vit_small_patch14_dinov2", small),
    "dinov2_reg4": lambda small: timm_vit("vit_small_patch14_reg4_dinov2", small),
    "hf_dinov2": lambda small: hugging_face("Dinov2", small),
    "hf_dinov2_with_registers": lambda small: hugging_face("Dinov2WithRegisters", small),
    "mixer": lambda small: mixer(small, patch_size=32, num_blocks=8, embed_dim=512),
    "mixer_b16": lambda small: mixer(small, patch_size=16, num_blocks=12, embed_dim=768),
    "resmlp": resmlp,
}


def perturb(model, seed):
    draw = torch.Generator().manual_seed(seed)

    def around(middle, reach, shape):
        return middle + reach * (2 * torch.rand(shape, generator=draw) - 1)

    with torch.no_grad():
        for name, value in model.named_parameters():
            part = name.split(".")[-1]
            if part in ("gamma", "lambda1", "ls1", "ls2"):
                value.copy_(around(0.55, 0.45, value.shape))
            elif part == "alpha" or (part == "weight" and value.dim() == 1):
                value.copy_(around(1, 0.3, value.shape))
            elif part in ("bias", "beta"):
                value.copy_(around(0, 0.1, value.shape))
            elif "token" in name or "pos" in part:
                value.copy_(around(0, 0.5, value.shape))
            else:
                fan_in = value[0].numel()
                value.copy_(torch.randn(value.shape, generator=draw) * fan_in ** -0.5)


def pictures(side, count):
    """[count, side, side, 3] bytes: smooth, and different in each picture."""
    y, x, c = numpy.meshgrid(numpy.arange(side), numpy.arange(side), numpy.arange(3), indexing="ij")
    out = []
    for i in range(count):
        wave = numpy.sin((3 + i) * (x + 1) / side * 4) + numpy.cos((2 + c) * (y + 2) / side * 3 + i)
        noise = (x * 37 + y * 101 + c * 53 + i * 29 + x * y * 7) % 61
        out.append(numpy.clip(128 + 40 * wave + noise - 30, 0, 255).astype(numpy.uint8))
    return numpy.stack(out)


def answers(name, model, pixels):
    x = torch.from_numpy(pixels).float().permute(0, 3, 1, 2) / 255
    x = (x - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(STD).view(1, 3, 1, 1)
    with torch.no_grad():
        if name.startswith("hf_"):
            tokens, prefix = model(x).last_hidden_state, 1 + getattr(model.config, "num_register_tokens", 0)
        elif "dino" in name:
            tokens, prefix = model.forward_features(x), model.num_prefix_tokens
        else:
            return {"logits": model(x).numpy()}
    return {"class": tokens[:, :1].numpy(), "patches": tokens[:, prefix:].numpy()}


def original_resmlp(state):
    """facebookresearch's names, which timm's loader takes as well."""
    out = {}
    for name, value in state.items():
        for new, old in (("stem.", "patch_embed."), ("linear_tokens.", "attn."), ("mlp_channels.", "mlp."), ("ls", "gamma_")):
            name = name.replace(new, old)
        out[name] = value.reshape(-1) if name.split(".")[-1] in ("alpha", "beta") else value
    return out


def original_dinov2(state):
    """facebookresearch's names: registers, LayerScale and a position of the class token, which timm adds to it."""
    out = {name.replace("reg_token", "register_tokens"): value for name, value in state.items()}
    half = state["cls_token"] / 2
    out["cls_token"], out["pos_embed"] = half, torch.cat([half, state["pos_embed"]], dim=1)
    out["mask_token"] = torch.zeros(1, half.shape[-1], dtype=half.dtype)
    return {name: value.clone() for name, value in out.items()}


ORIGINAL_NAMES = {"dinov2_reg4": original_dinov2, "resmlp": original_resmlp}


def save(folder, name, model, small):
    from safetensors.torch import save_file
    folder.mkdir(parents=True, exist_ok=True)
    dtype = torch.float16 if small else torch.float32
    if name.startswith("hf_"):
        model.to(dtype).save_pretrained(folder)
        model.float()
        side = model.config.image_size
        processor = {"image_processor_type": "BitImageProcessor", "image_mean": MEAN, "image_std": STD, "crop_size": {"height": side, "width": side},
                     "size": {"shortest_edge": side}}
        (folder / "preprocessor_config.json").write_text(json.dumps(processor, indent=1) + "\n")
        return
    state = {k: v.to(dtype).contiguous() for k, v in model.state_dict().items()}
    save_file(state, folder / "model.safetensors")
    if small and name in ORIGINAL_NAMES:
        save_file(ORIGINAL_NAMES[name](state), folder / "original_names.safetensors")


def main():
    arguments = [a for a in sys.argv[1:] if a != "--full"]
    small = "--full" not in sys.argv
    root = pathlib.Path(arguments[0])
    for seed, name in enumerate(MODELS):
        if arguments[1:] and name not in arguments[1:] or small and name in ("dino_patch8", "mixer_b16"):
            continue
        model = MODELS[name](small).eval()
        perturb(model, 100 + seed)
        if small:
            model = model.half().float()
        save(root / name, name, model, small)
        side = (20 if name in ("mixer", "resmlp") else 16) if small else 224
        pixels = pictures(side, 1 if small else 2)
        given = answers(name, model, pixels)
        if small:
            text = json.dumps({"pixels": pixels.reshape(-1).tolist(),
                               "outputs": {key: [float("%.8g" % v) for v in value.reshape(-1)] for key, value in given.items()}})
            (root / name / "expected.json").write_text(text.replace("], ", "],\n") + "\n")
        else:
            pixels.tofile(root / name / "pixels.bin")
            for key, value in given.items():
                numpy.save(root / name / (key + ".npy"), value.reshape(len(pixels), -1))
        print(name, {k: v.shape for k, v in given.items()}, flush=True)


if __name__ == "__main__":
    main()

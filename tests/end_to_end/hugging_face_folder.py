# SPDX-License-Identifier: Apache-2.0
"""hugging_face_folder.py WEIGHTS LABELS FOLDER: writes the real DeiT-Ti to FOLDER as transformers' save_pretrained
would write a ViTForImageClassification that computes the same function.

WEIGHTS have timm's names, and expect ImageNet's mean m and standard deviation s. They are changed for mean = std =
0.5, the default of transformers' ViTImageProcessor: since (p - m) / s = (0.5 x + 0.5 - m) / s for x = (p - 0.5) / 0.5,
the patch embedding W, b becomes 0.5 / s W, b + sum of (0.5 - m) / s W.
"""
import json
import os
import re
import sys

import numpy as np

MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
NAMES = {"cls_token": "vit.embeddings.cls_token", "pos_embed": "vit.embeddings.position_embeddings", "norm": "vit.layernorm", "head": "classifier",
         "patch_embed.proj": "vit.embeddings.patch_embeddings.projection"}
BLOCK_NAMES = {"norm1": "layernorm_before", "norm2": "layernorm_after", "attn.proj": "attention.output.dense", "mlp.fc1": "intermediate.dense", "mlp.fc2": "output.dense"}


def read_safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    header.pop("__metadata__", None)
    return {name: np.frombuffer(data[t["data_offsets"][0]:t["data_offsets"][1]], np.float32).reshape(t["shape"]) for name, t in header.items()}


def write_safetensors(path, tensors):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, tensor in tensors.items():
        header[name] = {"dtype": "F32", "shape": tensor.shape, "data_offsets": [offset, offset + tensor.nbytes]}
        offset += tensor.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for tensor in tensors.values():
            file.write(np.ascontiguousarray(tensor).tobytes())


def refold(tensors):
    weight = tensors["patch_embed.proj.weight"].astype(np.float64)
    channel = lambda v: v.reshape(1, 3, 1, 1)
    bias = tensors["patch_embed.proj.bias"] + (weight * channel((0.5 - MEAN) / STD)).sum((1, 2, 3))
    return {**tensors, "patch_embed.proj.weight": (weight * channel(0.5 / STD)).astype(np.float32), "patch_embed.proj.bias": bias.astype(np.float32)}


def hugging_face(tensors):
    out = {}
    for name, tensor in tensors.items():
        stem, kind = name.rsplit(".", 1) if name.endswith((".weight", ".bias")) else (name, None)
        block = re.fullmatch(r"blocks\.(\d+)\.(.+)", stem)
        if not block:
            out[NAMES[stem] + (f".{kind}" if kind else "")] = tensor
            continue
        layer = f"vit.encoder.layer.{block[1]}."
        if block[2] == "attn.qkv":
            for part, third in zip(("query", "key", "value"), np.split(tensor, 3)):
                out[f"{layer}attention.attention.{part}.{kind}"] = third
        else:
            out[f"{layer}{BLOCK_NAMES[block[2]]}.{kind}"] = tensor
    return out


def main(weights, labels, folder):
    os.makedirs(folder, exist_ok=True)
    tensors = read_safetensors(weights)
    write_safetensors(f"{folder}/model.safetensors", hugging_face(refold(tensors)))
    with open(labels, encoding="utf-8") as file:
        names = [line.rstrip("\n")[10:] for line in file]
    config = {"architectures": ["ViTForImageClassification"], "attention_probs_dropout_prob": 0.0, "encoder_stride": 16, "hidden_act": "gelu", "hidden_dropout_prob": 0.0,
              "hidden_size": 192, "id2label": {str(i): name for i, name in enumerate(names)}, "image_size": 224, "initializer_range": 0.02, "intermediate_size": 768,
              "label2id": {name: i for i, name in enumerate(names)}, "layer_norm_eps": 1e-06, "model_type": "vit", "num_attention_heads": 3, "num_channels": 3,
              "num_hidden_layers": 12, "patch_size": 16, "qkv_bias": True, "transformers_version": "4.57.6"}
    processor = {"do_convert_rgb": None, "do_normalize": True, "do_rescale": True, "do_resize": True, "image_mean": [0.5] * 3, "image_processor_type": "ViTImageProcessor",
                 "image_std": [0.5] * 3, "resample": 2, "rescale_factor": 0.00392156862745098, "size": {"height": 224, "width": 224}}
    for name, content in (("config.json", config), ("preprocessor_config.json", processor)):
        with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2)


if __name__ == "__main__":
    main(*sys.argv[1:])

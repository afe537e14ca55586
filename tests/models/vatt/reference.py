# SPDX-License-Identifier: Apache-2.0
"""Reference models of VATT's video tower, which no package has: a module of its own by the paper (arXiv 2104.11178)
and by the layers of google-research's release. checkpoint.py compares it with TensorFlow's layers. A clip is one
picture, with as many frames side by side as a patch has, and the next ones below."""
import torch
from torch import nn

from recipe import Recipe

HALF = [0.5] * 3
SMALL = dict(width=24, heads=2, hidden=96, blocks=2, grid=(2, 3, 2), patch=(2, 4, 4))
BASE = dict(width=768, heads=12, hidden=3072, blocks=12, grid=(8, 14, 14), patch=(4, 16, 16))


class Positions(nn.Module):
    def __init__(self, width, grid):
        super().__init__()
        self.temporal_embedding, self.vertical_embedding, self.horizontal_embedding = (
            nn.Parameter(torch.zeros(n, width)) for n in grid)
        self.layernorm = nn.LayerNorm(width, 1e-6)

    def forward(self):
        total = self.temporal_embedding[:, None, None] + self.vertical_embedding[None, :, None] + self.horizontal_embedding
        return self.layernorm(total.flatten(0, 2))


class Block(nn.Module):
    def __init__(self, width, heads, hidden):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width, 1e-6), nn.LayerNorm(width, 1e-6)
        self.q, self.k, self.v, self.o = (nn.Linear(width, width) for _ in range(4))
        self.wi, self.wo = nn.Linear(width, hidden), nn.Linear(hidden, width)

    def forward(self, x):
        y = self.norm1(x)
        q, k, v = (layer(y).unflatten(-1, (self.heads, -1)).transpose(1, 2) for layer in (self.q, self.k, self.v))
        scores = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
        x = x + self.o((scores.softmax(-1) @ v).transpose(1, 2).flatten(2))
        return x + self.wo(nn.functional.gelu(self.wi(self.norm2(x))))


class Tower(nn.Module):
    def __init__(self, width, heads, hidden, blocks, grid, patch, classes=None):
        super().__init__()
        self.grid, self.patch = grid, patch
        self.voxel_to_patch = nn.Conv3d(3, width, patch, patch)
        self.agg_token = nn.Parameter(torch.zeros(width))
        self.positions = Positions(width, grid)
        self.blocks = nn.ModuleList(Block(width, heads, hidden) for _ in range(blocks))
        self.norm = nn.LayerNorm(width, 1e-6)
        self.cls = nn.Linear(width, classes) if classes else None

    def forward(self, clip):
        """[n, 3, frames, height, width]"""
        patches = self.voxel_to_patch(clip).flatten(2).transpose(1, 2) + self.positions()
        x = torch.cat([self.agg_token.expand(len(clip), 1, -1), patches], 1)
        for block in self.blocks:
            x = block(x)
        x = self.norm(x[:, 0])
        return {"logits": self.cls(x)} if self.cls else {"class": x}


def clip_of(x, patch, grid):
    """[n, 3, groups * height, frames of a patch * width] -> [n, 3, frames, height, width]"""
    n = len(x)
    x = x.reshape(n, 3, grid[0], grid[1] * patch[1], patch[0], grid[2] * patch[2])
    return x.permute(0, 1, 2, 4, 3, 5).flatten(2, 3)


NAMES = {"voxel_to_patch": "voxel_to_patch", "positions.temporal_embedding": "pos_embedding_lookup/temporal_position_embeddings/embeddings",
         "positions.vertical_embedding": "pos_embedding_lookup/vertical_position_embeddings/embeddings",
         "positions.horizontal_embedding": "pos_embedding_lookup/horizontal_position_embeddings/embeddings",
         "positions.layernorm": "pos_embedding_lookup/layernorm", "agg_token": "agg_embedding", "norm": "tx/final_layer_norm"}
BLOCK = {"norm1": "layer_norm", "norm2": "feed_forward/layer_norm", "q": "mha/q", "k": "mha/k", "v": "mha/v", "o": "mha/o",
         "wi": "feed_forward/mlp/wi", "wo": "feed_forward/mlp/wo"}


def tensorflow_names(state):
    """As tf.train.Checkpoint(model=...) calls the variables of a fine-tuned model, or of a pre-trained one."""
    root = "model/layer_with_weights-0/" + ("" if "cls.weight" in state else "_base_layer/vid_backbone/")
    out = {}
    for name, value in state.items():
        layer, _, part = name.rpartition(".") if name.endswith(("weight", "bias")) else (name, "", "")
        if layer == "cls":
            path = "_ops/cls"
        elif layer.startswith("blocks."):
            _, number, rest = layer.split(".")
            path = f"_base/tx/layers/{number}/{BLOCK[rest]}"
        else:
            path = "_base/" + NAMES[layer]
        if part and "norm" in layer:
            path += {"weight": "/gamma", "bias": "/beta"}[part]
        elif part:
            path += {"weight": "/kernel", "bias": "/bias"}[part]
        if part == "weight" and value.dim() > 1:  # channels last: [..., in, out]
            value = value.permute(*range(2, value.dim()), 1, 0)
        out[root + path] = value
    return out


def recipe(seed, with_head):
    def make(small):
        return Tower(**SMALL if small else BASE, classes=(7 if small else 400) if with_head else None)

    def side(patch, grid, **_):
        return grid[0] * grid[1] * patch[1], patch[0] * grid[2] * patch[2]

    return Recipe(seed, make, lambda model, x: model(clip_of(x, model.patch, model.grid)), settings=("heads=2",), side=side(**SMALL),
                  full_side=side(**BASE), mean=HALF, std=HALF, other_names=tensorflow_names, other_names_alone=True)


MODELS = {"vatt": recipe(170, True), "vatt_features": recipe(171, False)}

# SPDX-License-Identifier: Apache-2.0
"""DeiT-Ti in PyTorch, with timm's tensor names, and its export to ONNX. Every other engine starts from one of these."""
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn

WIDTH, HEADS, DEPTH, PATCH, SIZE, CLASSES, EPSILON = 192, 3, 12, 16, 224, 1000, 1e-6
TOKENS = (SIZE // PATCH) ** 2 + 1


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.proj = nn.Linear(WIDTH, WIDTH)

    def forward(self, x):
        q, k, v = (part.reshape(TOKENS, HEADS, WIDTH // HEADS).transpose(0, 1) for part in self.qkv(x).chunk(3, -1))
        # Written out, without a batch dimension: some exporters wrap the fused operator in checks for masked rows,
        # which would cost the engine time.
        weights = ((q * (WIDTH // HEADS) ** -0.5) @ k.transpose(-2, -1)).softmax(-1)
        return self.proj((weights @ v).transpose(0, 1).reshape(1, TOKENS, WIDTH))


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(WIDTH, 4 * WIDTH)
        self.fc2 = nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.attn = Attention()
        self.norm2 = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.mlp = Mlp()

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class PatchEmbed(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Conv2d(3, WIDTH, PATCH, PATCH)

    def forward(self, picture):
        return self.proj(picture).flatten(2).transpose(1, 2)


class Deit(nn.Module):
    """From one normalised picture (1, 3, 224, 224) to its logits (1, 1000)."""

    def __init__(self):
        super().__init__()
        self.patch_embed = PatchEmbed()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, WIDTH))
        self.pos_embed = nn.Parameter(torch.zeros(1, TOKENS, WIDTH))
        self.blocks = nn.Sequential(*(Block() for _ in range(DEPTH)))
        self.norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.head = nn.Linear(WIDTH, CLASSES)

    def forward(self, picture):
        x = torch.cat([self.cls_token, self.patch_embed(picture)], 1) + self.pos_embed
        return self.head(self.norm(self.blocks(x))[:, 0])


def example():
    return torch.zeros(1, 3, SIZE, SIZE)


def load(checkpoint):
    model = Deit()
    model.load_state_dict(load_file(checkpoint))
    return model.eval().requires_grad_(False)


def export_onnx(checkpoint, path):
    # Opset 20 is the first in which Gelu is a single operator.
    program = torch.onnx.export(load(checkpoint), (example(),), dynamo=True, opset_version=20, input_names=["picture"], output_names=["logits"], verbose=False)
    program.save(str(path))

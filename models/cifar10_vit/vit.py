# SPDX-License-Identifier: Apache-2.0
"""The architecture that train.py trains: a plain pre-norm ViT with a class token (Dosovitskiy et al., 2021).

Names are DeiT's. Tensors are named as in timm, which `vitro convert` reads. GELU is exact (erf), and
LayerNorm's epsilon is 1e-6.
"""
import torch
import torch.nn.functional as F
from torch import nn

SIZE, PATCH, CLASSES = 32, 4, 10
GRID = SIZE // PATCH


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        mimetic_init(self)

    def forward(self, x):
        batch, tokens, width = x.shape
        q, k, v = self.qkv(x).view(batch, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        # Not the fused kernel: on CPUs, at 65 tokens, its backward pass is slower than two small batched products.
        weights = ((q * (width // self.heads) ** -0.5) @ k.transpose(-2, -1)).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(batch, tokens, width))


class Mlp(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = Mlp(width)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class PatchEmbed(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.proj = nn.Conv2d(3, width, PATCH, PATCH)

    def forward(self, pictures):
        return self.proj(pictures).flatten(2).transpose(1, 2)


class Vit(nn.Module):
    """Logits (batch, 10) of normalised pictures (batch, 3, 32, 32)."""

    def __init__(self, depth, width, heads):
        super().__init__()
        self.patch_embed = PatchEmbed(width)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.cat([torch.zeros(1, 1, width), sine_positions(width)], 1))
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(depth)))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Linear(width, CLASSES)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)
        nn.init.normal_(self.cls_token, std=0.02)
        nn.init.zeros_(self.head.weight)

    def forward(self, pictures, keep=1.0):
        """keep: the share of the patches that the encoder sees, drawn anew for each picture (PatchDropout, Liu et al.,
        2022)."""
        x = self.patch_embed(pictures) + self.pos_embed[:, 1:]
        if keep < 1.0:
            batch, patches, width = x.shape
            kept = torch.rand(batch, patches, device=x.device).argsort(1)[:, : int(keep * patches)]
            x = x.gather(1, kept.unsqueeze(-1).expand(-1, -1, width))
        token = (self.cls_token + self.pos_embed[:, :1]).expand(x.shape[0], -1, -1)
        return self.head(self.norm(self.blocks(torch.cat([token.to(x.dtype), x], 1)))[:, 0])


def mimetic_init(attention, diagonal=0.7, output=0.4):
    """Random weights whose products look like a trained ViT's: W_q W_k^T = 0.7 I + 0.7 Z and W_v W_proj = 0.4 Z - 0.4
    I, where Z is Gaussian with standard deviation 1 / sqrt(width) (Trockman and Kolter, "Mimetic Initialization of
    Self-Attention Layers", 2023)."""
    width, heads = attention.proj.in_features, attention.heads
    identity = torch.eye(width)
    part = width // heads
    with torch.no_grad():
        for head in range(heads):
            u, s, vh = torch.linalg.svd(diagonal * torch.randn(width, width) / width**0.5 + diagonal * identity)
            root = s[:part].sqrt().unsqueeze(1)
            rows = slice(head * part, (head + 1) * part)
            attention.qkv.weight[rows] = root * u[:, :part].T
            attention.qkv.weight[width:][rows] = root * vh[:part]
        u, s, vh = torch.linalg.svd(output * torch.randn(width, width) / width**0.5 - output * identity)
        attention.qkv.weight[2 * width :] = s.sqrt().unsqueeze(1) * vh
        attention.proj.weight.copy_(u * s.sqrt())


def sine_positions(width):
    """The initial position embedding (1, patches, width): sines and cosines of a patch's row and column."""
    frequencies = 10000.0 ** -(torch.arange(width // 4) / (width // 4))
    angles = torch.arange(GRID).unsqueeze(1) * frequencies
    line = torch.cat([angles.sin(), angles.cos()], 1)
    rows = line.unsqueeze(1).expand(-1, GRID, -1)
    columns = line.unsqueeze(0).expand(GRID, -1, -1)
    return 0.5 * torch.cat([rows, columns], 2).reshape(1, GRID * GRID, width)

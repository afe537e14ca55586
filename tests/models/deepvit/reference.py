# SPDX-License-Identifier: Apache-2.0
"""Reference models of DeepViT. No package has the released network, so it is written here, after its paper, with the
names of the released files."""
from recipe import Recipe, logits

HALF = [0.5, 0.5, 0.5]


def deepvit(small):
    import timm.layers
    import torch
    from torch import nn

    class ReAttention(nn.Module):
        """Attention maps of all heads are mixed after softmax, then normalised over the batch's maps of each head."""

        def __init__(self, width, heads, mixes):
            super().__init__()
            self.heads = heads
            self.qkv = nn.Linear(width, 3 * width)
            self.proj = nn.Linear(width, width)
            self.reatten_matrix = nn.Conv2d(heads, heads, 1) if mixes else None
            self.var_norm = nn.BatchNorm2d(heads) if mixes else None
            if mixes:  # of maps whose rows sum to 1, about as training leaves them
                self.var_norm.running_mean.copy_(torch.linspace(-0.05, 0.15, heads))
                self.var_norm.running_var.copy_(torch.linspace(0.05, 0.2, heads))

        def forward(self, x):
            q, k, v = self.qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
            maps = (q @ k.mT * q.shape[-1] ** -0.5).softmax(-1)
            if self.reatten_matrix is not None:
                maps = self.var_norm(self.reatten_matrix(maps))
            return self.proj((maps @ v).transpose(1, 2).flatten(2))

    class Block(nn.Module):
        def __init__(self, width, heads, mixes):
            super().__init__()
            self.norm1, self.norm2 = (nn.LayerNorm(width, eps=1e-6) for _ in range(2))
            self.attn = ReAttention(width, heads, mixes)
            self.mlp = timm.layers.Mlp(width, 3 * width)

        def forward(self, x):
            x = x + self.attn(self.norm1(x))
            return x + self.mlp(self.norm2(x))

    class DeepViT(nn.Module):
        def __init__(self, side, patch, width, heads, mixes, classes):
            super().__init__()
            self.patch_embed = timm.layers.PatchEmbed(side, patch, embed_dim=width)
            self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
            self.pos_embed = nn.Parameter(torch.zeros(1, 1 + self.patch_embed.num_patches, width))
            self.blocks = nn.ModuleList(Block(width, heads, m) for m in mixes)
            self.norm = nn.LayerNorm(width, eps=1e-6)
            self.head = nn.Linear(width, classes)

        def forward(self, x):
            x = self.patch_embed(x)
            x = torch.cat((self.cls_token.expand(len(x), -1, -1), x), 1) + self.pos_embed
            for block in self.blocks:
                x = block(x)
            return self.head(self.norm(x)[:, 0])

    if small:  # with a block without re-attention, as DeepViT-S has eleven
        return DeepViT(16, 4, 24, 3, [False, True, True], 7)
    return DeepViT(224, 16, 384, 12, [True] * 16, 1000)  # deepvit_patch16_224_re_attn_16b


MODELS = {"deepvit": Recipe(141, deepvit, logits, mean=HALF, std=HALF)}

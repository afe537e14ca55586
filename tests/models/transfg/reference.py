# SPDX-License-Identifier: Apache-2.0
"""Reference models of TransFG. No package has it, so it is written here, after its paper, with the names of the released
files."""
from recipe import Recipe


def transfg(overlaps):
    def make(small):
        import torch
        from torch import nn

        class Attention(nn.Module):
            def __init__(self, width, heads):
                super().__init__()
                self.heads = heads
                self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))

            def forward(self, x):
                q, k, v = (f(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for f in (self.query, self.key, self.value))
                maps = (q @ k.mT * q.shape[-1] ** -0.5).softmax(-1)
                return self.out((maps @ v).transpose(1, 2).flatten(2)), maps

        class Mlp(nn.Module):
            def __init__(self, width):
                super().__init__()
                self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

            def forward(self, x):
                return self.fc2(nn.functional.gelu(self.fc1(x)))

        class Block(nn.Module):
            def __init__(self, width, heads):
                super().__init__()
                self.attention_norm, self.ffn_norm = (nn.LayerNorm(width, eps=1e-6) for _ in range(2))
                self.attn, self.ffn = Attention(width, heads), Mlp(width)

            def forward(self, x):
                found, maps = self.attn(self.attention_norm(x))
                x = x + found
                return x + self.ffn(self.ffn_norm(x)), maps

        class Embeddings(nn.Module):
            def __init__(self, side, patch, stride, width):
                super().__init__()
                self.patch_embeddings = nn.Conv2d(3, width, patch, stride)
                self.position_embeddings = nn.Parameter(torch.zeros(1, 1 + ((side - patch) // stride + 1) ** 2, width))
                self.cls_token = nn.Parameter(torch.zeros(1, 1, width))

            def forward(self, x):
                x = self.patch_embeddings(x).flatten(2).mT
                return torch.cat((self.cls_token.expand(len(x), -1, -1), x), 1) + self.position_embeddings

        class Encoder(nn.Module):
            def __init__(self, width, heads, blocks):
                super().__init__()
                self.layer = nn.ModuleList(Block(width, heads) for _ in range(blocks - 1))
                self.part_layer = Block(width, heads)
                self.part_norm = nn.LayerNorm(width, eps=1e-6)

            def forward(self, x):
                product = None
                for block in self.layer:
                    x, maps = block(x)
                    product = maps if product is None else maps @ product
                weights = product[:, :, 0, 1:]  # [pictures, heads, patches]
                self.two_best = weights.topk(2).values  # for who asks how near a tie is
                parts = weights.argmax(-1) + 1
                chosen = x.gather(1, parts[..., None].expand(-1, -1, x.shape[-1]))
                x, _ = self.part_layer(torch.cat((x[:, :1], chosen), 1))
                return self.part_norm(x)[:, 0]

        class Transformer(nn.Module):
            def __init__(self, side, patch, stride, width, heads, blocks):
                super().__init__()
                self.embeddings = Embeddings(side, patch, stride, width)
                self.encoder = Encoder(width, heads, blocks)

            def forward(self, x):
                return self.encoder(self.embeddings(x))

        class TransFG(nn.Module):
            def __init__(self, side, patch, stride, width, heads, blocks, classes):
                super().__init__()
                self.transformer = Transformer(side, patch, stride, width, heads, blocks)
                self.part_head = nn.Linear(width, classes)

            def forward(self, x):
                return self.part_head(self.transformer(x))

        if small:
            return TransFG(16, 4, 3 if overlaps else 4, 24, 3, 4, 7)
        return TransFG(448, 16, 12 if overlaps else 16, 768, 12, 12, 200)
    return make


def answers(model, x):
    out = {"logits": model(x)}
    best = model.transformer.encoder.two_best
    print("second best part", (best[..., 1] / best[..., 0]).max().item(), "of the best")
    return out


MODELS = {
    "transfg": Recipe(160, transfg(True), answers, settings=("heads=3", "stride=3"), full_side=448),
    "transfg_side_by_side": Recipe(161, transfg(False), answers, settings=("heads=3", "stride=4"), full_side=448),
}

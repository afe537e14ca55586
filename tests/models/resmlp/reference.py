# SPDX-License-Identifier: Apache-2.0
from recipe import Recipe, logits


def resmlp(small):
    from timm.models.mlp_mixer import Affine, MlpMixer, ResBlock
    kinds = dict(block_layer=ResBlock, norm_layer=Affine, mlp_ratio=4)
    if small:
        return MlpMixer(num_classes=7, img_size=20, patch_size=4, num_blocks=2, embed_dim=24, **kinds)
    return MlpMixer(patch_size=16, num_blocks=12, embed_dim=384, **kinds)


def original_resmlp(state):
    """The tensors under facebookresearch's names, which timm's loader accepts too."""
    out = {}
    for name, value in state.items():
        for new, old in (("stem.", "patch_embed."), ("linear_tokens.", "attn."), ("mlp_channels.", "mlp."), ("ls", "gamma_")):
            name = name.replace(new, old)
        out[name] = value.reshape(-1) if name.split(".")[-1] in ("alpha", "beta") else value
    return out


MODELS = {"resmlp": Recipe(108, resmlp, logits, side=20, other_names=original_resmlp)}

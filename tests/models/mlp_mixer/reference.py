# SPDX-License-Identifier: Apache-2.0
from recipe import Recipe, logits


def mixer(small, **real):
    from timm.models.mlp_mixer import MlpMixer
    return MlpMixer(num_classes=7, img_size=20, patch_size=4, num_blocks=2, embed_dim=24) if small else MlpMixer(**real)


MODELS = {
    "mlp_mixer": Recipe(106, lambda small: mixer(small, patch_size=32, num_blocks=8, embed_dim=512), logits, side=20),
    "mlp_mixer_b16": Recipe(107, lambda small: mixer(small, patch_size=16, num_blocks=12, embed_dim=768), logits, only_full=True),
}

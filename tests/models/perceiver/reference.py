# SPDX-License-Identifier: Apache-2.0
"""Reference models of Perceiver, from transformers. Its classes fix 256 channels of pixels and of positions, and 64
bands of Fourier features."""
from recipe import Recipe

SMALL = dict(num_latents=6, d_latents=16, num_blocks=2, num_self_attends_per_block=2, num_self_attention_heads=2,
             num_cross_attention_heads=1, qk_channels=16, v_channels=16, image_size=8, num_labels=7)
# As deepmind/vision-perceiver-*.
WHOLE = dict(num_latents=512, d_latents=1024, num_blocks=8, num_self_attends_per_block=6, num_self_attention_heads=8,
             num_cross_attention_heads=1, image_size=224, num_labels=1000)


def model_of(kind, **more):
    def make(small):
        import transformers
        config = transformers.PerceiverConfig(**dict(SMALL, **more) if small else WHOLE)
        return getattr(transformers, "PerceiverForImageClassification" + kind)(config)
    return make


def answers(model, x):
    return {"logits": model(inputs=x).logits}


def recipe(seed, make, **more):
    return Recipe(seed, make, answers, side=8, **more)


def saved(seed, make):
    """With the processor that cuts and then resizes."""
    sizes = dict(size=dict(height=8, width=8), crop_size=dict(height=9, width=9))
    return recipe(seed, make, hugging_face=True, processor="PerceiverImageProcessor", processor_more=sizes)


MODELS = {
    "perceiver": recipe(160, model_of("Learned"), settings=("repeats=2", "heads=2")),
    "hf_perceiver": saved(161, model_of("Learned", qk_channels=8)),
    "hf_perceiver_fourier": saved(162, model_of("Fourier", hidden_act="gelu_new")),
}

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""checkpoint.py REFERENCE FOLDER: the weights of REFERENCE/model.safetensors in Keras' layers, under the attributes that
google-research's VATT gives them, saved by tf.train.Checkpoint as its fine-tuning does, optimizer and all, as
FOLDER/tensorflow.index and FOLDER/tensorflow.data-00000-of-00001. Fails where TensorFlow's logits are not those of
REFERENCE/expected.json. Those in reference/vatt were made by it, with tensorflow-cpu 2.21.0 and tf-keras 2.21.0."""
import collections
import functools
import json
import os
import pathlib
import sys

os.environ["TF_USE_LEGACY_KERAS"] = "1"
import numpy
import tensorflow as tf

SMALL = dict(width=24, heads=2, hidden=96, blocks=2, grid=(2, 3, 2), patch=(2, 4, 4))  # reference.py's

layers = tf.keras.layers


def norm(name="layer_norm"):
    return layers.LayerNormalization(epsilon=1e-6, name=name)


class Positions(layers.Layer):
    def __init__(self, width, grid):
        super().__init__()
        self.grid = grid
        self.temporal_position_embeddings, self.vertical_position_embeddings, self.horizontal_position_embeddings = (
            layers.Embedding(n, width) for n in grid)
        self.layernorm = norm()

    def call(self, x):
        t, y, x_ = (table(tf.range(n)) for table, n in zip(
            (self.temporal_position_embeddings, self.vertical_position_embeddings, self.horizontal_position_embeddings), self.grid))
        total = t[:, None, None] + y[None, :, None] + x_[None, None]
        return x + self.layernorm(tf.reshape(total, [1, -1, total.shape[-1]]))


class Mlp(layers.Layer):
    def __init__(self, width, hidden):
        super().__init__()
        self.wi, self.wo = layers.Dense(hidden), layers.Dense(width)

    def call(self, x):
        return self.wo(tf.keras.activations.gelu(self.wi(x)))


class FeedForward(layers.Layer):
    def __init__(self, width, hidden):
        super().__init__()
        self.mlp, self.layer_norm = Mlp(width, hidden), norm()

    def call(self, x):
        return x + self.mlp(self.layer_norm(x))


class Attention(layers.Layer):
    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.width = heads, width
        self.q, self.k, self.v, self.o = (layers.Dense(width) for _ in range(4))

    def call(self, x):
        def split(y):
            return tf.transpose(tf.reshape(y, [1, -1, self.heads, self.width // self.heads]), [0, 2, 1, 3])

        q, k, v = split(self.q(x)), split(self.k(x)), split(self.v(x))
        weights = tf.nn.softmax(tf.matmul(q, k, transpose_b=True) / (self.width // self.heads) ** 0.5)
        return self.o(tf.reshape(tf.transpose(tf.matmul(weights, v), [0, 2, 1, 3]), [1, -1, self.width]))


class Block(layers.Layer):
    def __init__(self, width, heads, hidden):
        super().__init__()
        self.layer_norm, self.mha, self.feed_forward = norm(), Attention(width, heads), FeedForward(width, hidden)

    def call(self, x):
        return self.feed_forward(x + self.mha(self.layer_norm(x)))


class Encoder(layers.Layer):
    def __init__(self, width, heads, hidden, blocks):
        super().__init__()
        self.layers = [Block(width, heads, hidden) for _ in range(blocks)]
        self.final_layer_norm = norm()

    def call(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.final_layer_norm(x)


class Tower(layers.Layer):
    def __init__(self, width, heads, hidden, blocks, grid, patch):
        super().__init__()
        self.width = width
        self.voxel_to_patch = layers.Conv3D(width, patch, strides=patch)
        self.pos_embedding_lookup = Positions(width, grid)
        self.tx = Encoder(width, heads, hidden, blocks)

    def build(self, _):
        self.agg_embedding = self.add_weight(name="agg_embedding", shape=(self.width,))

    def call(self, clip):
        patches = self.pos_embedding_lookup(tf.reshape(self.voxel_to_patch(clip), [1, -1, self.width]))
        return self.tx(tf.concat([self.agg_embedding[None, None], patches], 1))[:, 0]


class Video(tf.keras.Model):
    def __init__(self, classes, **sizes):
        super().__init__()
        self._ops = collections.OrderedDict()
        self._base = Tower(**sizes)
        self._ops["dropout"], self._ops["cls"] = layers.Dropout(0.5), layers.Dense(classes)
        self._ops["softmax"] = functools.partial(tf.nn.softmax)

    def call(self, inputs):
        return {"logits": self._ops["cls"](self._base(inputs["images"]))}


def variable(model, path):
    """model/layer_with_weights-0/_base/tx/layers/0/mha/q/kernel"""
    at = model.layers[-1]
    for part in path.split("/")[2:]:
        at = at[int(part)] if part.isdigit() else at[part] if isinstance(at, collections.abc.Mapping) else getattr(at, part)
    return at


def clip_of(pixels, grid, patch):
    (groups, rows, cols), (depth, height, width) = grid, patch
    x = pixels.reshape(groups, rows * height, depth, cols * width, 3).transpose(0, 2, 1, 3, 4)
    return (x.reshape(1, groups * depth, rows * height, cols * width, 3) / 255.0 - 0.5) / 0.5


def main():
    reference, folder = map(pathlib.Path, sys.argv[1:])
    expected = json.loads((reference / "expected.json").read_text())
    weights = read_safetensors(reference / "model.safetensors")
    logits = numpy.array(expected["outputs"]["logits"])
    clip = clip_of(numpy.array(expected["pixels"], numpy.uint8), SMALL["grid"], SMALL["patch"]).astype(numpy.float32)
    inputs = {"images": tf.keras.Input(clip.shape[1:], batch_size=1)}
    model = tf.keras.Model(inputs=inputs, outputs=Video(logits.size, **SMALL)(inputs))
    for name, value in weights.items():
        variable(model, name).assign(value.astype(numpy.float32))
    error = numpy.abs(model({"images": clip})["logits"].numpy().reshape(-1) - logits).max()
    assert error < 1e-5, error
    optimizer = tf.keras.optimizers.legacy.SGD(0.005, momentum=0.9)
    optimizer._create_all_weights([variable(model, name) for name in weights if name.endswith("_ops/cls/bias")])
    path = tf.train.Checkpoint(model=model, optimizer=optimizer).write(str(folder / "tensorflow"))
    names = {name.removesuffix("/.ATTRIBUTES/VARIABLE_VALUE") for name, _ in tf.train.list_variables(path)}
    assert names >= set(weights), set(weights) - names
    print(path, "largest difference of the logits", error)


def read_safetensors(path):
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    return {name: numpy.frombuffer(data[8 + size:][slice(*entry["data_offsets"])], numpy.float16).reshape(entry["shape"])
            for name, entry in header.items() if name != "__metadata__"}


if __name__ == "__main__":
    main()

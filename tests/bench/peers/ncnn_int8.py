# SPDX-License-Identifier: Apache-2.0
"""Turns a model that pnnx converted into ncnn's dynamic int8.

ncnn's own tool for this, ncnn2int8, is not in its Python packages. It would change little in this model: the constant
weights of every Gemm become int8 with one scale, and Gemm and SDPA are told to quantise their inputs as they run.
"""
import numpy as np

FLOAT32_TAG, INT8_TAG = np.uint32(0).tobytes(), np.uint32(0x000D4B38).tobytes()
DYNAMIC_INT8 = " 18=2"


def convert(param, weights, int8_param, int8_weights):
    """Converts a pair of ncnn files; all arguments are paths."""
    source, out, lines = memoryview(weights.read_bytes()), bytearray(), []
    position = 0

    def copy(size):
        nonlocal position
        out.extend(source[position : position + size])
        position += size

    for line in param.read_text().splitlines():
        kind, fields = line.split()[0], dict(field.split("=", 1) for field in line.split() if "=" in field)
        number = {int(key): int(value) for key, value in fields.items() if value.lstrip("-").isdigit()}
        if kind == "MemoryData":
            copy(4 * number[0] * number[1])
        elif kind in ("Convolution", "InnerProduct"):
            count = number[6] if kind == "Convolution" else number[2]
            copy(len(FLOAT32_TAG) + 4 * count + 4 * number[0])
        elif kind == "LayerNorm":
            copy(2 * 4 * number[0])
        elif kind == "Gemm":
            count, bias = number[8] * number[9], len(FLOAT32_TAG) + 4 * number[8]
            matrix = np.frombuffer(source, np.float32, count, position + len(FLOAT32_TAG))
            position += len(FLOAT32_TAG) + 4 * count
            scale = np.float32(127) / np.abs(matrix).max()
            out += INT8_TAG + np.rint(matrix * scale).astype(np.int8).tobytes() + bytes(-count % 4)
            copy(bias)
            out += scale.tobytes()
        lines.append(line + DYNAMIC_INT8 if kind in ("Gemm", "SDPA") else line)
    if position != len(source):
        raise ValueError(f"{len(source) - position} bytes of ncnn's weights belong to no known layer")
    int8_param.write_text("\n".join(lines) + "\n")
    int8_weights.write_bytes(out)

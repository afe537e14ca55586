# SPDX-License-Identifier: Apache-2.0
"""pillow_frames.py FRAME_PIXELS...: compares frames of every format, rotation and region with what numpy and Pillow
make of them, byte for byte. FRAME_PIXELS is the command that starts frame_pixels. Exits with 1 where something
differs, with 77 without Pillow (pillow_pixels.py)."""
import itertools
import os
import sys
import tempfile

from pillow_pixels import COVER, EXACT, LONGER_SIDE, NONE, SHORTER_SIDE, Failures, Image, Tool, by_pillow, np

RGB, BGR, RGBA, BGRA, GREY, NV12, NV21, I420, YUYV = range(9)
# (Kr, Kb, full range) of BT.601 and BT.709, in the order of vitro_colours
COLOURS = [None, (0.299, 0.114, False), (0.299, 0.114, True), (0.2126, 0.0722, False), (0.2126, 0.0722, True)]
SHAPES = [(1, 1), (2, 3), (31, 65), (64, 48), (101, 77), (320, 240), (33, 400)]
MODES = [(SHORTER_SIDE, 57, 57, (48, 56)), (LONGER_SIDE, 64, 64, (64, 64)), (EXACT, 64, 40, (64, 40)), (NONE, 0, 0, (70, 33)), (COVER, 80, 48, (80, 48))]


def coefficients(colours):
    """red and blue of chroma, green of both, luma, black: in units of 2^-20, rounded."""
    kr, kb, full = COLOURS[colours]
    kg, luma, chroma = 1 - kr - kb, 1 if full else 255 / 219, 1 if full else 255 / 224
    rv, bu = 2 * (1 - kr) * chroma, 2 * (1 - kb) * chroma
    return [round(c * 2**20) for c in (luma, rv, -bu * kb / kg, -rv * kr / kg, bu)] + [0 if full else 16]


def rgb_of(y, u, v, colours):
    luma, rv, gu, gv, bu, black = coefficients(colours)
    y, u, v = (a.astype(np.int64) for a in (y, u, v))
    y, u, v = luma * (y - black) + 2**19, u - 128, v - 128
    return np.clip(np.stack([y + rv * v, y + gu * u + gv * v, y + bu * u], 2) >> 20, 0, 255).astype(np.uint8)


def make_frame(random, format, colours, width, height, gap):
    """(strides, planes as bytes, RGB)"""
    w2, h2 = (width + 1) // 2, (height + 1) // 2

    def noise(rows, columns):
        values = random.integers(0, 256, (rows, columns), dtype=np.uint8)
        values[::2] = np.where(values[::2] < 128, 0, 255)
        return values

    def spread(plane):
        return plane.repeat(2, 0).repeat(2, 1)[:height, :width]

    if format <= BGRA:
        channels = 3 if format <= BGR else 4
        planes = [noise(height, width * channels)]
        rgb = planes[0].reshape(height, width, channels)[:, :, :3]
        rgb = rgb[:, :, ::-1] if format in (BGR, BGRA) else rgb
    elif format == GREY:
        planes = [noise(height, width)]
        rgb = planes[0][:, :, None].repeat(3, 2)
    elif format == YUYV:
        planes = [noise(height, w2 * 4)]
        pairs = planes[0].reshape(height, w2, 4)
        y = pairs[:, :, ::2].reshape(height, w2 * 2)[:, :width]
        rgb = rgb_of(y, pairs[:, :, 1].repeat(2, 1)[:, :width], pairs[:, :, 3].repeat(2, 1)[:, :width], colours)
    elif format == I420:
        planes = [noise(height, width), noise(h2, w2), noise(h2, w2)]
        rgb = rgb_of(planes[0], spread(planes[1]), spread(planes[2]), colours)
    else:
        planes = [noise(height, width), noise(h2, w2 * 2)]
        first, second = spread(planes[1][:, ::2]), spread(planes[1][:, 1::2])
        rgb = rgb_of(planes[0], *((first, second) if format == NV12 else (second, first)), colours)
    strides = [plane.shape[1] + gap for plane in planes]
    padded = [np.pad(plane, ((0, 0), (0, gap)), constant_values=77).tobytes()[:len(plane) * stride - gap] for plane, stride in zip(planes, strides)]
    return strides, padded, np.ascontiguousarray(rgb)


def main():
    tool, failures = Tool(sys.argv[1:]), Failures()
    random = np.random.default_rng(1)
    pad = lambda values: list(values) + [0] * (3 - len(values))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "frame")
        for (number, (width, height)), format in itertools.product(enumerate(SHAPES), range(9)):
            colours = 1 + (number + format) % 4 if format >= NV12 else 0
            strides, planes, rgb = make_frame(random, format, colours, width, height, number * 3)
            with open(path, "wb") as file:
                file.write(b"".join(planes))
            left, top = width // 3, height // 4
            regions = [(0, 0, 0, 0), (left, top, width - left, max(1, height - top - height // 5))]
            for (k, (mode, w, h, window)), region, turn in itertools.product(enumerate(MODES), regions, range(8)):
                filter, centring, passes, fill = (k + turn) % 6, turn % 2, (k + turn) % 2, (124, 116, 104)
                x, y, rw, rh = region if region[2] else (0, 0, width, height)
                picture = Image.fromarray(rgb[y:y + rh, x:x + rw]).rotate(-90 * (turn // 2), expand=True)
                if turn % 2:
                    picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
                expected = by_pillow(picture, mode, w, h, filter, centring, window, fill, passes)
                actual = tool.ask(path, format, colours, width, height, *pad(strides), *pad([len(p) for p in planes]), *region, 90 * (turn // 2), turn % 2,
                                  mode, w, h, filter, centring, *window, *fill, passes)
                what = f"format {format}, colours {colours}, {width} x {height}, region {region}, turn {turn}, mode {mode} {w} x {h}, filter {filter}, passes {passes}"
                if expected is None:
                    if not isinstance(actual, str):
                        failures.fail(f"{what}: Pillow refuses it")
                else:
                    failures.same(actual, expected, what)
    failures.done()


main()

# SPDX-License-Identifier: Apache-2.0
"""pillow_resize.py PICTURE_PIXELS...: compares every resize mode, filter, centring and orientation with Pillow, byte
for byte, on pictures of many shapes. PICTURE_PIXELS is the command that starts picture_pixels. Exits with 1 where
something differs, with 77 without Pillow (pillow_pixels.py)."""
import itertools
import os
import sys
import tempfile

from pillow_pixels import APPLY, COVER, EXACT, FLOOR, HALF_EVEN, IGNORE, LONGER_SIDE, NONE, SHORTER_SIDE, Failures, Image, ImageOps, Tool, by_pillow, np

SHAPES = [(1, 1), (2, 3), (7, 5), (31, 64), (64, 64), (100, 75), (75, 100), (224, 224), (255, 257), (299, 301), (320, 240), (240, 321), (499, 503),
          (960, 20), (3, 400), (600, 7), (65, 1), (1, 65)]
# Resizing these takes Pillow seconds: each with one filter and centring.
LARGE_SHAPES = [(640, 480), (480, 641), (997, 1009), (1920, 40), (3, 2000), (3000, 7)]
# (mode, width, height, (width and height of the window))
SIZES = [(SHORTER_SIDE, 64, 64, (56, 56)), (SHORTER_SIDE, 57, 57, (32, 32)), (SHORTER_SIDE, 224, 224, (224, 224)), (SHORTER_SIDE, 31, 31, (40, 40)),
         (SHORTER_SIDE, 48, 48, (96, 33)), (SHORTER_SIDE, 97, 97, (48, 97)), (LONGER_SIDE, 64, 64, (64, 64)), (LONGER_SIDE, 33, 33, (48, 48)),
         (LONGER_SIDE, 97, 97, (97, 97)), (LONGER_SIDE, 80, 80, (80, 48)), (LONGER_SIDE, 65, 65, (31, 112)), (LONGER_SIDE, 96, 40, (80, 48)),
         (LONGER_SIDE, 33, 100, (48, 80)), (COVER, 64, 64, (64, 64)), (COVER, 91, 48, (80, 42)), (COVER, 33, 97, (33, 97)), (COVER, 40, 40, (64, 31)), (EXACT, 64, 64, (64, 64)), (EXACT, 48, 80, (64, 64)),
         (EXACT, 48, 80, (48, 80)), (EXACT, 80, 48, (57, 96)), (EXACT, 200, 13, (65, 65)), (EXACT, 7, 301, (224, 224)), (NONE, 0, 0, (64, 64)),
         (NONE, 0, 0, (65, 65)), (NONE, 0, 0, (160, 65)), (NONE, 0, 0, (33, 96))]


def main():
    tool, failures = Tool(sys.argv[1:]), Failures()
    random = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        for number, (width, height) in enumerate(SHAPES + LARGE_SHAPES):
            # Noise of extreme values, so that sums exceed a pixel's range, and the filters' negative lobes have an
            # effect.
            pixels = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
            pixels[::2] = np.where(pixels[::2] < 128, 0, 255)
            turn = number % 8 + 1
            picture = Image.fromarray(pixels)
            exif = Image.Exif()
            exif[0x0112] = turn
            path = os.path.join(folder, f"{width}x{height}.png")
            picture.save(path, exif=exif, compress_level=0)
            turned = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
            for (mode, w, h, window), filter, centring in itertools.product(SIZES, range(6), (HALF_EVEN, FLOOR)):
                if (width, height) in LARGE_SHAPES and (filter, centring) != (number % 6, number % 2):
                    continue
                orientation, passes = (filter + centring) % 2, (filter // 2 + centring) % 2
                fill = [(0, 0, 0), (124, 116, 104), (255, 0, 7)][filter % 3]
                expected = by_pillow(turned if orientation == APPLY else picture, mode, w, h, filter, centring, window, fill, passes)
                actual = tool.ask("prepare", path, orientation, mode, w, h, filter, centring, *window, *fill, passes)
                what = f"{width} x {height}, orientation {turn if orientation == APPLY else 1}, mode {mode} {w} x {h}, filter {filter}, centring {centring}, window {window[0]} x {window[1]}, passes {passes}"
                if expected is None:
                    if not isinstance(actual, str):
                        failures.fail(f"{what}: Pillow refuses it")
                else:
                    failures.same(actual, expected, what)
    failures.done()


main()

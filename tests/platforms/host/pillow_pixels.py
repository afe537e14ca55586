# SPDX-License-Identifier: Apache-2.0
"""Runs picture_pixels, and computes with Pillow what it must answer. The tests pillow_*.py share this."""
import os
import subprocess
import sys

try:
    import numpy as np
    from PIL import Image, ImageOps
except ImportError as error:
    required = os.environ.get("VITRO_REQUIRE_ALL")  # as in tests/support/skip.sh
    print("FAILED" if required else "SKIPPED", f"{error}: install python3-pil and python3-numpy", sep=": ")
    sys.exit(1 if required else 77)

IGNORE, APPLY = 0, 1
SHORTER_SIDE, LONGER_SIDE, EXACT, NONE, COVER = range(5)
HALF_EVEN, FLOOR = 0, 1
# In the order of ResizeFilter.
FILTERS = [Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.NEAREST, Image.Resampling.BOX, Image.Resampling.HAMMING, Image.Resampling.LANCZOS]


class Tool:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def decoder(self):
        self.process.stdin.write(b"decoder\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().decode().strip()

    def ask(self, *fields):
        """The pixels (height, width, 3), or the refusal as a string."""
        self.process.stdin.write(("\t".join(str(f) for f in fields) + "\n").encode())
        self.process.stdin.flush()
        line = self.process.stdout.readline().decode()
        if not line:
            raise SystemExit(f"picture_pixels died of {fields}")
        if line.startswith("refused "):
            return line[8:-1]
        width, height = map(int, line.split())
        data = self.process.stdout.read(width * height * 3)
        return np.frombuffer(data, np.uint8).reshape(height, width, 3)


ROWS_FIRST, PILLOW_13 = 0, 1


def resized(picture, target, filter, passes):
    """The picture resized in two passes, in the order of Pillow 13 or in that of older versions (`passes`). Where the
    installed Pillow has the same order, checks that its own result is equal."""
    (w, h), (new_w, new_h) = picture.size, target
    if passes == PILLOW_13 and new_h < h and h - new_h > 2 * (w - new_w):
        result = picture.resize((w, new_h), filter).resize(target, filter)
    else:
        result = picture.resize((new_w, h), filter).resize(target, filter)
    if (passes == PILLOW_13) == (int(Image.__version__.split(".")[0]) >= 13) and result.tobytes() != picture.resize(target, filter).tobytes():
        raise SystemExit(f"Pillow {Image.__version__} resizes {picture.size} to {target} in another order")
    return result


def by_pillow(picture, mode, width, height, filter, centring, window, fill, passes):
    """The `picture` (RGB), resized and cut to `window` (width, height), as torchvision, timm and transformers' Pillow
    backend prepare it; None where they refuse it."""
    w, h = picture.size
    if mode == SHORTER_SIDE:
        short, long = min(w, h), max(w, h)
        new = int(width * long / short)
        target = (width, new) if w <= h else (new, width)
    elif mode in (LONGER_SIDE, COVER):  # timm's ResizeKeepRatio with longest=1 and 0
        ratio = (max if mode == LONGER_SIDE else min)(h / height, w / width)
        target = (round(w / ratio), round(h / ratio))
    else:
        target = (width, height) if mode == EXACT else (w, h)
    if min(target) == 0:
        return None
    pixels = resized(picture, target, FILTERS[filter], passes)
    out = np.empty((window[1], window[0], 3), np.uint8)
    out[:] = fill

    def centred(resized, size):
        if resized < size:
            before = (size - resized + 1) // 2 if centring == FLOOR else (size - resized) // 2
            return slice(0, resized), slice(before, before + resized)
        begin = (resized - size) // 2 if centring == FLOOR else int(round((resized - size) / 2.0))
        return slice(begin, begin + size), slice(0, size)

    (from_y, to_y), (from_x, to_x) = centred(pixels.height, window[1]), centred(pixels.width, window[0])
    out[to_y, to_x] = pixels.crop((from_x.start, from_y.start, from_x.stop, from_y.stop))
    return out


class Failures:
    def __init__(self):
        self.compared, self.failed = 0, 0

    def same(self, actual, expected, what):
        self.compared += 1
        if isinstance(actual, str) or actual.shape != expected.shape or not np.array_equal(actual, expected):
            self.failed += 1
            if self.failed <= 20:
                seen = actual if isinstance(actual, str) else actual.shape if actual.shape != expected.shape else \
                    f"{np.count_nonzero(actual != expected)} of {expected.size} bytes differ, by {np.abs(actual.astype(int) - expected).max()} at most"
                print(f"{what}: {seen}")

    def fail(self, what):
        self.compared += 1
        self.failed += 1
        print(what)

    def done(self):
        print(f"{self.compared} compared, {self.failed} differ (Pillow {Image.__version__})")
        sys.exit(1 if self.failed or not self.compared else 0)

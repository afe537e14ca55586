# SPDX-License-Identifier: Apache-2.0
"""What all engines start from: the photos, prepared once (shorter side resized to 256, bicubic, centre crop), the
model as ONNX, and its float32 logits.

The odd rows of labels.csv are for calibration and the even rows for evaluation (row 1 is the first after the header),
so that no photo serves both.
"""
import csv
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import models

RESIZE, SIZE = 256, 224
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)


def prepare(work, config):
    write_photos(Path(config["photos"]), config["limit"], work)
    models.export_onnx(config["checkpoint"], work / "fp32.onnx")
    model = models.load(config["checkpoint"])
    logits = [model(torch.from_numpy(picture[None])) for picture in np.load(work / "evaluation.npy")]
    np.save(work / "reference.npy", torch.cat(logits).numpy())


def write_photos(photos, limit, work):
    """Writes the photos into `work`: as PNGs into calibration/ and evaluation/, as arrays (normalised, n x 3 x 224 x
    224) into calibration.npy and evaluation.npy; and the labels into evaluation.csv."""
    with open(photos / "labels.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    for name, chosen in (("calibration", rows[0::2][:limit]), ("evaluation", rows[1::2][:limit])):
        folder = work / name
        folder.mkdir()
        crops = [square(photos / "images" / row["file"]) for row in chosen]
        for index, crop in enumerate(crops):
            crop.save(folder / f"{index:04}.png")
        np.save(work / f"{name}.npy", np.stack([normalised(crop) for crop in crops]))
    with open(work / "evaluation.csv", "w", newline="") as file:
        csv.writer(file).writerows([("file", "label"), *((f"{index:04}.png", row["label"]) for index, row in enumerate(chosen))])


def square(path):
    """A photo resized and cropped to 256 x 256, not 224: vitro does its own resizing, which leaves a picture of 256 x
    256 unchanged, and then crops the same 224 x 224 as normalised()."""
    photo = Image.open(path).convert("RGB")
    scale = RESIZE / min(photo.size)
    photo = photo.resize([max(RESIZE, int(side * scale)) for side in photo.size], Image.Resampling.BICUBIC)
    return centre(photo, RESIZE)


def centre(photo, side):
    left, top = (photo.width - side) // 2, (photo.height - side) // 2
    return photo.crop((left, top, left + side, top + side))


def normalised(crop):
    pixels = np.asarray(centre(crop, SIZE), np.float32) / 255
    return np.ascontiguousarray(((pixels - MEAN) / STD).transpose(2, 0, 1))

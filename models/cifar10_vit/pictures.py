# SPDX-License-Identifier: Apache-2.0
"""CIFAR-10's pictures for train.py: reading them from their archives once, and augmenting a batch."""
import io
import tarfile
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

LABELS = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)


def read_split(data, split, cache):
    """Pictures (n, 3, 32, 32) uint8 and labels (n) of one split.

    `data` is the folder with cifar10_<split>_jpeg.tar.gz, which contains <split>/<class>/*.jpg. The decoded pictures
    are kept in the folder `cache`."""
    cached = Path(cache) / f"{split}.npz"
    if not cached.exists():
        archive = Path(data) / f"cifar10_{split}_jpeg.tar.gz"
        if not archive.exists():
            raise SystemExit(f"train.py: {archive}: no such file; give the folder with the two CIFAR-10 archives (--data)")
        pictures, labels = [], []
        with tarfile.open(archive) as tar:
            for member in tar:
                if member.isfile():
                    labels.append(LABELS.index(Path(member.name).parent.name))
                    picture = Image.open(io.BytesIO(tar.extractfile(member).read())).convert("RGB")
                    pictures.append(np.asarray(picture).transpose(2, 0, 1))
        partial = cached.with_suffix(".partial.npz")
        np.savez(partial, pictures=np.stack(pictures), labels=np.array(labels))
        partial.rename(cached)
    arrays = np.load(cached)
    return torch.from_numpy(arrays["pictures"]), torch.from_numpy(arrays["labels"])


def normalise(pictures):
    """Float pictures from uint8 (n, 3, h, w): minus the training pictures' mean, divided by their standard deviation,
    for each channel."""
    mean, std = (torch.tensor(c, device=pictures.device).view(1, 3, 1, 1) for c in (MEAN, STD))
    return (pictures.float() / 255 - mean) / std


def augment(pictures):
    """Gives each normalised picture a random affine map (turn, zoom, shift, flip), random colours (gain, contrast,
    saturation) and, a quarter of them, a randomly placed erased square."""
    n, device = pictures.shape[0], pictures.device

    def draw(low, high, *shape):
        return torch.empty(n, *shape, device=device).uniform_(low, high)

    turn, zoom = draw(-0.25, 0.25), draw(-0.2, 0.2).exp()
    flip = torch.randint(0, 2, (n,), device=device) * 2 - 1
    cos, sin = turn.cos() * zoom, turn.sin() * zoom
    maps = torch.stack([torch.stack([cos * flip, -sin, draw(-0.25, 0.25)], 1), torch.stack([sin * flip, cos, draw(-0.25, 0.25)], 1)], 1)
    grid = F.affine_grid(maps, list(pictures.shape), align_corners=False)
    out = F.grid_sample(pictures, grid, mode="bilinear", padding_mode="reflection", align_corners=False)

    centre = out.mean((2, 3), keepdim=True)
    out = centre + (out - centre) * draw(0.7, 1.3, 1, 1, 1)
    grey = out.mean(1, keepdim=True)
    out = grey + (out - grey) * draw(0.6, 1.4, 1, 1, 1) + draw(-0.3, 0.3, 1, 1, 1)

    erased = boxes(n, pictures.shape[-1], torch.where(draw(0, 1) < 0.25, draw(0.1, 0.3), torch.zeros(n, device=device)), device)
    return out.masked_fill(erased, 0.0)


def boxes(n, size, area, device):
    """Masks (n, 1, size, size): in each picture a randomly placed square that covers about the share `area` (n) of
    it."""
    side = size * area.sqrt()
    axis = torch.arange(size, device=device)
    low = [torch.rand(n, device=device) * (size - side) for _ in range(2)]
    inside = [(axis >= at.unsqueeze(1)) & (axis < (at + side).unsqueeze(1)) for at in low]
    return (inside[0].unsqueeze(2) & inside[1].unsqueeze(1)).unsqueeze(1)


def mix(pictures, targets, share):
    """Applies Mixup (Zhang et al., 2018, alpha 0.8) or CutMix (Yun et al., 2019, alpha 1) to a random `share` of the
    batches. Each picture is mixed with its counterpart in the reversed batch. targets: (n, classes), rows sum to 1."""
    draw = torch.rand(()).item()
    if draw >= share:
        return pictures, targets
    other, others = pictures.flip(0), targets.flip(0)
    if draw < share / 2:
        part = torch.distributions.Beta(0.8, 0.8).sample().item()
        return part * pictures + (1 - part) * other, part * targets + (1 - part) * others
    size = pictures.shape[-1]
    area = torch.rand(1, device=pictures.device)
    box = boxes(1, size, area, pictures.device)
    part = 1 - box.float().mean().item()
    return torch.where(box, other, pictures), part * targets + (1 - part) * others

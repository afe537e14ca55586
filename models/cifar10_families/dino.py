# SPDX-License-Identifier: Apache-2.0
"""Trains a small ViT on CIFAR-10's pictures without their labels, from random initialisation, as DINO does (Caron et
al., "Emerging Properties in Self-Supervised Vision Transformers", 2021).

A student learns to answer on every view of a picture what its teacher, the moving average of the student, answers on
another view. The student sees a third of the patches of two large views, and two small views of 16x16. Writes a checkpoint
after every epoch, and continues from it when started again. Writes the teacher, without its head,
the folder WORK/dino, after every epoch. The labels serve to print a k-NN accuracy alone. Needs torch,
timm, safetensors, numpy and Pillow; uses a GPU when there is one.
"""
import argparse
import copy
import json
import math

import torch
import torch.nn.functional as F
from torch import nn

import training
from architectures import vit
from training import data

OUTPUTS = 2048
TEMPERATURE, TEACHER_TEMPERATURE, KNN_TEMPERATURE = 0.1, 0.04, 0.07


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    training.add_arguments(parser, epochs=20)
    parser.add_argument("--rate", type=float, default=1.5e-3, help="peak learning rate")
    parser.add_argument("--decay", type=float, default=0.05, help="weight decay of the matrices")
    parser.add_argument("--follow", type=float, default=0.99, help="the teacher's share of itself, at the beginning; it rises to 1")
    return parser.parse_args()


class Head(nn.Module):
    """DINO's projection: an MLP to 64 columns, their direction, and its products with OUTPUTS learned directions."""

    def __init__(self, width):
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(width, 512), nn.GELU(), nn.Linear(512, 512), nn.GELU(), nn.Linear(512, 64))
        self.last = nn.Parameter(torch.randn(OUTPUTS, 64))

    def forward(self, x):
        return F.normalize(self.mlp(x).float(), dim=-1) @ F.normalize(self.last, dim=-1).T


def views(pictures, size, smallest, largest):
    """A view of `size` pixels a side of each picture (n, 3, 32, 32, normalised): a random square of `smallest` to
    `largest` of its area, mirrored or not, in random colours, a fifth of them grey, a third of them softened."""
    n, device = pictures.shape[0], pictures.device

    def draw(low, high, *shape):
        return torch.empty(n, *shape, device=device).uniform_(low, high)

    zoom = draw(smallest, largest).sqrt()
    flip = torch.randint(0, 2, (n,), device=device) * 2 - 1
    zero = torch.zeros(n, device=device)
    maps = torch.stack([
        torch.stack([zoom * flip, zero, draw(-1, 1) * (1 - zoom)], 1),
        torch.stack([zero, zoom, draw(-1, 1) * (1 - zoom)], 1),
    ], 1)
    out = F.grid_sample(pictures, F.affine_grid(maps, [n, 3, size, size], align_corners=False), align_corners=False, padding_mode="reflection")
    jittered = (draw(0, 1, 1, 1, 1) < 0.8).float()
    centre = out.mean((2, 3), keepdim=True)
    colour = centre + (out - centre) * draw(0.6, 1.4, 1, 1, 1)
    grey = colour.mean(1, keepdim=True)
    colour = grey + (colour - grey) * draw(0.4, 1.6, 1, 1, 1) + draw(-0.4, 0.4, 1, 1, 1) + draw(-0.15, 0.15, 3, 1, 1)
    out = torch.lerp(out, colour, jittered)
    out = torch.where(draw(0, 1, 1, 1, 1) < 0.2, out.mean(1, keepdim=True), out)
    soft = F.avg_pool2d(F.pad(out, (1, 1, 1, 1), mode="replicate"), 3, 1)
    return torch.where(draw(0, 1, 1, 1, 1) < 0.33, soft, out)


@torch.no_grad()
def features(model, images):
    """The class token of each picture, scaled to length 1."""
    model.eval()
    parts = [model(data.normalise(images[at : at + 500])) for at in range(0, len(images), 500)]
    return F.normalize(torch.cat(parts), dim=-1)


def knn(train, labels, test, test_labels, k=20):
    """DINO's weighted vote: the k nearest by cosine, each with the weight exp(cosine / 0.07)."""
    right = 0
    for at in range(0, len(test), 500):
        near, index = (test[at : at + 500] @ train.T).topk(k)
        votes = F.one_hot(labels[index], 10) * (near / KNN_TEMPERATURE).exp().unsqueeze(-1)
        right += (votes.sum(1).argmax(1) == test_labels[at : at + 500]).sum().item()
    return right / len(test)


class Dino(nn.Module):
    """A network with its projection: the student or the teacher."""

    def __init__(self, keep):
        super().__init__()
        self.vit = vit(keep)
        self.head = Head(self.vit.embed_dim)

    def forward(self, x):
        return self.head(self.vit(x))


def main():
    options = parse()
    work, device = training.prepare(options)
    images, labels = data.read_split(options.data, "train", work)
    test_images, test_labels = data.read_split(options.data, "test", work)
    images, labels, test_images, test_labels = (part.to(device) for part in (images, labels, test_images, test_labels))
    student, teacher = Dino(keep=0.35).to(device), Dino(keep=1.0).to(device)
    teacher.load_state_dict(student.state_dict())
    teacher.requires_grad_(False)
    small = copy.copy(student.vit)
    small.patch_drop = nn.Identity()
    center = nn.BatchNorm1d(OUTPUTS).to(device)
    steppers = training.optimisers(student, options.rate, options.decay)
    checkpoint = training.Checkpoint(work / "dino.pt", options.seed, [student, teacher, center, *steppers], device)
    steps = len(images) // options.batch
    while checkpoint.epoch < options.epochs:
        checkpoint.begin_epoch()
        student.train()
        teacher.eval()
        order, total = torch.randperm(len(images)).to(device), 0.0
        for step in range(steps):
            progress = (checkpoint.epoch * steps + step) / (steps * options.epochs)
            batch = data.normalise(images[order[step * options.batch : (step + 1) * options.batch]])
            large = torch.cat([views(batch, 32, 0.4, 1.0), views(batch, 32, 0.4, 1.0)])
            little = torch.cat([views(batch, 16, 0.1, 0.4), views(batch, 16, 0.1, 0.4)])
            with torch.autocast(device, dtype=torch.bfloat16):
                with torch.no_grad():
                    answers = teacher(large)
                said = torch.cat([student(large), student.head(small(little))]).float().chunk(4)
            targets = ((answers.float() - center.running_mean) / TEACHER_TEMPERATURE).softmax(-1).chunk(2)
            center.running_mean.lerp_(answers.float().mean(0), 0.1)
            logs = [(s / TEMPERATURE).log_softmax(-1) for s in said]
            pairs = [(t, s) for t in range(2) for s in range(4) if t != s]
            loss = -sum((targets[t] * logs[s]).sum(-1).mean() for t, s in pairs) / len(pairs)
            loss.backward()
            nn.utils.clip_grad_norm_(student.parameters(), 3.0)
            if checkpoint.epoch == 0:
                student.head.last.grad = None
            training.step_all(steppers, options.rate * training.cosine(progress, 1.5 / options.epochs))
            training.follow(teacher, student, 1 - (1 - options.follow) * 0.5 * (1 + math.cos(math.pi * progress)))
            total += loss.detach()
        line = {"epoch": checkpoint.epoch + 1, "of": options.epochs, "loss": round(total.item() / steps, 4)}
        line["minutes"] = checkpoint.end_epoch()
        known, asked = features(teacher.vit, images[::5]), features(teacher.vit, test_images[::5])
        line["spread"] = round(known.std(0).mean().item() * known.shape[1] ** 0.5, 3)
        line["knn_of_a_fifth"] = knn(known, labels[::5], asked, test_labels[::5])
        training.save_model(teacher.vit, "dino", work)
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()

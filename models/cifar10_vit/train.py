# SPDX-License-Identifier: Apache-2.0
"""Trains a ViT on CIFAR-10 from random initialisation, by default the default model, with a shortened DeiT recipe
(Touvron et al., 2021).

Writes a checkpoint after every epoch, and continues from it when started again. Writes the averaged weights as float16
safetensors after each evaluation and at the end. The test pictures decide nothing: the model is what the last epoch
leaves. Needs torch >= 2.9, safetensors, numpy and Pillow; uses a GPU when there is one.
"""
import argparse
import copy
import json
import math
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

import pictures as data
from vit import CLASSES, Vit


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder with cifar10_train_jpeg.tar.gz and cifar10_test_jpeg.tar.gz")
    parser.add_argument("--work", required=True, help="folder for the decoded pictures and the checkpoint")
    parser.add_argument("--out", help="file for the weights (default WORK/model.safetensors)")
    parser.add_argument("--depth", type=int, default=6)
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--heads", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=26, help="may be changed when training continues; the schedule is then that of the new length")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rate", type=float, default=3e-3, help="peak learning rate of both Muon and AdamW")
    parser.add_argument("--decay", type=float, default=0.05, help="weight decay of the matrices")
    parser.add_argument("--smoothing", type=float, default=0.1, help="label smoothing")
    parser.add_argument("--mixing", type=float, default=0.3, help="share of the batches with mixup or CutMix")
    parser.add_argument("--keep", type=float, default=0.5, help="share of the patches that the model sees, except in the last epochs")
    parser.add_argument("--whole", type=float, default=0.1, help="share of the epochs, at the end, in which it sees all patches")
    parser.add_argument("--evaluate", type=int, default=4, help="epochs between evaluations on the test pictures")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def optimisers(model, rate, decay):
    """Muon (Jordan et al., 2024) for the blocks' matrices, AdamW for the rest. Muon's steps are scaled so that both
    can use the same learning rate."""
    matrices = [p for name, p in model.named_parameters() if name.startswith("blocks.") and p.ndim == 2]
    chosen = {id(p) for p in matrices}
    rest = [p for p in model.parameters() if id(p) not in chosen]
    return [
        torch.optim.Muon(matrices, lr=rate, weight_decay=decay, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(rest, lr=rate, betas=(0.9, 0.99), weight_decay=0.0),
    ]


def cosine(progress, warmup):
    """The factor of the learning rate: it rises linearly to 1 during `warmup`, then falls to 0 along half a cosine.
    `progress` and `warmup` are shares of the whole training."""
    if progress < warmup:
        return progress / warmup
    return 0.5 * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup)))


@torch.no_grad()
def evaluate(model, images, labels, device):
    """The share of right answers, computed in float32."""
    model.eval()
    right = 0
    for at in range(0, len(images), 500):
        batch = data.normalise(images[at : at + 500].to(device))
        right += (model(batch).argmax(1).cpu() == labels[at : at + 500]).sum().item()
    return right / len(images)


def save_weights(model, path):
    tensors = {name: tensor.detach().cpu().half().contiguous() for name, tensor in model.state_dict().items()}
    save_atomically(path, lambda partial: save_file(tensors, partial))


def save_atomically(path, write):
    partial = path.with_name(path.name + ".partial")
    write(partial)
    partial.rename(path)


def main():
    options = parse()
    torch.manual_seed(options.seed)
    work = Path(options.work)
    work.mkdir(parents=True, exist_ok=True)
    out = Path(options.out) if options.out else work / "model.safetensors"
    device = "cuda" if torch.cuda.is_available() else "cpu"
    images, labels = data.read_split(options.data, "train", work)
    test_images, test_labels = data.read_split(options.data, "test", work)

    model = Vit(options.depth, options.width, options.heads).to(device)
    average = copy.deepcopy(model)
    steppers = optimisers(model, options.rate, options.decay)
    first, spent = 0, 0.0
    checkpoint = work / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        for stepper, saved in zip(steppers, state["steppers"]):
            stepper.load_state_dict(saved)
        first, spent = state["epoch"], state["seconds"]
        torch.manual_seed(options.seed + first)
        print(f"continuing after epoch {first} of {options.epochs}", flush=True)

    steps = len(images) // options.batch
    warmup = 1.5 / options.epochs
    for epoch in range(first, options.epochs):
        started = time.monotonic()
        model.train()
        keep = 1.0 if epoch >= round(options.epochs * (1 - options.whole)) else options.keep
        order, total = torch.randperm(len(images)), 0.0
        for step in range(steps):
            done = epoch * steps + step
            factor = cosine(done / (steps * options.epochs), warmup)
            for stepper in steppers:
                for group in stepper.param_groups:
                    group["lr"] = options.rate * factor
            chosen = order[step * options.batch : (step + 1) * options.batch]
            targets = F.one_hot(labels[chosen], CLASSES).float().to(device)
            batch, targets = data.mix(data.augment(data.normalise(images[chosen].to(device))), targets, options.mixing)
            with torch.autocast(device, dtype=torch.bfloat16):
                logits = model(batch, keep)
            loss = F.cross_entropy(logits.float(), targets, label_smoothing=options.smoothing)
            for stepper in steppers:
                stepper.zero_grad()
            loss.backward()
            for stepper in steppers:
                stepper.step()
            total += loss.item()
            # DeiT's moving average of the weights: it spans about two epochs, less at the beginning.
            decay = min(1 - 1 / (2 * steps), (1 + done) / (10 + done))
            with torch.no_grad():
                for mean, weight in zip(average.parameters(), model.parameters()):
                    mean.lerp_(weight, 1 - decay)
        spent += time.monotonic() - started
        line = {"epoch": epoch + 1, "of": options.epochs, "loss": round(total / steps, 4), "keep": keep, "minutes": round(spent / 60, 1)}
        if (epoch + 1) % options.evaluate == 0 or epoch + 1 == options.epochs:
            line["test_top1"] = evaluate(average, test_images, test_labels, device)
            save_weights(average, out)
        print(json.dumps(line), flush=True)
        state = {"model": model.state_dict(), "average": average.state_dict(), "steppers": [s.state_dict() for s in steppers]}
        save_atomically(checkpoint, lambda path: torch.save({**state, "epoch": epoch + 1, "seconds": spent}, path))
    save_weights(average, out)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Trains a small MLP-Mixer, Swin or CaiT on CIFAR-10 from random initialisation, with the recipe of ../cifar10_vit.

Writes a checkpoint after every epoch, and continues from it when started again. Writes the averaged weights, the
folder WORK/NAME, after every epoch. The test pictures decide nothing: the model is what the last
epoch leaves. Needs torch >= 2.9, timm, safetensors, numpy and Pillow; uses a GPU when there is one.
"""
import argparse
import copy
import json

import torch
import torch.nn.functional as F

import training
from architectures import CLASSES, SUPERVISED
from training import data


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=SUPERVISED)
    training.add_arguments(parser, epochs=8)
    parser.add_argument("--rate", type=float, default=3e-3, help="peak learning rate")
    parser.add_argument("--decay", type=float, default=0.05, help="weight decay of the matrices")
    parser.add_argument("--mixing", type=float, default=0.3, help="share of the batches with mixup or CutMix")
    return parser.parse_args()


def main():
    options = parse()
    work, device = training.prepare(options)
    images, labels = data.read_split(options.data, "train", work)
    test_images, test_labels = data.read_split(options.data, "test", work)
    images, labels = images.to(device), labels.to(device)
    model = SUPERVISED[options.model]().to(device)
    average = copy.deepcopy(model)
    steppers = training.optimisers(model, options.rate, options.decay)
    checkpoint = training.Checkpoint(work / f"{options.model}.pt", options.seed, [model, average, *steppers], device)
    steps = len(images) // options.batch
    while checkpoint.epoch < options.epochs:
        checkpoint.begin_epoch()
        model.train()
        order, total = torch.randperm(len(images)).to(device), 0.0
        for step in range(steps):
            done = checkpoint.epoch * steps + step
            chosen = order[step * options.batch : (step + 1) * options.batch]
            targets = F.one_hot(labels[chosen], CLASSES).float()
            batch, targets = data.mix(data.augment(data.normalise(images[chosen])), targets, options.mixing)
            with torch.autocast(device, dtype=torch.bfloat16):
                logits = model(batch)
            loss = F.cross_entropy(logits.float(), targets, label_smoothing=0.1)
            loss.backward()
            training.step_all(steppers, options.rate * training.cosine(done / (steps * options.epochs), 1.5 / options.epochs))
            total += loss.detach()
            # DeiT's moving average of the weights: it spans about two epochs, less at the beginning.
            training.follow(average, model, min(1 - 1 / (2 * steps), (1 + done) / (10 + done)))
        line = {"epoch": checkpoint.epoch + 1, "of": options.epochs, "loss": round(total.item() / steps, 4)}
        line["minutes"] = checkpoint.end_epoch()
        if checkpoint.epoch == options.epochs:
            line["test_top1"] = training.evaluate(average, test_images, test_labels, device)
        training.save_model(average, options.model, work)
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()

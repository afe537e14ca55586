# SPDX-License-Identifier: Apache-2.0
"""What supervised.py and dino.py share: optimisers, checkpoints, and files. The pictures and the schedule are those of
../cifar10_vit."""
import json
import sys
import time
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cifar10_vit"))
import pictures as data  # noqa: E402
from architectures import ARGUMENTS, SIZE  # noqa: E402
from train import cosine, evaluate, save_atomically  # noqa: E402,F401


def add_arguments(parser, epochs):
    parser.add_argument("--data", required=True, help="folder with cifar10_train_jpeg.tar.gz and cifar10_test_jpeg.tar.gz")
    parser.add_argument("--work", required=True, help="folder for the decoded pictures and the checkpoint")
    parser.add_argument("--epochs", type=int, default=epochs, help="may be changed when training continues; the schedule is then that of the new length")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="more threads sum in another order, so the weights differ")


def prepare(options):
    """Seeds PyTorch and makes the folder. Returns it and where to train: on a GPU when there is one."""
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    work = Path(options.work)
    work.mkdir(parents=True, exist_ok=True)
    return work, "cuda" if torch.cuda.is_available() else "cpu"


def optimisers(model, rate, decay):
    """Muon (Jordan et al., 2024) for the linears' matrices but the classifier's, AdamW for the rest."""
    matrices = [m.weight for name, m in model.named_modules() if isinstance(m, nn.Linear) and not name.startswith("head")]
    chosen = {id(p) for p in matrices}
    rest = [p for p in model.parameters() if id(p) not in chosen]
    return [
        torch.optim.Muon(matrices, lr=rate, weight_decay=decay, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(rest, lr=rate, betas=(0.9, 0.99), weight_decay=0.0),
    ]


def step_all(steppers, rate):
    """One step of every optimiser with this learning rate; the gradients are cleared."""
    for stepper in steppers:
        for group in stepper.param_groups:
            group["lr"] = rate
        stepper.step()
        stepper.zero_grad()


class Checkpoint:
    """The file from which an interrupted training continues. `parts` are the modules and optimisers in it. Every epoch
    draws from a seed of its own, so an interruption changes no weight."""

    def __init__(self, path, seed, parts, device):
        self.path, self.seed, self.parts = path, seed, parts
        self.epoch, self.seconds = 0, 0.0
        if path.exists():
            state = torch.load(path, map_location=device)
            for part, saved in zip(parts, state["parts"]):
                part.load_state_dict(saved)
            self.epoch, self.seconds = state["epoch"], state["seconds"]

    def begin_epoch(self):
        torch.manual_seed(1000 * self.seed + self.epoch)
        self.started = time.monotonic()

    def end_epoch(self):
        """Writes the file. Returns the minutes trained so far."""
        self.epoch += 1
        self.seconds += time.monotonic() - self.started
        state = {"parts": [p.state_dict() for p in self.parts], "epoch": self.epoch, "seconds": self.seconds}
        save_atomically(self.path, lambda path: torch.save(state, path))
        return round(self.seconds / 60, 1)


def save_model(model, name, work):
    """Writes the folder WORK/NAME as timm's hub has them: the parameters as float16 safetensors, and a config.json."""
    folder = work / name
    folder.mkdir(exist_ok=True)
    tensors = {key: tensor.detach().cpu().half().contiguous() for key, tensor in model.state_dict().items()}
    save_atomically(folder / "model.safetensors", lambda partial: save_file(tensors, partial))
    architecture, arguments = ARGUMENTS[name]
    config = {"architecture": architecture, "num_classes": model.num_classes, "num_features": model.num_features}
    if model.num_classes > 0:
        config["label_names"] = data.LABELS
    config["model_args"] = {"img_size": SIZE, **arguments}
    config["pretrained_cfg"] = {"input_size": [3, SIZE, SIZE], "interpolation": "bicubic", "crop_pct": 1.0, "mean": data.MEAN, "std": data.STD}
    save_atomically(folder / "config.json", lambda partial: partial.write_text(json.dumps(config, indent=2) + "\n"))


def follow(average, model, decay):
    """Moves the weights of `average` towards those of `model`: average = decay average + (1 - decay) model."""
    with torch.no_grad():
        for mean, weight in zip(average.parameters(), model.parameters()):
            mean.lerp_(weight, 1 - decay)

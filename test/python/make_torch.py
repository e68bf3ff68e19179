"""Trains a small network of PyTorch and saves it in each of its forms, with what PyTorch itself answers: `make_torch.py FOLDER`.

Writes FOLDER/cases.json as make_models.py does, and FOLDER/refused.json: files that are not to be served, and what is said of them.
"""

import json
import pathlib
import sys

import numpy as np
import safetensors.torch
import torch

FOLDER = pathlib.Path(sys.argv[1])
CASES, REFUSED = [], []

# What the author of a model has beside its weights.
MODULE = '''
import torch


class Digits(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.see = torch.nn.Conv2d(1, 4, 3, padding=1)
        self.rest = torch.nn.BatchNorm1d(256)
        self.drop = torch.nn.Dropout(0.5)
        self.decide = torch.nn.Linear(256, 3)

    def forward(self, pixels):
        seen = torch.relu(self.see(pixels.reshape(-1, 1, 8, 8))).flatten(1)
        return torch.softmax(self.decide(self.drop(self.rest(seen))), 1)


class Words(torch.nn.Module):
    """Two inputs of numbers of words, and several outputs of other datatypes."""

    def __init__(self):
        super().__init__()
        self.known = torch.nn.Embedding(10, 4)

    def forward(self, words, weights):
        mean = (self.known(words) * weights.unsqueeze(2)).mean(1)
        return mean, mean.argmax(1), mean.double().sum(1)
'''

(FOLDER / "net.py").write_text(MODULE)
sys.path.insert(0, str(FOLDER))
from net import Digits, Words  # noqa: E402


def case(name, file, inputs, outputs, python=None):
    def told(named):
        return [{"name": key, "values": value.tolist()} for key, value in named.items()]

    CASES.append({"name": name, "file": file, "inputs": told(inputs), "outputs": told(outputs), "python": python or {}})


def refused(file, says, python=None):
    REFUSED.append({"file": file, "says": says, "python": python or {}})


def trained():
    """A network that has seen rows, so that what it does in training and in use differ."""
    torch.manual_seed(0)
    rows = torch.rand(64, 64)
    kinds = (rows[:, :3]).argmax(1)
    model = Digits()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(30):
        optimizer.zero_grad()
        torch.nn.functional.nll_loss(torch.log(model(rows)), kinds).backward()
        optimizer.step()
    return model, rows[:5]


def network():
    model, rows = trained()
    # Saved as it was trained: it is the server that has it rest.
    torch.jit.script(model).save(str(FOLDER / "script.pt"))
    torch.save(model, FOLDER / "whole.pt")
    torch.save(model.state_dict(), FOLDER / "state.pt")
    safetensors.torch.save_file(model.state_dict(), FOLDER / "weights.safetensors")
    safetensors.torch.save_file({"other": torch.zeros(1)}, FOLDER / "strange.safetensors")
    model.eval()
    with torch.inference_mode():
        answer = {"output": model(rows)}
        torch.jit.trace(model, rows).save(str(FOLDER / "traced.torchscript"))
    pixels = [{"name": "pixels", "datatype": "FP32", "shape": [-1, 64]}]
    case("script", "script.pt", {"pixels": rows}, answer, {"inputs": pixels})
    case("traced", "traced.torchscript", {"pixels": rows}, answer, {"inputs": pixels})
    case("safetensors", "weights.safetensors", {"pixels": rows}, answer, {"class": "net:Digits", "inputs": pixels})
    case("whole", "whole.pt", {"pixels": rows}, answer, {"allowUnsafeFormats": True, "inputs": pixels})
    refused("whole.pt", "it is a pickle")
    refused("state.pt", "save it in a format that holds no code (ONNX, safetensors, skops)")
    refused("state.pt", "save weights as safetensors and name the class of their module", {"allowUnsafeFormats": True})
    refused("weights.safetensors", "safetensors hold weights")
    refused("strange.safetensors", "do not fit the class 'Digits'", {"class": "net:Digits"})


def words():
    torch.manual_seed(1)
    model = Words().eval()
    given = {"words": torch.tensor([[1, 2, 3], [4, 5, 9]]), "weights": torch.rand(2, 3)}
    with torch.inference_mode():
        answers = dict(zip(["mean", "best", "sum"], model(**given)))
    torch.jit.script(model).save(str(FOLDER / "words.pt"))
    inputs = [{"name": "words", "datatype": "INT64", "shape": [-1, -1]}, {"name": "weights", "datatype": "FP32", "shape": [-1, -1]}]
    outputs = [{"name": "mean", "datatype": "FP32", "shape": [-1, 4]}, {"name": "best", "datatype": "INT64", "shape": [-1]}, {"name": "sum", "datatype": "FP64", "shape": [-1]}]
    case("words", "words.pt", given, answers, {"inputs": inputs, "outputs": outputs})


for make in [network, words]:
    make()
(FOLDER / "cases.json").write_text(json.dumps(CASES))
(FOLDER / "refused.json").write_text(json.dumps(REFUSED))

"""Writes the weights of the served ONNX file as a PyTorch state dict, and the network as TorchScript: all servers run the
very same.

    python export_mlp.py MODEL.onnx MLP.pt SCRIPT/model.pt
"""

import os
import sys

import onnx
import torch
from onnx import numpy_helper

source, target, script = sys.argv[1:]
tensors = {each.name: numpy_helper.to_array(each) for each in onnx.load(source).graph.initializer}
state = {}
for index in (1, 2, 3):
    layer = 2 * (index - 1)  # every other layer of the Sequential is an activation
    state[f"{layer}.weight"] = torch.tensor(tensors[f"weights{index}"].T.copy())
    state[f"{layer}.bias"] = torch.tensor(tensors[f"bias{index}"])
torch.save(state, target)


class Digits(torch.nn.Module):
    def __init__(self):
        super().__init__()
        layers = [torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10)]
        self.layers = torch.nn.Sequential(*layers, torch.nn.Softmax(dim=1))

    def forward(self, pixels):
        return self.layers(pixels / 16.0)


model = Digits()
model.layers.load_state_dict(state)
os.makedirs(os.path.dirname(script), exist_ok=True)
torch.jit.script(model.eval()).save(script)

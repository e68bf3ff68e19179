"""Writes the weights of the served ONNX file as a PyTorch state dict: both servers run the very same network.

    python export_mlp.py MODEL.onnx MLP.pt
"""

import sys

import onnx
import torch
from onnx import numpy_helper

source, target = sys.argv[1:]
tensors = {each.name: numpy_helper.to_array(each) for each in onnx.load(source).graph.initializer}
state = {}
for index in (1, 2, 3):
    layer = 2 * (index - 1)  # every other layer of the Sequential is an activation
    state[f"{layer}.weight"] = torch.tensor(tensors[f"weights{index}"].T.copy())
    state[f"{layer}.bias"] = torch.tensor(tensors[f"bias{index}"])
torch.save(state, target)

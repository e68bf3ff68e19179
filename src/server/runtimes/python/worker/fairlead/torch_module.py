"""What the loaders of PyTorch share: tensors from arrays and back, and a module as a model."""

import inspect

import numpy as np

from . import spec, tensors
from .model import Model
from .problems import Problem
from .requirements import library


def torch_for(wanted):
    torch = library("torch")
    torch.set_num_threads(wanted.threads)
    return torch


def names_of(module):
    """What the author's module must be given, by the names in its `forward`."""
    parameters = inspect.signature(module.forward).parameters.values()
    return [one.name for one in parameters if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD]


# Sides of images, and lengths, that a network may want.
SIDES = [224, 32, 64, 28, 299]
LENGTHS = [16, 128]


def as_model(torch, module, wanted, names=()):
    """A module, whose inputs are known by name; what they are is declared, or found out by its first layer and by trying."""

    def predict(arrays):
        with torch.inference_mode():
            return _arrays(torch, module(*[torch.from_numpy(array).to(wanted.device) for array in arrays]))

    def made(inputs):
        return Model(predict, inputs, wanted.outputs, wanted.batched)

    if wanted.inputs:
        return made(wanted.inputs)
    for datatype, shape in _likely(module) if len(names) == 1 else []:
        if _answers(predict, datatype, shape):
            return made([spec.Spec(names[0], datatype, [-1, *shape])])
    try:
        return made([spec.Spec(name, "FP32", None) for name in names])
    except Problem as problem:
        what = ", ".join(map(repr, names))
        raise Problem("model_invalid", f"what it takes as {what} is not declared, and was not found out: {problem}") from problem


def _likely(module):
    """What a network with such a first layer takes, without the rows: its weights are [out, in], or [out, in, *kernel]."""
    weights = next((one for one in module.parameters() if one.ndim >= 2), None)
    if weights is None:
        return []
    inner = weights.shape[1]
    if weights.ndim == 2:
        # An embedding has the same shape as a linear layer, and takes numbers of words.
        return [("FP32", [inner]), ("INT64", [LENGTHS[0]])]
    sides = LENGTHS if weights.ndim == 3 else SIDES
    return [("FP32", [inner, *[side] * (weights.ndim - 2)]) for side in sides]


def _answers(predict, datatype, shape):
    """Whether one row of that gives one row: whoever reshapes may take anything, and make many rows of it."""
    try:
        given = predict([np.zeros([1, *shape], tensors.BY_NAME[datatype])])
    except Exception:
        return False
    several = given.values() if isinstance(given, dict) else given if isinstance(given, list) else [given]
    return all(array.shape[:1] == (1,) for array in several)


def _arrays(torch, given):
    if isinstance(given, torch.Tensor):
        # NumPy has no bfloat16, and single precision holds all of its values.
        whole = given.float() if given.dtype == torch.bfloat16 else given
        return whole.detach().cpu().numpy()
    if isinstance(given, dict):
        return {name: _arrays(torch, one) for name, one in given.items()}
    return [_arrays(torch, one) for one in given]

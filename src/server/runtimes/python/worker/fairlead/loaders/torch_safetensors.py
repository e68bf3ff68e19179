"""Weights in safetensors, which hold nothing but numbers, with the author's class of the module that they belong to."""

import pathlib

from ..problems import Problem, in_words
from ..requirements import library
from ..torch_module import as_model, names_of, torch_for
from . import own_class


def load(wanted, guarded):
    made = own_class.imported(wanted)()
    if not hasattr(made, "load_state_dict"):
        # A class that reads them itself.
        return own_class.as_model(made, wanted)
    torch = torch_for(wanted)
    files = library("safetensors.torch", "safetensors")
    try:
        with guarded:
            weights = files.load_file(_file_at(wanted.path), device=wanted.device)
        made.load_state_dict(weights)
    except Exception as error:
        raise Problem("model_invalid", f"its weights do not fit the class '{wanted.name}': {in_words(error)}") from error
    made.to(wanted.device).eval()
    return as_model(torch, made, wanted, names_of(made))


def _file_at(path):
    """It itself, or the only one in a folder."""
    return next(iter(pathlib.Path(path).glob("*.safetensors")), path)

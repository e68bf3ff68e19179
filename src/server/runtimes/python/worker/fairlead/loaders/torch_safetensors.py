"""Weights in safetensors, which hold nothing but numbers, with the author's class of the module that they belong to."""

from ..problems import Problem, in_words
from ..requirements import library
from ..torch_module import as_model, names_of, torch_for
from .own_class import imported


def load(wanted, guarded):
    torch = torch_for(wanted)
    files = library("safetensors.torch", "safetensors")
    module = imported(wanted)()
    try:
        with guarded:
            weights = files.load_file(wanted.path, device=wanted.device)
        module.load_state_dict(weights)
    except Exception as error:
        raise Problem("model_invalid", f"its weights do not fit the class '{wanted.name}': {in_words(error)}") from error
    module.to(wanted.device).eval()
    return as_model(torch, module, wanted, names_of(module))

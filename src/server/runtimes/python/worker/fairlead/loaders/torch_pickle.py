"""A module saved whole, `torch.save(module)`: a pickle, which runs whatever it says. Only where that is allowed."""

import inspect
import sys

from ..problems import Problem, in_words
from ..torch_module import as_model, names_of, torch_for


def load(wanted, guarded):
    torch = torch_for(wanted)
    # The author's modules, that the pickle names.
    sys.path.insert(0, wanted.folder)
    how = {"weights_only": False} if "weights_only" in inspect.signature(torch.load).parameters else {}
    with guarded:
        module = torch.load(wanted.path, map_location=wanted.device, **how)
    if not isinstance(module, torch.nn.Module):
        what = "weights without a module" if isinstance(module, dict) else type(module).__name__
        raise Problem("model_invalid", f"it holds {what}; save weights as safetensors and name the class of their module")
    module.eval()
    return as_model(torch, module, wanted, names_of(module))

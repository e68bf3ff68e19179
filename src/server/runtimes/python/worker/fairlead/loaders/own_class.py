"""The author's own class: `load(path)` once, then `predict(inputs)` with a dict of arrays."""

import importlib
import sys

from .. import spec
from ..model import Model
from ..problems import Problem, in_words
from ..requirements import missing


def load(wanted, _guarded):
    return as_model(imported(wanted)(), wanted)


def as_model(made, wanted):
    if not hasattr(made, "predict"):
        raise Problem("model_invalid", f"a {type(made).__name__} has no predict(inputs)")
    if hasattr(made, "load"):
        made.load(wanted.path)
    inputs = wanted.inputs or _declared(made, "inputs")
    if inputs is None:
        raise Problem("model_invalid", "its class does not say what it takes: inputs = {'x': ('FP32', [-1, 4])}")
    names = [one.name for one in inputs]
    outputs = wanted.outputs or _declared(made, "outputs")
    batched = getattr(made, "batched", None) if wanted.batched is None else wanted.batched
    return Model(lambda arrays: made.predict(dict(zip(names, arrays))), inputs, outputs, batched)


def imported(wanted):
    """The class that `module:Name` names, from its folder or as installed."""
    sys.path.insert(0, wanted.folder)
    try:
        module = importlib.import_module(wanted.module)
    except ModuleNotFoundError as error:
        if error.name == wanted.module:
            raise Problem("model_invalid", f"there is no module '{wanted.module}' in {wanted.folder}") from error
        raise missing([error.name], error.name) from error
    found = getattr(module, wanted.name, None)
    if not callable(found):
        raise Problem("model_invalid", f"the module '{wanted.module}' has no class '{wanted.name}'")
    return found


def _declared(made, what):
    named = getattr(made, what, None)
    return None if named is None else spec.written(named, what)

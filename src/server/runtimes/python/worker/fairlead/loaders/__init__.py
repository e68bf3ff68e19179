"""One loader for each kind of model; each imports its library only when it is asked for."""

import importlib

from .. import spec, trial
from ..guard import guarded

_LOADERS = {
    "class": "own_class",
    "torch": "torch_file",
    "safetensors": "torch_safetensors",
    "savedmodel": "tensorflow_savedmodel",
    "keras": "keras_file",
    "skops": "sklearn_skops",
    "joblib": "sklearn_joblib",
    "xgboost": "xgboost_file",
    "lightgbm": "lightgbm_file",
}


def load(wanted):
    """The model that the server wants: see `loadText` in src/server/runtimes/python/python-model.ts."""
    trial.are_tried(**wanted["trials"])
    wanted = {**wanted, **{what: _specs(wanted.get(what)) for what in ("inputs", "outputs")}}
    loader = importlib.import_module(f".{_LOADERS[wanted['loader']]}", __package__)
    return loader.load(Wanted(wanted), guarded(wanted["unsafe"]))


class Wanted:
    def __init__(self, wanted):
        self.path = wanted["path"]
        self.threads = wanted["threads"]
        self.device = wanted["device"]
        self.trusted = wanted["trusted"]
        self.inputs = wanted["inputs"]
        self.outputs = wanted["outputs"]
        self.batched = wanted.get("batched")
        # Of the author's class: its module, its name, and the folder that it is imported from.
        self.module, self.name = wanted.get("module"), wanted.get("name")
        self.folder = wanted.get("folder")


def _specs(told):
    if not told:
        return None
    return [spec.Spec(one["name"], one["datatype"], None if one.get("unknownRank") else one["shape"]) for one in told]

"""A file of PyTorch, `.pt` or `.pth`: what it is shows in what it holds."""

import zipfile

from . import torch_export, torch_pickle, torch_script


def load(wanted, guarded):
    names = _names(wanted.path)
    if any(name.endswith("/constants.pkl") for name in names):
        return torch_script.load(wanted, guarded)
    if any("exported_program" in name or "/models/" in f"/{name}" for name in names):
        return torch_export.load(wanted, guarded)
    guarded.must_allow_pickles()
    return torch_pickle.load(wanted, guarded)


def _names(path):
    """Of what an archive holds; nothing for what is none, as the files of PyTorch before 1.6."""
    if not zipfile.is_zipfile(path):
        return []
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()

"""The wall against pickles: a file that names what to import and call runs whatever it says.

CPython tells its audit hooks of everything that an unpickler is about to look up, whichever library unpickles, and lets a hook
refuse it. A hook cannot be taken away again, so this one asks whether it is to look.
"""

import sys

from .problems import Problem

_stands = False


def _refuse(event, args):
    if _stands and event == "pickle.find_class":
        raise Problem("model_unsafe", f"it is a pickle that would import {args[0]}.{args[1]}")


sys.addaudithook(_refuse)


class guarded:
    """While a model is loaded within it, nothing is unpickled that could run code."""

    def __init__(self, allowed):
        self.allowed = allowed

    def must_allow_pickles(self):
        """For a file that is one, and nothing else."""
        if not self.allowed:
            raise Problem("model_unsafe", "it is a pickle, which runs whatever it says when it is loaded")

    def __enter__(self):
        global _stands
        _stands = not self.allowed

    def __exit__(self, *_):
        global _stands
        _stands = False

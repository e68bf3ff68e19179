"""What every loader makes of what it loads: a function from arrays to arrays, and their specs."""

import numpy as np

from . import spec, trial
from .problems import Problem


def _as(one, array):
    """An output in its datatype; fewer bits are fine, another kind of number would be another number."""
    # Of a list of nothing NumPy makes an array of double precision.
    if array.size == 0 or np.can_cast(array.dtype, one.dtype, "same_kind"):
        return array.astype(one.dtype, copy=False)
    if array.dtype.kind in "iu" and one.dtype.kind in "iu":
        bounds = np.iinfo(one.dtype)
        if array.min() >= bounds.min and array.max() <= bounds.max:
            return array.astype(one.dtype)
    what = f"the output '{one.name}' is {one.datatype}, and the model gave {array.dtype}"
    raise Problem("inference_failed", f"{what} that does not fit; declare its outputs, or convert them")


class Model:
    def __init__(self, predict, inputs, outputs=None, batched=None):
        """`predict` takes a list of arrays in the order of `inputs`, and gives one array, several in a list, or a dict of them.

        It is asked once here, also where nothing is left to be found out: what is slow the first time is done before it is ready.
        """
        self.predict = predict
        self.inputs = inputs
        self.batched = all(one.shape is None or one.shape[:1] == [-1] for one in inputs) if batched is None else batched
        self.outputs = outputs
        try:
            found = trial.outputs(self)
        except Problem:
            if outputs is None:
                raise
        else:
            self.outputs = self.outputs or found

    def run(self, arrays):
        """Arrays in the order of `outputs`, of their datatypes."""
        named = dict(self.named(self.predict(arrays)))
        missing = [one.name for one in self.outputs if one.name not in named]
        if missing:
            raise Problem("inference_failed", f"the model gave no output '{missing[0]}', but {', '.join(map(repr, named)) or 'none'}")
        return [_as(one, named[one.name]) for one in self.outputs]

    def named(self, given):
        """What the model gave, each array with its name."""
        if isinstance(given, dict):
            return [(str(name), spec.as_known(array)) for name, array in given.items()]
        known = self.outputs or []
        # A list of numbers is one output, unless as many were declared.
        is_one = not isinstance(given, (list, tuple)) or (len(known) != len(given) and all(np.ndim(one) == 0 for one in given))
        several = [given] if is_one else list(given)
        return [(self._name(index, len(several), known), spec.as_known(array)) for index, array in enumerate(several)]

    @staticmethod
    def _name(index, count, known):
        if index < len(known):
            return known[index].name
        return "output" if count == 1 else f"output_{index}"

    def told(self):
        return {
            "inputs": [one.told() for one in self.inputs],
            "outputs": [one.told() for one in self.outputs],
            "batched": self.batched,
        }

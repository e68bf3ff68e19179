"""What a model takes and gives, in the terms of the server: name, datatype, and shape with -1 where a size is free."""

import numpy as np

from . import tensors
from .problems import Problem


class Spec:
    def __init__(self, name, datatype, shape):
        """`shape` is None where the number of dimensions is free too."""
        self.name, self.datatype = name, datatype
        self.shape = None if shape is None else [-1 if size is None else int(size) for size in shape]

    @property
    def dtype(self):
        return tensors.BY_NAME[self.datatype]

    def told(self):
        if self.shape is None:
            return {"name": self.name, "datatype": self.datatype, "shape": [-1], "unknownRank": True}
        return {"name": self.name, "datatype": self.datatype, "shape": self.shape}


def of_array(name, array, free):
    """The spec of an output as it came, whose sizes are free on some axes."""
    shape = [-1 if axis in free else size for axis, size in enumerate(array.shape)]
    return Spec(name, tensors.NAMES[array.dtype], shape)


def written(named, what):
    """Specs as people write them in a class: a dict of name to (datatype, shape); datatypes as the server or as NumPy names them."""
    try:
        return [Spec(str(name), datatype_of(datatype), _sizes(shape)) for name, (datatype, shape) in named.items()]
    except (AttributeError, TypeError, ValueError) as error:
        raise Problem("model_invalid", f"its {what} must be like {{'x': ('FP32', [-1, 4])}}: {error}") from error


def _sizes(shape):
    for size in shape:
        if size is not None and not (isinstance(size, (int, np.integer)) and size >= -1):
            raise ValueError(f"{size!r} is no size")
    return shape


def datatype_of(text):
    if text in tensors.BY_NAME:
        return text
    try:
        return tensors.NAMES[_known(np.dtype(text))]
    except (TypeError, KeyError):
        raise ValueError(f"there is no datatype {text!r}") from None


def as_known(value):
    """Any array, scalar or list as one that can be sent."""
    array = np.asarray(value)
    known = array.astype(_known(array.dtype), copy=False)
    if known.dtype in tensors.NAMES:
        return known
    raise Problem("inference_failed", f"the model gave {array.dtype}, which cannot be sent")


def _known(dtype):
    return tensors.BYTES if dtype.kind in "SUO" else dtype.newbyteorder("<") if dtype.byteorder == ">" else np.dtype(dtype.str)

"""What the loaders of TensorFlow share: the library, quiet and bounded, and its specs."""

import os

from . import spec
from .problems import Problem
from .requirements import library


def tensorflow_for(wanted):
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    tensorflow = library("tensorflow")
    tensorflow.config.threading.set_intra_op_parallelism_threads(wanted.threads)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    return tensorflow


def spec_of(name, tensor):
    shape = None if tensor.shape.rank is None else tensor.shape.as_list()
    dtype = tensor.dtype.as_numpy_dtype
    try:
        return spec.Spec(name, spec.datatype_of("object" if tensor.dtype.name == "string" else dtype), shape)
    except ValueError as error:
        raise Problem("model_invalid", f"its tensor '{name}' is {tensor.dtype.name}, which cannot be sent") from error

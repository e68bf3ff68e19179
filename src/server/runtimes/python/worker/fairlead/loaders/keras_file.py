"""Keras' own file, `.keras`: read in safe mode, which refuses layers that hold code, unless that is allowed."""

from .. import spec, versions
from ..model import Model
from ..problems import Problem, in_words
from ..requirements import library, missing
from ..tensorflow_graph import tensorflow_for

# Before it there are ways around safe mode (CVE-2025-1550, -8747, -9906, -49655, and layers that load a SavedModel).
SAFE = "keras>=3.14"


def load(wanted, guarded):
    tensorflow_for(wanted)
    keras = library("keras")
    if not guarded.allowed and not versions.fits(keras.__version__, SAFE.removeprefix("keras")):
        raise missing([SAFE], f"{SAFE}, before which a file can run code in spite of safe mode (it has keras {keras.__version__})")
    try:
        with guarded:
            network = keras.saving.load_model(wanted.path, compile=False, safe_mode=not guarded.allowed)
    except Problem:
        raise
    except Exception as error:
        raise Problem("model_unsafe" if "unsafe" in str(error).lower() else "model_invalid", in_words(error)) from error
    inputs = wanted.inputs or [_spec(one) for one in network.inputs]

    def predict(arrays):
        given = arrays[0] if len(arrays) == 1 else arrays
        answer = network(given, training=False)
        if isinstance(answer, dict):
            return {name: keras.ops.convert_to_numpy(one) for name, one in answer.items()}
        several = answer if isinstance(answer, (list, tuple)) else [answer]
        return [keras.ops.convert_to_numpy(one) for one in several]

    return Model(predict, inputs, wanted.outputs, wanted.batched)


def _spec(tensor):
    return spec.Spec(tensor.name.split(":")[0], spec.datatype_of(str(tensor.dtype)), tensor.shape)

"""A SavedModel: its signature `serving_default`, or the only one that it has."""

from ..model import Model
from ..problems import Problem, reading
from ..tensorflow_graph import spec_of, tensorflow_for


def load(wanted, guarded):
    tensorflow = tensorflow_for(wanted)
    with reading("TensorFlow", OSError, ValueError), guarded:
        loaded = tensorflow.saved_model.load(wanted.path)
    call = _signature(dict(loaded.signatures))
    inputs = _chosen("input", wanted.inputs, call.structured_input_signature[1])
    outputs = _chosen("output", wanted.outputs, call.structured_outputs)

    def predict(arrays):
        given = {one.name: tensorflow.constant(array) for one, array in zip(inputs, arrays)}
        return {name: tensor.numpy() for name, tensor in call(**given).items()}

    model = Model(predict, inputs, outputs, wanted.batched)
    # The graph's variables are the loaded object's, and live no longer than it does.
    model.loaded = loaded
    return model


def _chosen(what, declared, tensors):
    """Those of the signature; where some are declared, in that order and with those shapes."""
    known = {name: spec_of(name, one) for name, one in tensors.items()}
    for one in declared or []:
        if one.name not in known or known[one.name].datatype != one.datatype:
            there = ", ".join(f"'{name}' ({each.datatype})" for name, each in known.items())
            raise Problem("model_invalid", f"it has no {what} '{one.name}' ({one.datatype}), but {there}")
    missing = [name for name in known if name not in {one.name for one in declared or []}]
    if what == "input" and declared and missing:
        raise Problem("model_invalid", f"its input '{missing[0]}' is not declared")
    return declared or list(known.values())


def _signature(signatures):
    if "serving_default" in signatures:
        return signatures["serving_default"]
    if len(signatures) == 1:
        return next(iter(signatures.values()))
    raise Problem("model_invalid", f"it has no signature serving_default, but {', '.join(signatures) or 'none'}")

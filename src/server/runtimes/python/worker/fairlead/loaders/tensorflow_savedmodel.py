"""A SavedModel: its signature `serving_default`, or the only one that it has."""

from ..model import Model
from ..problems import Problem, reading
from ..tensorflow_graph import spec_of, tensorflow_for


def load(wanted, guarded):
    tensorflow = tensorflow_for(wanted)
    with reading("TensorFlow", OSError, ValueError), guarded:
        loaded = tensorflow.saved_model.load(wanted.path)
    call = _signature(dict(loaded.signatures))
    inputs = [spec_of(name, one) for name, one in call.structured_input_signature[1].items()]
    outputs = [spec_of(name, one) for name, one in call.structured_outputs.items()]

    def predict(arrays):
        given = {one.name: tensorflow.constant(array) for one, array in zip(inputs, arrays)}
        return {name: tensor.numpy() for name, tensor in call(**given).items()}

    model = Model(predict, inputs, outputs, wanted.batched)
    # The graph's variables are the loaded object's, and live no longer than it does.
    model.loaded = loaded
    return model


def _signature(signatures):
    if "serving_default" in signatures:
        return signatures["serving_default"]
    if len(signatures) == 1:
        return next(iter(signatures.values()))
    raise Problem("model_invalid", f"it has no signature serving_default, but {', '.join(signatures) or 'none'}")

"""What a model gives, found out by asking it, where neither its file nor its author says."""

import numpy as np

from . import spec, tensors
from .problems import Problem, in_words

# Sizes of what is free: lengths, then sides of images; numbers of dimensions; elements of an input. The server says which.
SIZES, RANKS, MOST_ELEMENTS = [1], [1], 2**20


def are_tried(sizes, ranks, elements):
    global SIZES, RANKS, MOST_ELEMENTS
    SIZES, RANKS, MOST_ELEMENTS = sizes, ranks, elements


def outputs(model):
    """The outputs of a model that answers to something made up of its inputs."""
    shapes, first = _first(model)
    if not model.batched:
        return [spec.of_array(name, array, range(array.ndim)) for name, array in first]
    # With other numbers of rows it shows which sizes are the rows'.
    more = _answer(model, [[3, *shape[1:]] for shape in shapes])
    return [spec.of_array(name, array, _differing(array, other)) for (name, array), (_, other) in zip(first, more)]


def _differing(array, other):
    if array.ndim != other.ndim:
        return range(array.ndim)
    return {axis for axis in range(array.ndim) if array.shape[axis] != other.shape[axis]}


def _first(model):
    """The shapes of one row that it answers to, and its answer: with one row, where any have that."""
    problem = odd = None
    for size in SIZES:
        for rank in RANKS if any(one.shape is None for one in model.inputs) else [1]:
            shapes = [_shape(one, size, rank) for one in model.inputs]
            if any(np.prod(shape, dtype=np.float64) > MOST_ELEMENTS for shape in shapes):
                continue
            try:
                answer = _answer(model, shapes)
            except Exception as error:
                problem = problem or error
                continue
            if not model.batched or all(array.shape[:1] == (1,) for _, array in answer):
                return shapes, answer
            odd = odd or (shapes, answer)
    if odd is not None:
        return odd
    if problem is None:
        raise Problem("model_invalid", "its outputs are not declared, and one row of its inputs is too large to be made up to find them out")
    what = f"its outputs are not declared, and it failed on what was made up to find them out: {in_words(problem)}"
    raise Problem("model_invalid", what)


def _shape(one, size, rank):
    shape = [-1] * rank if one.shape is None else one.shape
    return [known if known != -1 else 1 if axis == 0 else size for axis, known in enumerate(shape)]


def _answer(model, shapes):
    made = [np.full(shape, b"" if one.dtype == tensors.BYTES else 0, one.dtype) for one, shape in zip(model.inputs, shapes)]
    return model.named(model.predict(made))

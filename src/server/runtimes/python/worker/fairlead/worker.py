"""A worker: loads one model and runs it, as the server asks through the socket that it left open.

stdout and stderr are the model's own: the server takes what is written there for its log.
"""

import json
import time
import traceback

from . import InvalidInput, _traces, frames, guardian, limits, problems

SOCKET = 3


def main():
    limits.end_with(guardian.watched(SOCKET))
    sock = frames.inherited(SOCKET)
    limits.take_the_blame()
    try:
        model = load(sock)
        if model is not None:
            answer(sock, model)
    except frames.Closed:
        pass


def load(sock):
    """The model; nothing when it could not be loaded, which is told."""
    asked = frames.read(sock)
    wanted = json.loads(asked.body)
    if wanted.get("memory"):
        limits.bound_memory(wanted["memory"])
    limits.yield_to_server()
    try:
        model = loaded(wanted)
    except BaseException as error:
        tell(sock, asked, error, "model_invalid")
        return None
    frames.write_text(sock, frames.LOADED, asked.sequence, json.dumps(model.told()))
    return model


def loaded(wanted):
    from .requirements import check, library

    check(wanted["requirements"])
    library("numpy")
    # All else here needs that.
    from . import loaders

    return loaders.load(wanted)


def answer(sock, model):
    """Runs the model until the server wants no more."""
    from . import tensors

    while True:
        asked = frames.read(sock, tensors.memory)
        _traces[:] = asked.traces
        try:
            arrays = tensors.of(asked)
            since = time.perf_counter_ns()
            outputs = model.run(arrays)
            pieces = tensors.ran(asked.sequence, outputs, (time.perf_counter_ns() - since) // 1000)
        except BaseException as error:
            tell(sock, asked, error, "inference_failed")
        else:
            frames.write(sock, pieces)


def tell(sock, asked, error, code):
    if isinstance(error, problems.Problem):
        told = error.told
    elif isinstance(error, InvalidInput):
        told = {"code": "input_invalid", "facts": {"problem": str(error)}}
    else:
        # For the log of the server; the client gets one line.
        _print(error)
        told = {"code": code, "facts": {"problem": problems.in_words(error)}}
    frames.write_text(sock, frames.FAILED, asked.sequence, json.dumps(told))


def _print(error):
    try:
        traceback.print_exception(type(error), error, error.__traceback__)
    except Exception:
        # The model may have closed stderr, and an exception may fail to word itself.
        pass


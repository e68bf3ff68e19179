"""A worker: loads one model and runs it, as the server asks through the socket that it left open.

stdout and stderr are the model's own: the server takes what is written there for its log.
"""

import json
import sys
import time
import traceback

from . import InvalidInput, frames, limits, loaders, problems

SOCKET = 3


def main():
    sock = frames.inherited(SOCKET)
    limits.end_with_server()
    limits.take_the_blame()
    try:
        model = load(sock)
        while model is not None:
            run(sock, model)
    except frames.Closed:
        pass


def load(sock):
    """The model; nothing when it could not be loaded, which is told."""
    _, text = frames.read(sock)
    wanted = json.loads(text)
    if wanted.get("memory"):
        limits.bound_memory(wanted["memory"])
    limits.yield_to_server()
    try:
        model = loaders.load(wanted)
    except BaseException as error:
        tell(sock, error, "model_invalid")
        return None
    frames.write_text(sock, frames.LOADED, json.dumps(model.told()))
    return model


def run(sock, model):
    _, arrays = frames.read(sock)
    since = time.perf_counter_ns()
    try:
        outputs = model.run(arrays)
    except (Exception, SystemExit) as error:
        return tell(sock, error, "inference_failed")
    frames.write_ran(sock, outputs, (time.perf_counter_ns() - since) // 1000)


def tell(sock, error, code):
    if isinstance(error, problems.Problem):
        told = error.told
    elif isinstance(error, InvalidInput):
        told = {"code": "input_invalid", "facts": {"problem": str(error)}}
    else:
        # For the log of the server; the client gets one line.
        traceback.print_exception(type(error), error, error.__traceback__)
        told = {"code": code, "facts": {"problem": problems.in_words(error)}}
    frames.write_text(sock, frames.FAILED, json.dumps(told))


if __name__ == "__main__":
    sys.exit(main())

"""What the peers' scripts share: their command line and ONNX Runtime as every one of them runs it.

    python SCRIPT.py PORT NAME=MODEL.onnx … [--batch]

A script serves those models on 127.0.0.1:PORT until SIGTERM. With --batch the peer's own batching is on.
"""

import argparse
import os
import shutil
import socket
from dataclasses import dataclass

MAX_BATCH = 32
"""Rows of one run where a peer batches: as many as there are connections in the measurement that counts."""
BATCH_DELAY_MS = 1
"""The longest that a peer may wait to fill a batch, where it must have such a wait: it delays whoever comes alone."""
HEAVY_BYTES = 1_000_000
"""A model file beyond this runs for tens of milliseconds, the small MLP's for microseconds."""


@dataclass(frozen=True)
class Arguments:
    port: int
    models: dict[str, str]
    batch: bool
    home: str
    """A folder for generated configuration, empty at first."""


def read_arguments() -> Arguments:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--batch", action="store_true")
    given = parser.parse_args()
    # Named after the port, which no two servers share at a time.
    home = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".peers", "run", str(given.port))
    shutil.rmtree(home, ignore_errors=True)
    os.makedirs(home)
    models = dict(pair.split("=", 1) for pair in given.models)
    return Arguments(given.port, models, given.batch, os.path.realpath(home))


def heavy(path: str) -> bool:
    return os.path.getsize(path) > HEAVY_BYTES


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class OnnxModel:
    """One session with one thread, so that the peers differ in serving alone."""

    def __init__(self, path: str) -> None:
        import numpy
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        first = self.session.get_inputs()[0]
        self.input, self.row = first.name, first.shape[1:]
        self.dtype = {"tensor(float)": numpy.float32, "tensor(int64)": numpy.int64}[first.type]
        # The class digits of the MLP come first; what is asked for is its probabilities, and the scores of the others.
        self.output = self.session.get_outputs()[-1].name
        self.array, self.frombuffer = numpy.asarray, numpy.frombuffer

    def __call__(self, rows):
        """Rows in, rows out, as arrays."""
        return self.session.run([self.output], {self.input: rows})[0]

    def of_rows(self, rows):
        """The array of nested lists."""
        return self.array(rows, dtype=self.dtype)

    def of_bytes(self, data):
        """The array of a row sent as the bytes of its elements, little endian."""
        return self.frombuffer(data, dtype=self.dtype).reshape(-1, *self.row)

"""Frames between the server and this worker, as src/server/runtimes/python/frames.ts has them.

Little-endian. 24 bytes: kind, number of tensors, bytes of the head, microseconds of a run (u32 each), bytes of the body (u64).
The head has for each tensor: datatype and rank (u8 each), 6 bytes of nothing, bytes (u64), and each size (u64). In the body each
tensor begins at a multiple of 16. A frame without tensors has text as its body.
"""

import socket
import struct

import numpy as np

LOAD, RUN = 1, 2
LOADED, RAN, FAILED = 16, 17, 18

DATATYPES = [
    ("BOOL", np.dtype("bool")),
    ("UINT8", np.dtype("<u1")),
    ("UINT16", np.dtype("<u2")),
    ("UINT32", np.dtype("<u4")),
    ("UINT64", np.dtype("<u8")),
    ("INT8", np.dtype("<i1")),
    ("INT16", np.dtype("<i2")),
    ("INT32", np.dtype("<i4")),
    ("INT64", np.dtype("<i8")),
    ("FP16", np.dtype("<f2")),
    ("FP32", np.dtype("<f4")),
    ("FP64", np.dtype("<f8")),
    ("BYTES", np.dtype("O")),
]
BY_NAME = dict(DATATYPES)
CODES = {dtype: code for code, (_, dtype) in enumerate(DATATYPES)}
NAMES = {dtype: name for name, dtype in DATATYPES}
BYTES = BY_NAME["BYTES"]

PRELUDE = struct.Struct("<IIIIQ")
TENSOR = struct.Struct("<BB6xQ")
SIZE = struct.Struct("<Q")
LENGTH = struct.Struct("<I")
ALIGNMENT = 16


class Closed(Exception):
    """The server has gone, or wants this worker to end."""


def read(sock):
    """Waits for a frame: its kind, and its tensors or its text."""
    kind, count, head_size, _, body_size = PRELUDE.unpack(_receive(sock, PRELUDE.size))
    head = _receive(sock, head_size)
    body = _receive(sock, body_size)
    if count == 0 and kind != RUN:
        return kind, body.tobytes().decode()
    return kind, _tensors(count, head, body)


def write_text(sock, kind, text):
    body = text.encode()
    _send(sock, [PRELUDE.pack(kind, 0, 0, 0, len(body)), body])


def write_ran(sock, arrays, micros):
    """Sends outputs from where they lie; only strings, and what is not in row-major order, are copied."""
    head, parts, size = bytearray(), [], 0
    for array in arrays:
        code = CODES[array.dtype]
        data = _joined(array) if array.dtype == BYTES else np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        head += TENSOR.pack(code, array.ndim, len(data))
        for length in array.shape:
            head += SIZE.pack(length)
        padding = -len(data) % ALIGNMENT
        parts.append(memoryview(data))
        if padding:
            parts.append(bytes(padding))
        size += len(data) + padding
    prelude = PRELUDE.pack(RAN, len(arrays), len(head), min(micros, 2**32 - 1), size)
    _send(sock, [prelude + head, *parts])


def _receive(sock, size):
    data = np.empty(size, np.uint8)
    view, got = memoryview(data), 0
    while got < size:
        try:
            count = sock.recv_into(view[got:])
        except ConnectionResetError:
            raise Closed from None
        if count == 0:
            raise Closed
        got += count
    return data


def _send(sock, parts):
    parts = [memoryview(part).cast("B") for part in parts if len(part) > 0]
    while parts:
        try:
            sent = sock.sendmsg(parts[:64])
        except (BrokenPipeError, ConnectionResetError):
            raise Closed from None
        while parts and sent >= len(parts[0]):
            sent -= len(parts.pop(0))
        if sent:
            parts[0] = parts[0][sent:]


def _tensors(count, head, body):
    arrays, at, offset = [], 0, 0
    for _ in range(count):
        code, rank, size = TENSOR.unpack_from(head, at)
        at += TENSOR.size
        shape = [SIZE.unpack_from(head, at + 8 * axis)[0] for axis in range(rank)]
        at += 8 * rank
        dtype = DATATYPES[code][1]
        data = body[offset : offset + size]
        offset += size + -size % ALIGNMENT
        arrays.append(_split(data, shape) if dtype == BYTES else data.view(dtype).reshape(shape))
    return arrays


def _split(data, shape):
    """Strings, each after its length (u32), as bytes objects."""
    raw, at = data.tobytes(), 0
    strings = np.empty(int(np.prod(shape, dtype=np.int64)), BYTES)
    for index in range(len(strings)):
        (length,) = LENGTH.unpack_from(raw, at)
        at += LENGTH.size + length
        strings[index] = raw[at - length : at]
    return strings.reshape(shape)


def _joined(array):
    joined = bytearray()
    for element in array.reshape(-1):
        raw = element if isinstance(element, (bytes, bytearray)) else str(element).encode()
        joined += LENGTH.pack(len(raw)) + raw
    return joined


def inherited(descriptor):
    """The socket that the server has left open for this worker."""
    sock = socket.socket(fileno=descriptor)
    sock.setblocking(True)
    sock.set_inheritable(False)
    return sock

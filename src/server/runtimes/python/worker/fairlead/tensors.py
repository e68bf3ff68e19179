"""Tensors in a frame: arrays that are views of what was received, and arrays that are sent from where they lie.

The head has for each tensor: datatype and rank (u8 each), 6 bytes of nothing, bytes (u64), and each size (u64). In the body each
tensor begins at a multiple of 16.
"""

import struct

import numpy as np

from . import frames

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

_TENSOR = struct.Struct("<BB6xQ")
_SIZE = struct.Struct("<Q")
_LENGTH = struct.Struct("<I")
_ALIGNMENT = 16


def memory(size):
    """For a body, which is not zeroed first."""
    return np.empty(size, np.uint8)


def of(frame):
    """The arrays of a frame."""
    count, head, body = frame.count, frame.head, frame.body
    arrays, at, offset = [], 0, 0
    for _ in range(count):
        code, rank, size = _TENSOR.unpack_from(head, at)
        at += _TENSOR.size
        shape = [_SIZE.unpack_from(head, at + _SIZE.size * axis)[0] for axis in range(rank)]
        at += _SIZE.size * rank
        dtype = DATATYPES[code][1]
        data = body[offset : offset + size]
        offset += size + -size % _ALIGNMENT
        arrays.append(_split(data, shape) if dtype == BYTES else data.view(dtype).reshape(shape))
    return arrays


def ran(sequence, arrays, micros):
    """Pieces of the answer to a question; only strings, and what is not in row-major order, are copied."""
    head, pieces, size = bytearray(), [], 0
    for array in arrays:
        data = _joined(array) if array.dtype == BYTES else np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        head += _TENSOR.pack(CODES[array.dtype], array.ndim, len(data))
        for length in array.shape:
            head += _SIZE.pack(length)
        padding = -len(data) % _ALIGNMENT
        pieces += [data, bytes(padding)]
        size += len(data) + padding
    prelude = frames.PRELUDE.pack(frames.RAN, len(arrays), len(head), min(micros, 2**32 - 1), size, sequence)
    return [prelude + head, *pieces]


def _split(data, shape):
    """Strings, each after its length (u32), as bytes objects."""
    raw, at = data.tobytes(), 0
    strings = np.empty(int(np.prod(shape, dtype=np.int64)), BYTES)
    for index in range(len(strings)):
        (length,) = _LENGTH.unpack_from(raw, at)
        at += _LENGTH.size + length
        strings[index] = raw[at - length : at]
    return strings.reshape(shape)


def _joined(array):
    joined = bytearray()
    for element in array.reshape(-1):
        raw = element if isinstance(element, (bytes, bytearray)) else str(element).encode(errors="surrogateescape")
        joined += _LENGTH.pack(len(raw)) + raw
    return joined

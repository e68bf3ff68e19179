"""Frames between the server and this worker, as src/server/runtimes/python/frames.ts has them. Needs no package.

Little-endian. 32 bytes: kind, number of tensors, bytes of the head, of an answer the microseconds of the run and of a question the
bytes of text at the end of the head (u32 each), bytes of the body, and the number of the question, which its answer repeats (u64 each); then the head and the body, which tensors.py reads. A frame of another
kind than a run's has text as its body.
"""

import os
import socket
import struct
from collections import namedtuple

LOADED, RAN, FAILED = 16, 17, 18

PRELUDE = struct.Struct("<IIIIQQ")

Frame = namedtuple("Frame", "kind count sequence head body traces")

# The system takes no more pieces at once.
MOST_PIECES = 64


class Closed(Exception):
    """The server has gone, or wants this worker to end."""


def inherited(descriptor):
    """The socket that the server has left open for this worker."""
    sock = socket.socket(fileno=descriptor)
    sock.setblocking(True)
    sock.set_inheritable(False)
    # What the model forks must not answer in its place.
    os.register_at_fork(after_in_child=sock.close)
    return sock


def read(sock, allocate=bytearray):
    """Waits for a frame, whose body is in memory that `allocate` makes."""
    kind, count, head_size, text_size, body_size, sequence = PRELUDE.unpack(_receive(sock, bytearray(PRELUDE.size)))
    head = _receive(sock, bytearray(head_size))
    traces = head[head_size - text_size :].decode().split()
    return Frame(kind, count, sequence, head, _receive(sock, allocate(body_size)), traces)


def write_text(sock, kind, sequence, text):
    body = text.encode(errors="backslashreplace")
    write(sock, [PRELUDE.pack(kind, 0, 0, 0, len(body), sequence), body])


def write(sock, pieces):
    """Writes pieces from where they lie, one after the other."""
    pieces = [memoryview(piece).cast("B") for piece in pieces if len(piece) > 0]
    while pieces:
        try:
            sent = sock.sendmsg(pieces[:MOST_PIECES])
        except (BrokenPipeError, ConnectionResetError):
            raise Closed from None
        while pieces and sent >= len(pieces[0]):
            sent -= len(pieces.pop(0))
        if sent:
            pieces[0] = pieces[0][sent:]


def _receive(sock, memory):
    view, got = memoryview(memory), 0
    while got < len(view):
        try:
            count = sock.recv_into(view[got:])
        except ConnectionResetError:
            raise Closed from None
        if count == 0:
            raise Closed
        got += count
    return memory

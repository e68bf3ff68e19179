"""Ends whatever a worker has started, once the worker or the server has ended, however that was.

The process that the server starts keeps watch and does nothing else: the worker is a child of it. On Linux it adopts what loses its
parent below it, so that nothing escapes that leaves the group or detaches itself. Elsewhere what stays in the group is ended.
"""

import ctypes
import os
import select
import signal
import sys
import time

# It closes when the server ends or wants the worker to; nothing is written there.
LIFELINE = 4

_PR_SET_CHILD_SUBREAPER = 36
_IS_LINUX = sys.platform == "linux"

# What a signal cannot end by then is left to the kernel. Seconds.
_MOST_WAIT = 3


def watched(socket):
    """Returns in the worker alone, with the process that watches over it. `socket` is the worker's."""
    os.set_inheritable(LIFELINE, False)
    if _IS_LINUX:
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    signals = _Signals()
    guardian = os.getpid()
    worker = os.fork()
    if worker == 0:
        signals.forget()
        os.close(LIFELINE)
        return guardian
    os.close(socket)
    _watch(worker, signals)


class _Signals:
    """Tells of a child that has ended, and of signals to end, where it can be waited for beside a descriptor."""

    _told = (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP)

    def __init__(self):
        self.reading, self._writing = os.pipe()
        os.set_blocking(self._writing, False)
        signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        for number in self._told:
            signal.signal(number, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def are_to_end(self):
        return any(number != signal.SIGCHLD for number in os.read(self.reading, 4096))

    def forget(self):
        signal.set_wakeup_fd(-1)
        for number in self._told:
            signal.signal(number, signal.SIG_DFL)
        os.close(self.reading)
        os.close(self._writing)


def _watch(worker, signals):
    while True:
        ready, _, _ = select.select([LIFELINE, signals.reading], [], [])
        if LIFELINE in ready or signals.are_to_end():
            _end_all()
            os.killpg(0, signal.SIGKILL)
        status = _status_of(worker)
        if status is not None:
            _end_all()
            _end_as(status)


def _status_of(worker):
    """How it ended; nothing while it lives. What was adopted is let go of."""
    while True:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == worker:
            return status
        if pid == 0:
            return None


def _end_all():
    """All that lives below; whatever loses its parent by that comes to be a child of this process, until there is none."""
    until = time.monotonic() + _MOST_WAIT
    while _IS_LINUX and time.monotonic() < until:
        for child in _children():
            os.kill(child, signal.SIGKILL)
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.001)
        except ChildProcessError:
            return


def _children():
    """They cannot be gone: who has ended stays until it is waited for."""
    me = os.getpid()
    try:
        with open(f"/proc/self/task/{me}/children", encoding="ascii") as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        # A kernel that keeps no such list.
        return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if _parent_of(pid) == me]


def _parent_of(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            # Behind the name, which may hold anything.
            return int(file.read().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return None


def _end_as(status):
    """The server asks of what its process ended."""
    if os.WIFEXITED(status):
        os._exit(os.WEXITSTATUS(status))
    number = os.WTERMSIG(status)
    if number != signal.SIGKILL:
        import resource

        # The worker has left what there is to be looked at.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(128 + number)

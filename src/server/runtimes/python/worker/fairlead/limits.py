"""What this process may take of the machine."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def end_with(guardian):
    """Also in the middle of a run, where the system can. What Ctrl-C means, the server decides."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != guardian:
        os._exit(1)


def take_the_blame():
    """Where memory runs out, the kernel ends this process and not the server."""
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write("1000")
    except OSError:
        pass


def bound_memory(most):
    """Beyond so many bytes of its own an allocation fails, with MemoryError, and the process lives on."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    except (ImportError, ValueError, OSError):
        pass


def yield_to_server():
    """The server's event loop, which all of its models need, comes first."""
    try:
        os.nice(10)
    except OSError:
        pass

"""What can be wrong, in the words of the server's catalogue of errors."""

from contextlib import contextmanager


class Problem(Exception):
    """Ends a load or a run: `code` is the server's, and so are the names of the facts."""

    def __init__(self, code, problem, **facts):
        super().__init__(problem)
        self.told = {"code": code, "facts": {"problem": problem, **facts}}


@contextmanager
def reading(library, *kinds):
    """Within it, exceptions of these kinds say that a library cannot read the model."""
    try:
        yield
    except Problem:
        raise
    except kinds as error:
        raise Problem("model_invalid", f"{library} cannot read it: {in_words(error)}") from error


def in_words(error):
    """An exception as its caller should read it: its kind and its first words."""
    try:
        text = " ".join(str(error).split())
    except Exception:
        text = ""
    return f"{type(error).__name__}: {text}"[:1000] if text else type(error).__name__

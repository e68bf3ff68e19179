"""What a model of Python may use of fairlead, which puts it on the path of the processes that it starts."""


class InvalidInput(Exception):
    """Raise it in `predict` for what the client did wrong: it is told so, with this message, and nobody else is."""


_traces = []


def traceparent():
    """The W3C `traceparent` of the run that `predict` is called for, to go on with the trace; None where nobody is traced.

    Of a batch with several who are, it is the first one's.
    """
    return _traces[0] if _traces else None


def traceparents():
    """Those of all who are traced in the batch, in its order."""
    return list(_traces)

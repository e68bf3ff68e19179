"""What a model of Python may use of fairlead, which puts it on the path of the processes that it starts."""


class InvalidInput(Exception):
    """Raise it in `predict` for what the client did wrong: it is told so, with this message, and nobody else is."""

"""scikit-learn in skops' format, which names each type that it holds before any of it is made."""

from ..problems import Problem, reading
from ..requirements import library
from ..sklearn_estimator import as_model


def load(wanted, guarded):
    library("sklearn", "scikit-learn")
    files = library("skops.io", "skops")
    with reading("skops", Exception):
        unknown = set(files.get_untrusted_types(file=wanted.path)) - set(wanted.trusted)
        if unknown and not guarded.allowed:
            raise Problem("model_unsafe", f"it holds types that are not trusted: {', '.join(sorted(unknown))}")
        with guarded:
            return as_model(files.load(wanted.path, trusted=sorted({*wanted.trusted, *unknown})), wanted)

"""scikit-learn as joblib or pickle has it: runs whatever it says. Only where that is allowed."""

import sys

from ..problems import Problem
from ..requirements import library
from ..sklearn_estimator import as_model


def load(wanted, guarded):
    if not guarded.allowed:
        raise Problem("model_unsafe", "it is a pickle, which runs whatever it says when it is loaded")
    joblib = library("joblib")
    sys.path.insert(0, wanted.folder)
    with guarded:
        # It reads plain pickles too.
        return as_model(joblib.load(wanted.path), wanted)

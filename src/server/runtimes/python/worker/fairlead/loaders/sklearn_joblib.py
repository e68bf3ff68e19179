"""scikit-learn as joblib or pickle has it: runs whatever it says. Only where that is allowed."""

import sys

from ..requirements import library
from ..sklearn_estimator import as_model


def load(wanted, guarded):
    guarded.must_allow_pickles()
    joblib = library("joblib")
    sys.path.insert(0, wanted.folder)
    with guarded:
        # It reads plain pickles too.
        return as_model(joblib.load(wanted.path), wanted)

"""An estimator of scikit-learn as a model: its predictions, and its probabilities where it has them."""

from . import spec
from .model import Model
from .problems import Problem


def as_model(estimator, wanted):
    inputs = wanted.inputs or [spec.Spec("input", "FP64", [-1, _features(estimator)])]
    columns = _columns(estimator)
    has_probabilities = hasattr(estimator, "predict_proba")

    def predict(arrays):
        rows = columns(arrays[0])
        answer = {"label": estimator.predict(rows)}
        if has_probabilities:
            answer["probabilities"] = estimator.predict_proba(rows)
        return answer

    if not hasattr(estimator, "predict"):
        raise Problem("model_invalid", f"a {type(estimator).__name__} has no predict")
    return Model(predict, inputs, wanted.outputs, wanted.batched)


def _features(estimator):
    count = getattr(estimator, "n_features_in_", None)
    if count is None:
        raise Problem("model_invalid", "it does not know how many features it takes: declare its input, or fit it first")
    return count


def _columns(estimator):
    """One that was fitted to a table with names wants one; all others take arrays."""
    names = getattr(estimator, "feature_names_in_", None)
    if names is None:
        return lambda rows: rows
    try:
        from pandas import DataFrame
    except ImportError:
        return lambda rows: rows
    return lambda rows: DataFrame(rows, columns=names)

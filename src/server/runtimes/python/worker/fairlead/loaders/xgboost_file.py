"""A booster of XGBoost, as JSON or UBJSON."""

from .. import spec
from ..model import Model
from ..problems import reading
from ..requirements import library


def load(wanted, guarded):
    xgboost = library("xgboost")
    booster = xgboost.Booster({"nthread": wanted.threads})
    with reading(f"XGBoost {xgboost.__version__}", xgboost.core.XGBoostError), guarded:
        booster.load_model(wanted.path)
    inputs = wanted.inputs or [spec.Spec("input", "FP32", [-1, booster.num_features()])]
    return Model(lambda arrays: booster.inplace_predict(arrays[0], validate_features=False), inputs, wanted.outputs, wanted.batched)

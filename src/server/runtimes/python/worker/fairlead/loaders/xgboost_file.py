"""A booster of XGBoost, as JSON or UBJSON."""

import json

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
    return Model(_prediction(xgboost, booster, wanted.threads), inputs, wanted.outputs, wanted.batched)


def _prediction(xgboost, booster, threads):
    """From the array as it lies, which linear boosters do not do."""
    kind = json.loads(booster.save_config())["learner"]["gradient_booster"]["name"]
    if kind != "gblinear":
        return lambda arrays: booster.inplace_predict(arrays[0], validate_features=False)
    return lambda arrays: booster.predict(xgboost.DMatrix(arrays[0], nthread=threads), validate_features=False)

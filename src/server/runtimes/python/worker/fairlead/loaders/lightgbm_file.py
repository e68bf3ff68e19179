"""A booster of LightGBM, as its text."""

from .. import spec
from ..model import Model
from ..problems import reading
from ..requirements import library


def load(wanted, guarded):
    lightgbm = library("lightgbm")
    with reading(f"LightGBM {lightgbm.__version__}", lightgbm.basic.LightGBMError), guarded:
        booster = lightgbm.Booster(model_file=wanted.path)
    inputs = wanted.inputs or [spec.Spec("input", "FP64", [-1, booster.num_feature()])]
    return Model(lambda arrays: booster.predict(arrays[0], num_threads=wanted.threads), inputs, wanted.outputs, wanted.batched)

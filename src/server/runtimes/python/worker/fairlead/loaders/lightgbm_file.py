"""A booster of LightGBM, as its text."""

from .. import spec
from ..model import Model
from ..problems import Problem, in_words
from ..requirements import library


def load(wanted, guarded):
    lightgbm = library("lightgbm")
    try:
        with guarded:
            booster = lightgbm.Booster(model_file=wanted.path)
    except lightgbm.basic.LightGBMError as error:
        raise Problem("model_invalid", f"LightGBM {lightgbm.__version__} cannot read it: {in_words(error)}") from error
    inputs = wanted.inputs or [spec.Spec("input", "FP64", [-1, booster.num_feature()])]
    return Model(lambda arrays: booster.predict(arrays[0], num_threads=wanted.threads), inputs, wanted.outputs, wanted.batched)

"""Trains a small model with each library and saves it, with what the library itself answers: `make_models.py FOLDER`.

Writes FOLDER/cases.json: for each model its file, how it is to be run, inputs, and the library's own outputs.
"""

import json
import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import joblib
import keras
import lightgbm
import numpy as np
import skops.io
import tensorflow as tf
import xgboost
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

FOLDER = pathlib.Path(sys.argv[1])
CASES = []


def case(name, file, inputs, outputs, python=None):
    def told(named):
        return [{"name": key, "values": np.asarray(value).tolist()} for key, value in named.items()]

    CASES.append({"name": name, "file": file, "inputs": told(inputs), "outputs": told(outputs), "python": python or {}})


def iris():
    """A classifier: its labels, and its probabilities."""
    data = load_iris()
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(data.data, data.target)
    rows = data.data[::15]
    answers = {"label": model.predict(rows), "probabilities": model.predict_proba(rows)}
    skops.io.dump(model, FOLDER / "iris.skops")
    case("skops", "iris.skops", {"input": rows}, answers)
    joblib.dump(model, FOLDER / "iris.joblib")
    case("joblib", "iris.joblib", {"input": rows}, answers, {"allowUnsafeFormats": True})


def flowers():
    """A classifier whose labels are words."""
    data = load_iris()
    names = data.target_names[data.target].astype(object)
    model = LogisticRegression(max_iter=1000).fit(data.data, names)
    rows = data.data[::20]
    skops.io.dump(model, FOLDER / "flowers.skops")
    answers = {"label": model.predict(rows), "probabilities": model.predict_proba(rows)}
    case("words", "flowers.skops", {"input": rows}, answers)


def diabetes():
    data = load_diabetes()
    rows = data.data[:7]
    linear = LinearRegression().fit(data.data, data.target)
    skops.io.dump(linear, FOLDER / "linear.skops")
    case("regression", "linear.skops", {"input": rows}, {"label": linear.predict(rows)})

    booster = xgboost.train({"max_depth": 3}, xgboost.DMatrix(data.data, data.target), 20)
    booster.save_model(FOLDER / "trees.ubj")
    single = rows.astype(np.float32)
    case("xgboost", "trees.ubj", {"input": single}, {"output": booster.predict(xgboost.DMatrix(single))})

    for kind in ["gblinear", "dart"]:
        other = xgboost.train({"booster": kind}, xgboost.DMatrix(data.data, data.target), 20)
        other.save_model(FOLDER / f"{kind}.ubj")
        case(kind, f"{kind}.ubj", {"input": single}, {"output": other.predict(xgboost.DMatrix(single))})

    leaves = lightgbm.train({"verbose": -1, "num_threads": 1}, lightgbm.Dataset(data.data, data.target), 20)
    leaves.save_model(FOLDER / "leaves.lgb")
    case("lightgbm", "leaves.lgb", {"input": rows}, {"output": leaves.predict(rows)})


def table():
    """One that was fitted to a table with names."""
    data = load_iris(as_frame=True)
    model = LogisticRegression(max_iter=1000).fit(data.data, data.target)
    rows = data.data.iloc[::25]
    skops.io.dump(model, FOLDER / "table.skops")
    answers = {"label": model.predict(rows), "probabilities": model.predict_proba(rows)}
    case("table", "table.skops", {"input": rows.to_numpy()}, answers)


def network():
    keras.utils.set_random_seed(0)
    data = load_iris()
    model = keras.Sequential([keras.Input((4,), name="sizes"), keras.layers.Dense(8, "relu"), keras.layers.Dense(3, "softmax", name="kinds")])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(data.data, data.target, epochs=3, verbose=0)
    rows = data.data[::15].astype(np.float32)
    answer = model(rows, training=False).numpy()
    model.save(FOLDER / "network.keras")
    case("keras", "network.keras", {"sizes": rows}, {"output": answer})
    model.export(FOLDER / "network", verbose=False)
    signature = tf.saved_model.load(str(FOLDER / "network")).signatures["serving_default"]
    (given,) = signature.structured_input_signature[1]
    (made,) = signature.structured_outputs
    case("savedmodel", "network", {given: rows}, {made: answer})
    declared = {"inputs": [{"name": given, "datatype": "FP32", "shape": [-1, 4]}], "outputs": [{"name": made, "datatype": "FP32", "shape": [-1, 3]}]}
    case("savedmodel-declared", "network", {given: rows}, {made: answer}, declared)


def strings():
    """A SavedModel of several inputs and outputs, strings among them."""

    class Join(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "word"), tf.TensorSpec([None, 2], tf.int64, "counts")])
        def __call__(self, word, counts):
            return {"joined": tf.strings.join([word, tf.strings.as_string(counts[:, 0])]), "sum": tf.reduce_sum(counts, 1)}

    module = Join()
    tf.saved_model.save(module, str(FOLDER / "strings"), signatures=module.__call__.get_concrete_function())
    words, counts = ["a", "für", ""], [[1, 2], [3, 4], [5, 6]]
    answers = {"joined": ["a1", "für3", "5"], "sum": [3, 7, 11]}
    case("strings", "strings", {"word": words, "counts": counts}, answers)
    one = {"outputs": [{"name": "sum", "datatype": "INT64", "shape": [-1]}]}
    case("strings-of-one", "strings", {"word": words, "counts": counts}, {"sum": answers["sum"]}, one)


for make in [iris, flowers, diabetes, table, network, strings]:
    make()
(FOLDER / "cases.json").write_text(json.dumps(CASES))

"""Trains the diabetes regression and writes the model, the reference answers and a request.

    python -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python train.py

Ridge regression has one solution, so the same versions of the libraries on the same kind of CPU write the
same files. The reference answers are scikit-learn's own, so they check the export as well as the server.
"""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

HERE = Path(__file__).resolve().parent
MEASUREMENTS = ["bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"]
SECOND_SEX = 2  # the data codes sex as 1 or 2
HIGH_RISK = 200.0  # a progression above this is flagged
TOLERANCE = 1e-5  # relative, between scikit-learn's 64-bit and the graph's 32-bit answers


def main():
    data = load_diabetes(scaled=False)
    column = {name: data.data[:, index] for index, name in enumerate(data.feature_names)}
    inputs = {
        "measurements": np.stack([column[name] for name in MEASUREMENTS], axis=1),
        "sex": column["sex"].astype(np.int64),
        "age": column["age"].astype(np.int64),
    }
    features = np.column_stack([inputs["measurements"], inputs["sex"] == SECOND_SEX, inputs["age"]])
    train, held_out = train_test_split(np.arange(len(features)), test_size=0.2, random_state=0)
    model = make_pipeline(StandardScaler(), Ridge(alpha=1.0)).fit(features[train], data.target[train])
    progression = model.predict(features)

    path = HERE / "models" / "diabetes" / "1" / "model.onnx"
    write_onnx(path, *in_raw_units(model))
    score = model.score(features[held_out], data.target[held_out])
    print(f"R² {score:.2f} on {len(held_out)} held-out patients; {check(path, inputs, progression)}")

    rows = {name: values.tolist() for name, values in inputs.items()}
    answers = {"progression": progression.round(5).tolist(), "high_risk": (progression > HIGH_RISK).tolist()}
    write_json(HERE / "reference.json", {"inputs": rows, "1": answers})
    two = [int(progression.argmax()), int(progression.argmin())]
    write_json(HERE / "request.json", {"inputs": {name: [values[row] for row in two] for name, values in rows.items()}})


def in_raw_units(model):
    """The coefficients and intercept of the pipeline with the scaling folded in."""
    scaler, ridge = model
    coefficients = ridge.coef_ / scaler.scale_
    return coefficients, ridge.intercept_ - coefficients @ scaler.mean_


def write_onnx(path, coefficients, intercept):
    """progression = measurements·w + [sex = 2]·a + age·b + intercept; high_risk = progression > HIGH_RISK"""
    *per_measurement, per_sex, per_age = coefficients.astype(np.float32)
    constants = {
        "measurement_weights": np.array(per_measurement, np.float32),
        "sex_weight": np.float32(per_sex),
        "age_weight": np.float32(per_age),
        "intercept": np.float32(intercept),
        "second_sex": np.int64(SECOND_SEX),
        "threshold": np.float32(HIGH_RISK),
    }
    nodes = [
        helper.make_node("MatMul", ["measurements", "measurement_weights"], ["from_measurements"]),
        helper.make_node("Equal", ["sex", "second_sex"], ["is_second_sex"]),
        helper.make_node("Cast", ["is_second_sex"], ["sex_number"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["sex_number", "sex_weight"], ["from_sex"]),
        helper.make_node("Cast", ["age"], ["age_number"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["age_number", "age_weight"], ["from_age"]),
        helper.make_node("Sum", ["from_measurements", "from_sex", "from_age", "intercept"], ["progression"]),
        helper.make_node("Greater", ["progression", "threshold"], ["high_risk"]),
    ]
    graph = helper.make_graph(
        nodes,
        "diabetes",
        [
            helper.make_tensor_value_info("measurements", TensorProto.FLOAT, ["N", len(MEASUREMENTS)]),
            helper.make_tensor_value_info("sex", TensorProto.INT64, ["N"]),
            helper.make_tensor_value_info("age", TensorProto.INT64, ["N"]),
        ],
        [
            helper.make_tensor_value_info("progression", TensorProto.FLOAT, ["N"]),
            helper.make_tensor_value_info("high_risk", TensorProto.BOOL, ["N"]),
        ],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(
        graph, producer_name="train.py", ir_version=8, opset_imports=[helper.make_opsetid("", 17)]
    )
    onnx.checker.check_model(model, full_check=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)


def check(path, inputs, expected):
    """Runs the ONNX file over every row; an answer that is not scikit-learn's ends the script."""
    try:
        import onnxruntime
    except ImportError:
        return "install onnxruntime to check the ONNX file"
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    feed = {**inputs, "measurements": inputs["measurements"].astype(np.float32)}
    progression, high_risk = session.run(["progression", "high_risk"], feed)
    worst = np.abs(progression / expected - 1).max()
    assert worst < TOLERANCE, f"{path}: an answer is off by {worst} of its value"
    assert (high_risk == (expected > HIGH_RISK)).all(), f"{path}: another risk"
    return f"the ONNX file agrees with scikit-learn to {worst:.0e}"


def write_json(path, value):
    path.write_text(json.dumps(value, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()

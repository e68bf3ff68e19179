"""Trains both versions of the digits classifier and writes the models, the reference answers and a request.

    python -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python train.py

The seeds are fixed: the same versions of the libraries on the same kind of CPU write the same files. The
reference answers are scikit-learn's own, so they check the export as well as the server.
"""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

HERE = Path(__file__).resolve().parent
INK = 16.0  # the darkest pixel of the data
TOLERANCE = 1e-5  # between scikit-learn's 64-bit and the graph's 32-bit answers


def main():
    digits = load_digits()
    pixels, labels = digits.data, digits.target
    train, held_out = train_test_split(
        np.arange(len(labels)), test_size=0.2, stratify=labels, random_state=0
    )
    models = {
        "1": LogisticRegression(max_iter=1000),
        "2": MLPClassifier((64, 32), alpha=0.01, max_iter=500, random_state=0),
    }
    reference = {"pixels": pixels.astype(int).tolist()}
    for version, model in models.items():
        model.fit(pixels[train] / INK, labels[train])
        probabilities = model.predict_proba(pixels / INK)
        path = HERE / "models" / "digits" / version / "model.onnx"
        write_onnx(path, layers_of(model))
        accuracy = np.mean(probabilities[held_out].argmax(axis=1) == labels[held_out])
        print(f"version {version}: {accuracy:.1%} of {len(held_out)} held-out digits are right; {check(path, pixels, probabilities)}")
        reference[version] = {
            "class": probabilities.argmax(axis=1).tolist(),
            "probabilities": probabilities.round(7).tolist(),
        }
    write_json(HERE / "reference.json", reference)
    write_json(HERE / "request.json", {"inputs": [reference["pixels"][clear_three(reference, labels, held_out)]]})


def layers_of(model):
    """The (weights, bias) pairs from the pixels to the ten scores."""
    if isinstance(model, LogisticRegression):
        return [(model.coef_.T, model.intercept_)]
    return list(zip(model.coefs_, model.intercepts_))


def write_onnx(path, layers):
    """pixels -> divide by the ink -> (Gemm -> Relu)* -> Gemm -> Softmax -> probabilities"""
    constants = [numpy_helper.from_array(np.float32(INK), "ink")]
    nodes = [helper.make_node("Div", ["pixels", "ink"], ["scaled"])]
    last = "scaled"
    for index, (weights, bias) in enumerate(layers, start=1):
        constants.append(numpy_helper.from_array(weights.astype(np.float32), f"weights{index}"))
        constants.append(numpy_helper.from_array(bias.astype(np.float32), f"bias{index}"))
        nodes.append(helper.make_node("Gemm", [last, f"weights{index}", f"bias{index}"], [f"scores{index}"]))
        last = f"scores{index}"
        if index < len(layers):
            nodes.append(helper.make_node("Relu", [last], [f"hidden{index}"]))
            last = f"hidden{index}"
    nodes.append(helper.make_node("Softmax", [last], ["probabilities"], axis=1))
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", 64])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 10])],
        constants,
    )
    model = helper.make_model(
        graph, producer_name="train.py", ir_version=8, opset_imports=[helper.make_opsetid("", 17)]
    )
    onnx.checker.check_model(model, full_check=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)


def check(path, pixels, expected):
    """Runs the ONNX file over every row; an answer that is not scikit-learn's ends the script."""
    try:
        import onnxruntime
    except ImportError:
        return "install onnxruntime to check the ONNX file"
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (answers,) = session.run(None, {"pixels": pixels.astype(np.float32)})
    worst = np.abs(answers - expected).max()
    assert worst < TOLERANCE, f"{path}: a probability is off by {worst}"
    assert (answers.argmax(axis=1) == expected.argmax(axis=1)).all(), f"{path}: another class"
    return f"the ONNX file agrees with scikit-learn to {worst:.0e}"


def clear_three(reference, labels, held_out):
    """The held-out 3 that version 1 is surest of."""
    threes = [row for row in held_out if labels[row] == 3]
    return max(threes, key=lambda row: reference["1"]["probabilities"][row][3])


def write_json(path, value):
    path.write_text(json.dumps(value, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()

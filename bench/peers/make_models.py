"""Writes the two heavier models of the bench: a convolutional network and a text encoder, with weights of chance.

    python make_models.py FOLDER        writes FOLDER/cnn/model.onnx and FOLDER/bert/model.onnx

What the weights are does not matter to how long a run takes; that they are the same each time does, so they come
from a seeded generator. Sizes: the first has ResNet-18's layers at 184 by 184 pixels (about 25 ms a run on one core of
2026), the second MiniLM's twelve layers of width 384 on 128 tokens (about 80 ms).
"""

import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CLASSES = 10
PIXELS = 184
TOKENS = 128
WORDS = 30522
WIDTH = 384
HEADS = 12
LAYERS = 12


class Graph:
    """Nodes and weights so far. Every method that adds a node gives the name of its output."""

    def __init__(self, seed: int) -> None:
        self.chance = np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def constant(self, array: np.ndarray) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def integers(self, *values: int) -> str:
        return self.constant(np.array(values, dtype=np.int64))

    def random(self, *shape: int, scale: float) -> str:
        return self.constant(self.chance.normal(0, scale, shape).astype(np.float32))

    def full(self, value: float, *shape: int) -> str:
        return self.constant(np.full(shape, value, dtype=np.float32))

    def add(self, op: str, *inputs: str, output: str = "", **attributes: object) -> str:
        name = output or f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], **attributes))
        return name

    def write(self, path: str, source: onnx.ValueInfoProto, target: onnx.ValueInfoProto) -> None:
        graph = helper.make_graph(self.nodes, "bench", [source], [target], self.weights)
        model = helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 17)])
        onnx.checker.check_model(model)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        onnx.save(model, path + ".part")
        os.replace(path + ".part", path)


def convolution(graph: Graph, x: str, channels: tuple[int, int], size: int, stride: int) -> str:
    """A convolution with what batch normalisation folds into: a bias."""
    before, after = channels
    weights = graph.random(after, before, size, size, scale=(2 / (before * size * size)) ** 0.5)
    pads = [size // 2] * 4
    return graph.add("Conv", x, weights, graph.full(0, after), strides=[stride] * 2, pads=pads)


def residual(graph: Graph, x: str, channels: tuple[int, int], stride: int) -> str:
    before, after = channels
    inner = graph.add("Relu", convolution(graph, x, channels, 3, stride))
    inner = convolution(graph, inner, (after, after), 3, 1)
    shortcut = x if before == after else convolution(graph, x, channels, 1, stride)
    return graph.add("Relu", graph.add("Add", inner, shortcut))


def write_cnn(path: str) -> None:
    graph = Graph(seed=1)
    x = graph.add("Relu", convolution(graph, "image", (3, 64), 7, 2))
    x = graph.add("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    before = 64
    for after in (64, 128, 256, 512):
        x = residual(graph, x, (before, after), 1 if before == after else 2)
        x = residual(graph, x, (after, after), 1)
        before = after
    x = graph.add("Flatten", graph.add("GlobalAveragePool", x))
    graph.add("Gemm", x, graph.random(512, CLASSES, scale=0.04), graph.full(0, CLASSES), output="scores")
    graph.write(
        path,
        helper.make_tensor_value_info("image", TensorProto.FLOAT, ["rows", 3, PIXELS, PIXELS]),
        helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["rows", CLASSES]),
    )


def dense(graph: Graph, x: str, before: int, after: int) -> str:
    weights = graph.random(before, after, scale=before**-0.5)
    return graph.add("Add", graph.add("MatMul", x, weights), graph.full(0, after))


def normalised(graph: Graph, x: str) -> str:
    return graph.add("LayerNormalization", x, graph.full(1, WIDTH), graph.full(0, WIDTH), axis=-1)


def attention(graph: Graph, x: str) -> str:
    split = graph.integers(0, TOKENS, HEADS, WIDTH // HEADS)

    def heads(perm: list[int]) -> str:
        return graph.add("Transpose", graph.add("Reshape", dense(graph, x, WIDTH, WIDTH), split), perm=perm)

    query, key, value = heads([0, 2, 1, 3]), heads([0, 2, 3, 1]), heads([0, 2, 1, 3])
    scale = graph.full((WIDTH // HEADS) ** -0.5)
    weights = graph.add("Softmax", graph.add("Mul", graph.add("MatMul", query, key), scale), axis=-1)
    mixed = graph.add("Transpose", graph.add("MatMul", weights, value), perm=[0, 2, 1, 3])
    joined = graph.add("Reshape", mixed, graph.integers(0, TOKENS, WIDTH))
    return dense(graph, joined, WIDTH, WIDTH)


def gelu(graph: Graph, x: str) -> str:
    erf = graph.add("Erf", graph.add("Div", x, graph.full(2**0.5)))
    return graph.add("Mul", graph.add("Mul", x, graph.add("Add", erf, graph.full(1))), graph.full(0.5))


def write_bert(path: str) -> None:
    graph = Graph(seed=2)
    words = graph.add("Gather", graph.random(WORDS, WIDTH, scale=1), "input_ids")
    x = normalised(graph, graph.add("Add", words, graph.random(TOKENS, WIDTH, scale=1)))
    for _ in range(LAYERS):
        x = normalised(graph, graph.add("Add", x, attention(graph, x)))
        inner = gelu(graph, dense(graph, x, WIDTH, 4 * WIDTH))
        x = normalised(graph, graph.add("Add", x, dense(graph, inner, 4 * WIDTH, WIDTH)))
    pooled = graph.add("ReduceMean", x, axes=[1], keepdims=0)
    head = graph.random(WIDTH, CLASSES, scale=WIDTH**-0.5)
    graph.add("Gemm", pooled, head, graph.full(0, CLASSES), output="scores")
    graph.write(
        path,
        helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["rows", TOKENS]),
        helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["rows", CLASSES]),
    )


if __name__ == "__main__":
    folder = sys.argv[1]
    write_cnn(os.path.join(folder, "cnn", "model.onnx"))
    write_bert(os.path.join(folder, "bert", "model.onnx"))

"""Trains a small convolutional network on the digits of ../digits and writes it as a SavedModel, with a request.

    python3 -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python train.py

The seed is fixed. What it learns from are the digits, and the answers of the network there.
"""

import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DARKEST = 16.0


def network():
    return keras.Sequential(
        [
            keras.Input((64,), name="pixels"),
            keras.layers.Rescaling(1 / DARKEST),
            keras.layers.Reshape((8, 8, 1)),
            keras.layers.Conv2D(8, 3, padding="same", activation="relu"),
            keras.layers.Conv2D(16, 3, padding="same", strides=2, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


def main():
    keras.utils.set_random_seed(0)
    reference = json.loads((HERE / "../digits/reference.json").read_text())
    pixels = np.array(reference["pixels"], np.float32)
    labels = np.array(reference["2"]["class"])
    model = network()
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    model.fit(pixels, labels, batch_size=64, epochs=30, verbose=0)
    right = (model.predict(pixels, verbose=0).argmax(1) == labels).mean()
    print(f"{right:.1%} of {len(labels)} digits as the network of ../digits has them")

    @tf.function(input_signature=[tf.TensorSpec([None, 64], tf.float32, "pixels")])
    def predict(pixels):
        return {"probabilities": model(pixels, training=False)}

    module = tf.Module()
    module.weights = model.trainable_variables
    tf.saved_model.save(module, str(HERE / "models/digits/1"), signatures=predict)
    (HERE / "request.json").write_text(json.dumps({"inputs": [reference["pixels"][0]]}) + "\n")


if __name__ == "__main__":
    main()

"""Trains a classifier of irises and writes it as skops has it, with a request and reference answers.

    python3 -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python train.py

The fit has one solution, so the same versions of the libraries write the same model. The reference answers are scikit-learn's own.
"""

import json
from pathlib import Path

import skops.io
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

HERE = Path(__file__).resolve().parent


def main():
    data = load_iris()
    species = data.target_names[data.target].astype(object)
    train, held_out, known, asked = train_test_split(data.data, species, test_size=0.2, random_state=0, stratify=species)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(train, known)
    print(f"{model.score(held_out, asked):.1%} of {len(held_out)} irises that it has not seen")
    skops.io.dump(model, HERE / "models/iris/1/model.skops")
    answers = {
        "sizes": held_out.tolist(),
        "label": model.predict(held_out).tolist(),
        "probabilities": model.predict_proba(held_out).tolist(),
    }
    (HERE / "reference.json").write_text(json.dumps(answers) + "\n")
    (HERE / "request.json").write_text(json.dumps({"inputs": [held_out[0].tolist()]}) + "\n")


if __name__ == "__main__":
    main()

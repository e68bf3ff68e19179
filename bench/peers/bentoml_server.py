"""BentoML with ONNX Runtime.

    python bentoml_server.py PORT NAME=MODEL.onnx … [--batch]

Chosen: one worker for one core (the default), no access log, metrics or tracing, an async API where a run takes
microseconds and a thread of its pool where it would block the loop. --batch is its adaptive batching with the
default of its longest latency: with less it answers 503 under load. Large tensors come as bytes.
"""

import json
import os
import sys

from peer import MAX_BATCH, OnnxModel, heavy, read_arguments

MODELS = "BENCH_MODELS"
BATCH = "BENCH_BATCH"


def main() -> None:
    arguments = read_arguments()
    here = os.path.dirname(os.path.abspath(__file__))
    models = {name: os.path.abspath(path) for name, path in arguments.models.items()}
    os.environ[MODELS] = json.dumps(models)
    os.environ[BATCH] = "1" if arguments.batch else ""
    os.environ["PYTHONPATH"] = here
    os.environ["BENTOML_HOME"] = arguments.home
    os.environ["BENTOML_DO_NOT_TRACK"] = "True"
    program = os.path.join(os.path.dirname(sys.executable), "bentoml")
    command = [program, "serve", "bentoml_server:Predictor", "--host", "127.0.0.1", "--port", str(arguments.port)]
    os.chdir(arguments.home)
    os.execv(program, command)


def service(models: dict[str, str], batch: bool):
    """The service with an API `/models/NAME` for each model, and one for bytes where a model is heavy."""
    import bentoml
    import numpy

    sessions: dict[str, OnnxModel] = {}

    class Predictor:
        def __init__(self) -> None:
            sessions.update({name: OnnxModel(path) for name, path in models.items()})

    def add(name: str, route: str, function, **batching) -> None:
        # BentoML looks an API up by the name of its function.
        function.__name__ = name
        setattr(Predictor, name, bentoml.api(function, route=route, name=name, **batching))

    def serve_light(name: str) -> None:
        async def predict(self, inputs: numpy.ndarray) -> numpy.ndarray:
            return sessions[name](inputs.astype(sessions[name].dtype))

        add(name, f"/models/{name}", predict)

    def serve_heavy(name: str) -> None:
        def predict(self, inputs: numpy.ndarray) -> numpy.ndarray:
            return sessions[name](inputs.astype(sessions[name].dtype))

        def predict_bytes(self, data: bytes, /) -> numpy.ndarray:
            return sessions[name](sessions[name].of_bytes(data))

        add(name, f"/models/{name}", predict)
        add(f"{name}_bytes", f"/models/{name}/bytes", predict_bytes)

    def serve_batched(name: str) -> None:
        def predict(self, inputs: numpy.ndarray) -> numpy.ndarray:
            return sessions[name](inputs.astype(sessions[name].dtype))

        add(name, f"/models/{name}", predict, batchable=True, batch_dim=0, max_batch_size=MAX_BATCH)

    for name, path in models.items():
        (serve_batched if batch else serve_heavy if heavy(path) else serve_light)(name)
    return bentoml.service(
        Predictor,
        workers=1,
        traffic={"timeout": 60},
        logging={"access": {"enabled": False}},
        metrics={"enabled": False},
    )


if __name__ == "__main__":
    main()
else:
    Predictor = service(json.loads(os.environ[MODELS]), os.environ[BATCH] != "")

"""MLServer with ONNX Runtime in a runtime of its own.

    python mlserver_server.py PORT NAME=MODEL.onnx … [--batch]

Chosen: `debug` off, no metrics server, and `parallel_workers` by its documentation's advice: 0, inference in the
server's own process, for a run of microseconds, since a pool only adds a hop between processes; the default 1, a
worker process for one core, where a run would hold up the loop. --batch is its adaptive batching. Large tensors
come as base64, for its REST interface has no binary tensors.
"""

import json
import os
import sys

from mlserver import MLModel
from mlserver.codecs import Base64Codec, NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse
from peer import BATCH_DELAY_MS, MAX_BATCH, OnnxModel, free_port, heavy, read_arguments


class Runtime(MLModel):
    async def load(self) -> bool:
        self.model = OnnxModel(self.settings.parameters.uri)
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        given = payload.inputs[0]
        if given.datatype == "BYTES":
            rows = self.model.of_bytes(b"".join(Base64Codec.decode_input(given)))
        else:
            rows = NumpyCodec.decode_input(given)
        output = NumpyCodec.encode_output(self.model.output, self.model(rows))
        return InferenceResponse(model_name=self.name, outputs=[output])


def main() -> None:
    arguments = read_arguments()
    home = arguments.home
    settings = {
        "host": "127.0.0.1",
        "http_port": arguments.port,
        "grpc_port": free_port(),
        "metrics_endpoint": None,
        "debug": False,
        "parallel_workers": 1 if any(map(heavy, arguments.models.values())) else 0,
    }
    write(os.path.join(home, "settings.json"), settings)
    batching = {"max_batch_size": MAX_BATCH, "max_batch_time": BATCH_DELAY_MS / 1000}
    for name, path in arguments.models.items():
        model = {
            "name": name,
            "implementation": "mlserver_server.Runtime",
            "parameters": {"uri": os.path.abspath(path)},
            **(batching if arguments.batch else {}),
        }
        os.mkdir(os.path.join(home, name))
        write(os.path.join(home, name, "model-settings.json"), model)
    os.environ["PYTHONPATH"] = os.path.dirname(os.path.abspath(__file__))
    server = os.path.join(os.path.dirname(sys.executable), "mlserver")
    os.execv(server, [server, "start", home])


def write(path: str, content: object) -> None:
    with open(path, "w", encoding="utf-8") as file:
        json.dump(content, file)


if __name__ == "__main__":
    main()

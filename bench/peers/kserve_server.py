"""KServe's Python model server with ONNX Runtime.

    python kserve_server.py PORT NAME=MODEL.onnx …

Chosen: a custom predictor as KServe's documentation shows one, one worker for one core (the default), the latency and
access log lines of every request off, no gRPC door. A run of microseconds stays on the loop, a
longer one goes to a thread, as the documentation advises for blocking code. KServe's batcher is an agent in another
container, in Go; the Python server itself does not batch, so there is no such row.
"""

import asyncio
import logging

from kserve import InferOutput, InferRequest, InferResponse, Model, ModelServer
from peer import OnnxModel, heavy, read_arguments

arguments = read_arguments()


class Predictor(Model):
    def __init__(self, name: str, path: str) -> None:
        super().__init__(name)
        self.heavy = heavy(path)
        self.model = OnnxModel(path)
        self.enable_latency_logging = False
        self.ready = True

    async def predict(self, payload: InferRequest, headers=None, response_headers=None) -> InferResponse:
        rows = payload.inputs[0].as_numpy()
        found = await asyncio.to_thread(self.model, rows) if self.heavy else self.model(rows)
        output = InferOutput(self.model.output, list(found.shape), "FP32")
        binary = payload.use_binary_outputs
        output.set_data_from_numpy(found, binary_data=binary)
        return InferResponse(payload.id or "", self.name, [output], use_binary_outputs=binary)


server = ModelServer(http_port=arguments.port, enable_grpc=False, enable_latency_logging=False, workers=1)
logging.getLogger("kserve.trace").setLevel(logging.WARNING)
# uvicorn sets the level of this one again.
logging.getLogger("uvicorn.access").addFilter(lambda _: False)
server.start([Predictor(name, path) for name, path in arguments.models.items()])

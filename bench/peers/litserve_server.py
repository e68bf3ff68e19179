"""LitServe with ONNX Runtime.

    python litserve_server.py PORT NAME=MODEL.onnx … [--batch]

Chosen: one inference worker and one API server for one core (the default), `fast_queue` (ZeroMQ), which its
documentation advises beyond a hundred requests a second, no client file and no schema, warnings only in the log.
--batch is its `max_batch_size` with a timeout. Large tensors come as base64 in JSON, as in its
documentation's example of an image.
"""

import base64

import litserve
from peer import BATCH_DELAY_MS, MAX_BATCH, OnnxModel, read_arguments


class Api(litserve.LitAPI):
    def __init__(self, name: str, path: str, batch: bool) -> None:
        batching = {"max_batch_size": MAX_BATCH, "batch_timeout": BATCH_DELAY_MS / 1000} if batch else {}
        super().__init__(api_path=f"/models/{name}", **batching)
        self.path, self.batched = path, batch

    def setup(self, device) -> None:
        self.model = OnnxModel(self.path)

    def decode_request(self, request):
        if "bytes" in request:
            rows = self.model.of_bytes(base64.b64decode(request["bytes"]))
        else:
            rows = self.model.of_rows(request["inputs"])
        # LitServe stacks what it batches.
        return rows[0] if self.batched else rows

    def predict(self, rows):
        return self.model(rows)

    def encode_response(self, output):
        return {"predictions": [output.tolist()] if self.batched else output.tolist()}


def main() -> None:
    arguments = read_arguments()
    apis = [Api(name, path, arguments.batch) for name, path in arguments.models.items()]
    server = litserve.LitServer(
        apis, accelerator="cpu", workers_per_device=1, fast_queue=True, disable_openapi_url=True
    )
    server.run(
        host="127.0.0.1",
        port=arguments.port,
        num_api_servers=1,
        generate_client_file=False,
        log_level="warning",
        access_log=False,
    )


if __name__ == "__main__":
    main()

"""A handler of TorchServe that runs ONNX Runtime: a list of requests in, a list of answers out."""

import json
import os
import sys

sys.path.insert(0, os.environ["BENCH_PEERS"])

from peer import OnnxModel


class Handler:
    def initialize(self, context) -> None:
        folder = context.system_properties["model_dir"]
        self.model = OnnxModel(os.path.join(folder, context.manifest["model"]["serializedFile"]))

    def handle(self, requests, context):
        import numpy

        rows = [self.rows_of(each.get("body") or each.get("data")) for each in requests]
        found = self.model(rows[0] if len(rows) == 1 else numpy.concatenate(rows))
        # As text: TorchServe would indent an object.
        return [json.dumps({"predictions": [each.tolist()]}) for each in found]

    def rows_of(self, body):
        if isinstance(body, dict):
            return self.model.of_rows(body["inputs"])
        return self.model.of_bytes(bytes(body))

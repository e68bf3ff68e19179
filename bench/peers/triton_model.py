"""A model of Triton's Python backend that runs ONNX Runtime. The scheduler's batch comes as a list of requests."""

import json
import os

import numpy
import triton_python_backend_utils as pb
from peer import OnnxModel


class TritonPythonModel:
    def initialize(self, args):
        config = json.loads(args["model_config"])
        self.model = OnnxModel(config["parameters"]["path"]["string_value"])

    def execute(self, requests):
        rows = [pb.get_input_tensor_by_name(each, self.model.input).as_numpy() for each in requests]
        found = self.model(rows[0] if len(rows) == 1 else numpy.concatenate(rows))
        ends = numpy.cumsum([len(each) for each in rows])[:-1]
        return [
            pb.InferenceResponse(output_tensors=[pb.Tensor(self.model.output, each)])
            for each in (numpy.split(found, ends) if len(rows) > 1 else [found])
        ]

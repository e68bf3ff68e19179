"""A model of Triton's Python backend that multiplies by its own version, so that an answer tells which it was."""

import triton_python_backend_utils as pb


class TritonPythonModel:
    def initialize(self, args):
        self.version = int(args["model_version"])

    def execute(self, requests):
        return [self.answer(request) for request in requests]

    def answer(self, request):
        rows = pb.get_input_tensor_by_name(request, "INPUT").as_numpy()
        return pb.InferenceResponse(output_tensors=[pb.Tensor("OUTPUT", rows * self.version)])

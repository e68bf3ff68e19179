"""A Triton Python-backend model that answers each INPUTi as OUTPUTi."""

import triton_python_backend_utils as pb


class TritonPythonModel:
    def execute(self, requests):
        return [pb.InferenceResponse(output_tensors=outputs(request)) for request in requests]


def outputs(request):
    return [
        pb.Tensor(tensor.name().replace("INPUT", "OUTPUT"), tensor.as_numpy())
        for tensor in request.inputs()
    ]

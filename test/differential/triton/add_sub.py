"""A Triton Python-backend model that answers the sum and the difference of its two inputs."""

import triton_python_backend_utils as pb


class TritonPythonModel:
    def execute(self, requests):
        return [pb.InferenceResponse(output_tensors=outputs(request)) for request in requests]


def outputs(request):
    left, right = (pb.get_input_tensor_by_name(request, name).as_numpy() for name in ("INPUT0", "INPUT1"))
    return [pb.Tensor("OUTPUT0", left + right), pb.Tensor("OUTPUT1", left - right)]

"""A decoupled model of Triton's Python backend: one request has as many answers as it says, one after the other."""

import numpy
import triton_python_backend_utils as pb


class TritonPythonModel:
    def execute(self, requests):
        for request in requests:
            self.answer(request)
        return None

    def answer(self, request):
        sender = request.get_response_sender()
        for number in range(int(pb.get_input_tensor_by_name(request, "UPTO").as_numpy()[0])):
            tensor = pb.Tensor("NUMBER", numpy.array([number], dtype=numpy.int32))
            sender.send(pb.InferenceResponse(output_tensors=[tensor]))
        sender.send(flags=pb.TRITONSERVER_RESPONSE_COMPLETE_FINAL)

"""MLServer runtimes, written as its documentation shows: tensors in and out through the codecs."""

from mlserver import MLModel
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Identity(MLModel):
    """Answers each INPUTi as OUTPUTi."""

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        outputs = [answer(tensor, tensor.name.replace("INPUT", "OUTPUT")) for tensor in payload.inputs]
        return response(self, outputs)



class AddSub(Identity):
    """Answers the sum and the difference of two inputs."""

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        arrays = {tensor.name: NumpyCodec.decode_input(tensor) for tensor in payload.inputs}
        left, right = arrays["INPUT0"], arrays["INPUT1"]
        outputs = [NumpyCodec.encode_output("OUTPUT0", left + right), NumpyCodec.encode_output("OUTPUT1", left - right)]
        return response(self, outputs)


def answer(tensor, name):
    codec = StringCodec if tensor.datatype == "BYTES" else NumpyCodec
    return codec.encode_output(name, codec.decode_input(tensor))


def response(model, outputs):
    return InferenceResponse(model_name=model.name, model_version=model.version, outputs=outputs)

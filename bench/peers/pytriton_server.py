"""PyTriton: Triton around a Python function.

    python pytriton_server.py PORT NAME=MODEL.onnx …

Chosen: its @batch decorator and its own dynamic batching, which is always on; no gRPC or metrics door to the outside.
"""

import os
import re

from peer import MAX_BATCH, OnnxModel, free_port, read_arguments
from pytriton.decorators import batch
from pytriton.model_config import ModelConfig, Tensor
from pytriton.triton import Triton, TritonConfig

arguments = read_arguments()


def bind(triton: Triton, name: str, model: OnnxModel) -> None:
    @batch
    def infer(**inputs):
        return {model.output: model(inputs[model.input])}

    outputs = model.session.get_outputs()[-1].shape[1:]
    triton.bind(
        model_name=name,
        infer_func=infer,
        inputs=[Tensor(name=model.input, dtype=model.dtype, shape=tuple(model.row))],
        outputs=[Tensor(name=model.output, dtype=model.array(0.0, dtype="float32").dtype.type, shape=tuple(outputs))],
        config=ModelConfig(max_batch_size=MAX_BATCH),
    )


def forget_the_dead(folder: str = "/dev/shm") -> None:
    """Stopped by a signal, it leaves its shared memory behind, named after its process."""
    for name in os.listdir(folder):
        owner = re.match(r"pytrtion(\d+)-", name)
        if owner and not os.path.exists(f"/proc/{owner[1]}"):
            os.remove(os.path.join(folder, name))


forget_the_dead()
config = TritonConfig(
    http_address="127.0.0.1",
    http_port=arguments.port,
    grpc_address="127.0.0.1",
    grpc_port=free_port(),
    allow_metrics=False,
    log_verbose=0,
)
with Triton(config=config) as triton:
    for name, path in arguments.models.items():
        bind(triton, name, OnnxModel(path))
    triton.serve()

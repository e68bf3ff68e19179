"""Triton: the `tritonserver` of pytriton's wheel, on the CPU.

    python triton_server.py PORT NAME=MODEL.onnx … [--batch]

The wheel holds Triton's core, its HTTP and gRPC front ends and the Python backend alone, not the ONNX Runtime backend,
so a model here is a Python one that runs ONNX Runtime (triton_model.py): the front end is Triton's own, the step from
there to the model costs more than its C++ backend's would. Chosen: one instance on one core (instance_group of
KIND_CPU), the log of requests off (the default), no metrics door. --batch is the dynamic batcher, without a delay as its
documentation advises to begin with. Needs the interpreter's shared library.
"""

import os
import shutil
import sys
import sysconfig

import onnxruntime
from peer import MAX_BATCH, free_port, read_arguments

here = os.path.dirname(os.path.abspath(__file__))
types = {"tensor(float)": "TYPE_FP32", "tensor(int64)": "TYPE_INT64"}


def main() -> None:
    arguments = read_arguments()
    triton = os.path.join(sysconfig.get_path("purelib"), "pytriton", "tritonserver")
    place_stub(triton)
    for name, path in arguments.models.items():
        write_model(os.path.join(arguments.home, name), os.path.abspath(path), arguments.batch)
    # The backend's Python takes its packages from beside the first `python3` of the path.
    os.environ["PATH"] = f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"
    os.environ["LD_LIBRARY_PATH"] = sysconfig.get_config_var("LIBDIR")
    program = os.path.join(triton, "bin", "tritonserver")
    options = {
        "model-repository": arguments.home,
        "backend-directory": os.path.join(triton, "backends"),
        "backend-config": f"python,shm-region-prefix-name=bench{arguments.port}",
        "http-address": "127.0.0.1",
        "http-port": arguments.port,
        "grpc-address": "127.0.0.1",
        "grpc-port": free_port(),
        "allow-metrics": "false",
        "log-verbose": 0,
    }
    os.execv(program, [program, *(f"--{key}={value}" for key, value in options.items())])


def place_stub(triton: str) -> None:
    """The backend looks for the process that runs a model beside itself; the wheel has one a version of Python."""
    name = "triton_python_backend_stub"
    stub = os.path.join(triton, "backends", "python", name)
    if not os.path.exists(stub):
        shutil.copy(os.path.join(triton, "python_backend_stubs", sysconfig.get_python_version(), name), stub)


def write_model(folder: str, path: str, batch: bool) -> None:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    given, found = session.get_inputs()[0], session.get_outputs()[-1]
    os.makedirs(os.path.join(folder, "1"))
    with open(os.path.join(folder, "1", "model.py"), "w", encoding="utf-8") as file:
        file.write(f"import sys\n\nsys.path.insert(0, {here!r})\nfrom triton_model import TritonPythonModel\n")
    with open(os.path.join(folder, "config.pbtxt"), "w", encoding="utf-8") as file:
        file.write(f"""backend: "python"
max_batch_size: {MAX_BATCH}
instance_group {{ kind: KIND_CPU count: 1 }}
parameters {{ key: "path" value: {{ string_value: "{path}" }} }}
input {{ name: "{given.name}" data_type: {types[given.type]} dims: {given.shape[1:]} }}
output {{ name: "{found.name}" data_type: {types[found.type]} dims: {found.shape[1:]} }}
{"dynamic_batching { }" if batch else ""}
""")


main()
